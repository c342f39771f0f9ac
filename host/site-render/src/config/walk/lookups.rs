//! What may lead to the environment's variables: calls and indexes that are given words,
//! and which words a name may stand for.
//!
//! All of it is noted and nothing is resolved here: `os` may be another layer's import.

use std::collections::BTreeSet;

use ruff_python_ast::{Expr, ExprCall, ExprContext, ExprSubscript, Operator};
use ruff_text_size::Ranged as _;

use super::{DYNAMIC, Key, Lookup, Slot, Walk};

/// The most names of one target that are looked at: the time stays that of the text's length.
const MOST_NAMES: usize = 8;

impl Walk {
    pub(super) fn call(&mut self, call: &ExprCall) {
        let Some(what) = dotted(&call.func) else { return };
        if DYNAMIC.contains(&what.as_str()) {
            self.facts.dynamic.push((what, call.start()));
            return;
        }
        let mut given: Vec<(Slot, Key)> = Vec::new();
        for (index, value) in call.arguments.args.iter().enumerate() {
            given.extend(key(value).map(|key| (Slot::Index(index), key)));
        }
        for keyword in &call.arguments.keywords {
            let name = keyword.arg.as_ref().map(|name| Slot::Named(name.to_string()));
            given.extend(name.zip(key(&keyword.value)));
        }
        let prefix = what.strip_suffix("prefixed").is_some_and(|reader| reader.ends_with('.'));
        if let (true, Some((_, Key::Word(word)))) = (prefix, given.first()) {
            self.prefix(word.clone());
        }
        self.look_up(what, given);
    }

    /// Notes what a reader puts before the names of variables: `env.prefix = "APP_"`,
    /// `with env.prefixed("APP_")`.
    fn prefix(&mut self, word: String) {
        if self.facts.prefixes.len() < MOST_NAMES {
            self.facts.prefixes.insert(word);
        }
    }

    pub(super) fn index(&mut self, index: &ExprSubscript) {
        let read = matches!(index.ctx, ExprContext::Load);
        if let (true, Some(what), Some(key)) = (read, dotted(&index.value), key(&index.slice)) {
            self.look_up(what + "[]", vec![(Slot::Index(0), key)]);
        }
    }

    fn look_up(&mut self, what: String, given: Vec<(Slot, Key)>) {
        if !given.is_empty() {
            let within = self.functions.iter().rev().find_map(|number| *number);
            self.facts.lookups.push(Lookup { what, within, given });
        }
    }

    /// Notes what the names of a target may stand for, given what they are taken from.
    pub(super) fn stands_for(&mut self, target: &Expr, value: &Expr) {
        if let (Expr::Name(name), Some(of)) = (target, dotted(value)) {
            self.facts.aliases.push((name.id.to_string(), of));
        }
        if let (Expr::Attribute(attribute), Some(Key::Word(word))) = (target, key(value))
            && attribute.attr.as_str() == "prefix"
        {
            self.prefix(word);
        }
        let mut names = Vec::new();
        targets(target, &mut names);
        names.truncate(MOST_NAMES);
        let (mut words, mut copies) = (BTreeSet::new(), Vec::new());
        gather(value, &mut words, &mut copies);
        for name in names {
            if !words.is_empty() {
                self.facts.words.entry(name.clone()).or_default().extend(words.iter().cloned());
            }
            self.facts.copies.extend(copies.iter().map(|of| (name.clone(), of.clone())));
        }
    }
}

/// Returns a name with its attributes, `os.environ`, and what it is a copy of; `()` stands for
/// what a call makes.
fn dotted(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Name(name) => Some(name.id.to_string()),
        Expr::Attribute(attribute) => {
            Some(format!("{}.{}", dotted(&attribute.value)?, attribute.attr))
        }
        Expr::Call(call) => {
            let what = dotted(&call.func)?;
            let copied = what.strip_suffix(".copy").filter(|_| call.arguments.args.is_empty());
            match (what.as_str(), &call.arguments.args[..]) {
                ("dict" | "copy.copy" | "copy.deepcopy", [only, ..]) => dotted(only),
                _ => Some(copied.map_or_else(|| format!("{what}()"), str::to_owned)),
            }
        }
        Expr::BinOp(both) if both.op == Operator::BitOr => {
            dotted(&both.left).or_else(|| dotted(&both.right))
        }
        // `{**os.environ}`
        Expr::Dict(dict) => {
            dict.items.iter().filter(|item| item.key.is_none()).find_map(|item| dotted(&item.value))
        }
        Expr::Named(named) => dotted(&named.value),
        _ => None,
    }
}

fn key(value: &Expr) -> Option<Key> {
    match value {
        Expr::StringLiteral(literal) => word(literal.value.to_str()).map(Key::Word),
        // `os.environb[b"A"]`
        Expr::BytesLiteral(literal) => {
            let bytes: Vec<u8> = literal.value.bytes().collect();
            word(std::str::from_utf8(&bytes).ok()?).map(Key::Word)
        }
        Expr::Name(name) => Some(Key::Name(name.id.to_string())),
        _ => None,
    }
}

/// What can be a variable's name.
fn word(text: &str) -> Option<String> {
    let shape = |c: char| c.is_ascii_alphanumeric() || c == '_';
    (!text.is_empty() && text.chars().all(shape)).then(|| text.to_owned())
}

fn targets(target: &Expr, names: &mut Vec<String>) {
    match target {
        Expr::Name(name) => names.push(name.id.to_string()),
        Expr::Tuple(tuple) => tuple.elts.iter().for_each(|one| targets(one, names)),
        Expr::List(list) => list.elts.iter().for_each(|one| targets(one, names)),
        _ => {}
    }
}

/// Words and names that a value is written with.
fn gather(value: &Expr, words: &mut BTreeSet<String>, names: &mut Vec<String>) {
    let mut all = |values: &[Expr]| values.iter().for_each(|one| gather(one, words, names));
    match value {
        Expr::Tuple(tuple) => all(&tuple.elts),
        Expr::List(list) => all(&list.elts),
        Expr::Set(set) => all(&set.elts),
        Expr::Dict(dict) => {
            for item in &dict.items {
                item.key.iter().for_each(|key| gather(key, words, names));
                gather(&item.value, words, names);
            }
        }
        Expr::StringLiteral(literal) => words.extend(word(literal.value.to_str())),
        Expr::Name(name) => names.push(name.id.to_string()),
        // `NAMES.items()`, `keys()`, `values()`.
        Expr::Call(call) if call.arguments.is_empty() => {
            if let Expr::Attribute(method) = &*call.func
                && matches!(method.attr.as_str(), "items" | "keys" | "values")
            {
                gather(&method.value, words, names);
            }
        }
        _ => {}
    }
}
