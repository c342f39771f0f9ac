//! Which environment variables a configuration reads, reads in its syntax.
//!
//! `os.environ["A"]`, `os.environ.get("A")`, `os.getenv("A")` and what `readers` lists beside,
//! whatever they are called, in whichever layer they are imported; names that stand for words,
//! and functions of the configuration that hand their argument on. A name that is computed is
//! not seen. That such a line also runs, and what becomes of its value, is looked at in `flow`.

use std::collections::{BTreeMap, BTreeSet};

use super::python::{ArgumentSlot, Lookup, LookupKey, Module};
use super::readers;

/// How many functions hand a name on to each other, and how many names one thing has.
const ROUNDS: usize = 8;

/// The longest dotted name that is looked at, in bytes: names of names make it longer.
const LONGEST: usize = 500;

/// Functions of the configuration that hand an argument on to a getter, with which.
type HelperSlots = BTreeMap<String, BTreeSet<ArgumentSlot>>;

/// The variables that the modules read as one.
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

/// The parameter that a lookup is given: of which function, at which place, by which name.
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

/// What is read: words, and names that stand for some.
#[derive(Default)]
struct EnvReads<'m> {
    words: BTreeSet<&'m str>,
    names: BTreeSet<&'m str>,
    /// Whether a reader that may have a prefix reads one of them.
    prefixed: bool,
}

impl<'m> EnvReads<'m> {
    /// All words, those too that the names stand for; each name is followed once.
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

/// Other names of things, in all modules.
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

/// The arguments of a lookup, by its full name, that name a variable.
fn variable_keys<'l>(
    lookup: &'l Lookup,
    what: &str,
    helpers: &HelperSlots,
) -> impl Iterator<Item = &'l LookupKey> {
    let getter = readers::reads_variable(what);
    let helped = helpers.get(&lookup.what);
    lookup.given.iter().filter_map(move |(slot, key)| {
        let first = match slot {
            ArgumentSlot::Index(index) => *index == 0,
            ArgumentSlot::Named(name) => readers::PARAMETERS.contains(&name.as_str()),
        };
        let named = getter && first || helped.is_some_and(|slots| slots.contains(slot));
        named.then_some(key)
    })
}

/// A dotted name with its aliases followed.
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
