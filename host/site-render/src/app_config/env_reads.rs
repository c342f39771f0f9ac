//! Finds the environment variables that a configuration reads, from its syntax alone.
//!
//! It recognises `os.environ["A"]`, `os.environ.get("A")`, `os.getenv("A")` and the other ways
//! that `readers` lists, under any alias and from any layer; names bound to string literals; and
//! functions of the configuration that pass their argument to a reader. It does not see computed
//! names. Whether such a line runs, and how its value is used, is analysed in `flow`.

use std::collections::{BTreeMap, BTreeSet};

use super::python::{ArgumentSlot, Lookup, LookupKey, Module};
use super::readers;

/// The maximum number of functions that pass a name on to each other, and of aliases of one name.
const ROUNDS: usize = 8;

/// The maximum length of a resolved dotted name, in bytes: aliases of aliases make it longer.
const LONGEST: usize = 500;

/// Functions of the configuration that pass an argument on to a reader, with the argument.
type HelperSlots = BTreeMap<String, BTreeSet<ArgumentSlot>>;

/// Returns the variables that the modules read when they run as one module.
pub(super) fn find_variables(modules: &[&Module]) -> BTreeSet<String> {
    let aliases = collect_aliases(modules);
    let mut helpers = HelperSlots::new();
    let mut reads = EnvReads::default();
    for _ in 0..ROUNDS {
        let mut more = HelperSlots::new();
        for module in modules {
            for lookup in &module.facts.lookups {
                let what = resolve_aliases(&lookup.what, &aliases);
                for key in variable_keys(lookup, &what, &helpers) {
                    match (key, helper_parameter(module, lookup, key)) {
                        (LookupKey::Word(word), _) => {
                            reads.words.insert(word);
                            reads.prefixed |= readers::takes_prefix(&what);
                        }
                        (LookupKey::Name(_), Some((function, index, name))) => {
                            let slots = [ArgumentSlot::Index(index), ArgumentSlot::Named(name)];
                            more.entry(function).or_default().extend(slots);
                        }
                        (LookupKey::Name(name), None) => reads.names.extend([name.as_str()]),
                    }
                }
            }
        }
        if more.iter().all(|(name, slots)| helpers.get(name) == Some(slots)) {
            break;
        }
        helpers = more;
    }
    reads.resolve_names(modules)
}

/// Returns the function parameter that a lookup uses as its key: function, index and name.
fn helper_parameter(
    module: &Module,
    lookup: &Lookup,
    key: &LookupKey,
) -> Option<(String, usize, String)> {
    let LookupKey::Name(name) = key else { return None };
    let (function, parameters) = &module.facts.functions[lookup.within?];
    let index = parameters.iter().position(|other| other == name)?;
    Some((function.clone(), index, name.clone()))
}

/// The keys that readers use: string literals, and names bound to some.
#[derive(Default)]
struct EnvReads<'m> {
    words: BTreeSet<&'m str>,
    names: BTreeSet<&'m str>,
    /// Whether a reader that may add a prefix uses one of the keys.
    prefixed: bool,
}

impl<'m> EnvReads<'m> {
    /// Returns all keys as words, with each name resolved once.
    fn resolve_names(self, modules: &[&'m Module]) -> BTreeSet<String> {
        let mut copies: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (name, of) in modules.iter().flat_map(|module| &module.facts.copies) {
            copies.entry(name).or_default().push(of);
        }
        let mut words = self.words;
        let mut seen = self.names.clone();
        let mut next: Vec<&str> = self.names.into_iter().collect();
        while let Some(name) = next.pop() {
            for module in modules {
                words
                    .extend(module.facts.words.get(name).into_iter().flatten().map(String::as_str));
            }
            let more = copies.get(name).into_iter().flatten();
            next.extend(more.filter(|of| seen.insert(of)).copied());
        }
        let mut all: BTreeSet<String> = words.iter().copied().map(str::to_owned).collect();
        if self.prefixed {
            let prefixes: BTreeSet<&String> =
                modules.iter().flat_map(|module| &module.facts.prefixes).take(ROUNDS).collect();
            for prefix in prefixes {
                all.extend(words.iter().map(|word| [prefix, *word].concat()));
            }
        }
        all
    }
}

/// Returns the aliases of all modules.
fn collect_aliases<'m>(modules: &[&'m Module]) -> BTreeMap<&'m str, &'m str> {
    let mut aliases: BTreeMap<&str, &str> = BTreeMap::new();
    for module in modules {
        for (starred, dotted) in readers::STARRED {
            if module.facts.stars.iter().any(|star| star.module == *starred) {
                aliases.extend(dotted.iter().map(|(name, of)| (*name, *of)));
            }
        }
        let own = module.facts.aliases.iter();
        aliases.extend(own.map(|(name, of)| (name.as_str(), of.as_str())));
    }
    aliases
}

/// Returns the arguments of a lookup that name a variable; `what` is the resolved name of the
/// callee.
fn variable_keys<'l>(
    lookup: &'l Lookup,
    what: &str,
    helpers: &HelperSlots,
) -> impl Iterator<Item = &'l LookupKey> {
    let getter = readers::reads_variable(what);
    let helped = helpers.get(&lookup.what);
    lookup.arguments.iter().filter_map(move |(slot, key)| {
        let first = match slot {
            ArgumentSlot::Index(index) => *index == 0,
            ArgumentSlot::Named(name) => readers::PARAMETERS.contains(&name.as_str()),
        };
        let named = getter && first || helped.is_some_and(|slots| slots.contains(slot));
        named.then_some(key)
    })
}

/// Returns a dotted name with its aliases resolved.
fn resolve_aliases(what: &str, aliases: &BTreeMap<&str, &str>) -> String {
    let mut full = what.to_owned();
    for _ in 0..ROUNDS {
        let end = full.find(['.', '[', '(']).unwrap_or(full.len());
        match aliases.get(&full[..end]) {
            Some(of) if **of != full[..end] && full.len() < LONGEST => {
                full.replace_range(..end, of);
            }
            _ => break,
        }
    }
    full
}
