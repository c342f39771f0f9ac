//! The commands of the program, from its own help, and how each reads a fleet.

use std::path::Path;

use crate::cmp;

/// How a command reads a fleet.
#[derive(Clone, Copy)]
pub(super) enum Reads {
    /// It reads none, with the reason.
    Nothing(&'static str),
    /// All of it, with these arguments.
    Fleet(&'static [&'static str]),
    /// One site, with these arguments.
    Site(&'static [&'static str]),
}

/// Each command. `FLEET` is the fleet's folder and `SITE` the site.
const COMMANDS: &[(&str, Reads)] = &[
    ("render", Reads::Site(&["FLEET", "--site", "SITE", "--target", "application"])),
    ("explain", Reads::Site(&["FLEET", "--site", "SITE"])),
    ("parameters", Reads::Site(&["FLEET", "--site", "SITE"])),
    ("check", Reads::Fleet(&["FLEET"])),
    ("sources", Reads::Fleet(&["FLEET"])),
    ("certs", Reads::Fleet(&["FLEET"])),
    ("cluster snapshot", Reads::Fleet(&["FLEET", "--environment", "dev", "--check"])),
    ("generate", Reads::Nothing("it is run in the folder of each site")),
    ("serve", Reads::Nothing("it has a test of its own")),
    ("health", Reads::Nothing("it asks a server")),
    ("policy build", Reads::Nothing("it compiles a crate")),
    ("policy lock", Reads::Fleet(&["FLEET", "--check"])),
    ("policy inspect", Reads::Fleet(&["FLEET/policies/nautobot-worker.wasm"])),
    ("schema", Reads::Fleet(&["profile", "FLEET"])),
    ("doctor", Reads::Fleet(&["--repo", "FLEET", "--app", "sites/leak-0"])),
    ("completions", Reads::Nothing("it reads no file")),
];

impl Reads {
    /// The arguments, and whether its standard output has documents.
    pub(super) fn args(self, fleet: &Path, site: &str) -> (Vec<String>, bool) {
        let args = match self {
            Self::Nothing(_) => &[][..],
            Self::Fleet(args) | Self::Site(args) => args,
        };
        let fleet = fleet.to_str().unwrap();
        let word = |arg: &&str| arg.replace("FLEET", fleet).replace("SITE", site);
        (args.iter().map(word).collect(), args.contains(&"--target"))
    }
}

/// Every command that the program's help lists.
pub(super) fn all_commands() -> Vec<(&'static str, Reads)> {
    let mut listed = Vec::new();
    for name in subcommands(&[]) {
        match subcommands(&[&name]) {
            inner if inner.is_empty() => listed.push(name),
            inner => listed.extend(inner.iter().map(|inner| format!("{name} {inner}"))),
        }
    }
    let known = |name: &String| {
        *COMMANDS
            .iter()
            .find(|(known, _)| known == name)
            .unwrap_or_else(|| panic!("the command `{name}` is new: add it to COMMANDS"))
    };
    listed.iter().map(known).collect()
}

/// The formats of a command's option `--output`; one run without it where it has none.
pub(super) fn formats_of(name: &str) -> Vec<Option<String>> {
    let help = cmp().args(name.split(' ')).arg("--help").run().success().stdout;
    let Some((_, option)) = help.split_once("-o, --output") else { return vec![None] };
    let option = option.split("\n  -").next().unwrap_or_default();
    let formats = option.lines().filter_map(|line| line.trim().strip_prefix("- ")?.split_once(':'));
    let formats: Vec<_> = formats.map(|(name, _)| Some(name.to_owned())).collect();
    assert!(!formats.is_empty(), "{name} has formats: {help}");
    formats
}

fn subcommands(of: &[&str]) -> Vec<String> {
    let help = cmp().args(of).arg("--help").run().success().stdout;
    let Some((_, list)) = help.split_once("Commands:\n") else { return Vec::new() };
    let lines = list.lines().take_while(|line| !line.is_empty());
    let names =
        lines.filter_map(|line| line.strip_prefix("  ").filter(|rest| !rest.starts_with(' ')));
    let names = names.filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}
