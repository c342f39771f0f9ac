//! The ways to read an environment variable, by the dotted name of the callee or the indexed
//! object.
//!
//! A call in such a name ends in `()`, an index in `[]`. Sources: Python's `os`; django-environ
//! 0.14 (`environ.Env`), environs 15 (`environs.Env`, `environs.env`) and python-decouple 3.8
//! (`decouple.config`, `AutoConfig`, `Config`), all of which look into `os.environ` first.

/// The environment itself, as text and as bytes.
const ENVIRONMENTS: &[&str] = &["os.environ", "os.environb"];

/// Methods of the environment, and of a copy of it, that read the variable named by their first
/// argument.
const METHODS: &[&str] = &[".get", ".pop", ".setdefault", ".__getitem__"];

/// Functions that read the variable named by their first argument.
const FUNCTIONS: &[&str] =
    &["os.getenv", "os.getenvb", "decouple.config", "decouple.AutoConfig()", "decouple.Config()"];

/// Objects that read a variable when they are called, and through methods named after types.
const OBJECTS: &[&str] =
    &["environ.Env()", "environ.FileAwareEnv()", "environs.Env()", "environs.env"];

/// Methods of such objects that read no variable, or not the one that their first argument names.
const OTHER_METHODS: &[&str] =
    &["read_env", "prefixed", "prefix", "add_parser", "parser_for", "seal", "dump", "contains"];

/// The names that `from ... import *` of these modules binds, with their dotted names.
pub(super) const STARRED: &[(&str, &[(&str, &str)])] = &[
    (
        "os",
        &[
            ("environ", "os.environ"),
            ("environb", "os.environb"),
            ("getenv", "os.getenv"),
            ("getenvb", "os.getenvb"),
        ],
    ),
    ("environ", &[("Env", "environ.Env"), ("FileAwareEnv", "environ.FileAwareEnv")]),
    ("environs", &[("Env", "environs.Env"), ("env", "environs.env")]),
    (
        "decouple",
        &[
            ("config", "decouple.config"),
            ("AutoConfig", "decouple.AutoConfig"),
            ("Config", "decouple.Config"),
        ],
    ),
];

/// The keyword parameters for a variable's name: in `os`, django-environ, environs and
/// python-decouple, in this order.
pub(super) const PARAMETERS: &[&str] = &["key", "var", "name", "option"];

/// Returns whether a dotted name is the environment, as a mapping.
pub(super) fn is_environment(path: &str) -> bool {
    ENVIRONMENTS.contains(&path)
}

/// Returns whether a call or an index reads the variable that its first argument names.
pub(super) fn reads_variable(path: &str) -> bool {
    let of_mapping = |rest: &str| rest == "[]" || METHODS.contains(&rest);
    let mapping = ENVIRONMENTS.iter().any(|one| path.strip_prefix(one).is_some_and(of_mapping));
    mapping || FUNCTIONS.contains(&path) || takes_prefix(path)
}

/// Returns whether it adds a prefix to the name, if one is set.
pub(super) fn takes_prefix(path: &str) -> bool {
    let method = |rest: &str| match rest.strip_prefix('.') {
        Some(method) => !method.contains(['.', '(', '[']) && !OTHER_METHODS.contains(&method),
        None => rest.is_empty() || rest == "[]",
    };
    OBJECTS.iter().any(|one| path.strip_prefix(one).is_some_and(method))
}
