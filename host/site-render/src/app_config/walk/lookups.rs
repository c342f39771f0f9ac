//! Records the calls and indexes that may read environment variables, and the string literals that
//! each name may be bound to.
//!
//! Nothing is resolved here, because `os` may be imported by another layer.

use std::collections::BTreeSet;

use ruff_python_ast::{Expr, ExprCall, ExprContext, ExprSubscript, Operator};
use ruff_text_size::Ranged as _;

use super::{ArgumentSlot, DYNAMIC, Lookup, LookupKey, SyntaxWalk};

/// The maximum number of names in one assignment target; keeps the run time linear in the length
/// of the text.
const MOST_NAMES: usize = 8;

impl SyntaxWalk {
    /// Records a call that may read a variable, bind any name, or set a prefix.
    pub(super) fn note_call(&mut self, call: &ExprCall) {
        let Some(what) = dotted_name(&call.func) else { return };
        if DYNAMIC.contains(&what.as_str()) {
            self.facts.dynamic.push((what, call.start()));
            return;
        }
        let mut arguments: Vec<(ArgumentSlot, LookupKey)> = Vec::new();
        for (index, value) in call.arguments.args.iter().enumerate() {
            arguments.extend(lookup_key(value).map(|key| (ArgumentSlot::Index(index), key)));
        }
        for keyword in &call.arguments.keywords {
            let name = keyword.arg.as_ref().map(|name| ArgumentSlot::Named(name.to_string()));
            arguments.extend(name.zip(lookup_key(&keyword.value)));
        }
        let prefix = what.strip_suffix("prefixed").is_some_and(|reader| reader.ends_with('.'));
        if let (true, Some((_, LookupKey::Word(word)))) = (prefix, arguments.first()) {
            self.note_prefix(word.clone());
        }
        self.note_lookup(what, arguments);
    }

    /// Records a prefix that a reader adds to names: `env.prefix = "APP_"`, `with
    /// env.prefixed("APP_")`.
    fn note_prefix(&mut self, word: String) {
        if self.facts.prefixes.len() < MOST_NAMES {
            self.facts.prefixes.insert(word);
        }
    }

    /// Records an index that may read a variable.
    pub(super) fn note_index(&mut self, index: &ExprSubscript) {
        let read = matches!(index.ctx, ExprContext::Load);
        if let (true, Some(what), Some(key)) =
            (read, dotted_name(&index.value), lookup_key(&index.slice))
        {
            self.note_lookup(what + "[]", vec![(ArgumentSlot::Index(0), key)]);
        }
    }

    /// Records a lookup, unless no argument can name a variable.
    fn note_lookup(&mut self, what: String, arguments: Vec<(ArgumentSlot, LookupKey)>) {
        if !arguments.is_empty() {
            let within = self.functions.iter().rev().find_map(|number| *number);
            self.facts.lookups.push(Lookup { what, within, arguments });
        }
    }

    /// Records the literals and names that the names of a target may be bound to.
    pub(super) fn note_words_of(&mut self, target: &Expr, value: &Expr) {
        if let (Expr::Name(name), Some(of)) = (target, dotted_name(value)) {
            self.facts.aliases.push((name.id.to_string(), of));
        }
        if let (Expr::Attribute(attribute), Some(LookupKey::Word(word))) =
            (target, lookup_key(value))
            && attribute.attr.as_str() == "prefix"
        {
            self.note_prefix(word);
        }
        let mut names = Vec::new();
        collect_targets(target, &mut names);
        names.truncate(MOST_NAMES);
        let (mut words, mut copies) = (BTreeSet::new(), Vec::new());
        collect_words(value, &mut words, &mut copies);
        for name in names {
            if !words.is_empty() {
                self.facts.words.entry(name.clone()).or_default().extend(words.iter().cloned());
            }
            self.facts.copies.extend(copies.iter().map(|of| (name.clone(), of.clone())));
        }
    }
}

/// Returns the dotted name of an expression such as `os.environ`, or of the object that it copies;
/// `()` marks the result of a call.
fn dotted_name(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Name(name) => Some(name.id.to_string()),
        Expr::Attribute(attribute) => {
            Some(format!("{}.{}", dotted_name(&attribute.value)?, attribute.attr))
        }
        Expr::Call(call) => {
            let what = dotted_name(&call.func)?;
            let copied = what.strip_suffix(".copy").filter(|_| call.arguments.args.is_empty());
            match (what.as_str(), &call.arguments.args[..]) {
                ("dict" | "copy.copy" | "copy.deepcopy", [only, ..]) => dotted_name(only),
                _ => Some(copied.map_or_else(|| format!("{what}()"), str::to_owned)),
            }
        }
        Expr::BinOp(both) if both.op == Operator::BitOr => {
            dotted_name(&both.left).or_else(|| dotted_name(&both.right))
        }
        // `{**os.environ}`
        Expr::Dict(dict) => dict
            .items
            .iter()
            .filter(|item| item.key.is_none())
            .find_map(|item| dotted_name(&item.value)),
        Expr::Named(named) => dotted_name(&named.value),
        _ => None,
    }
}

/// Returns an expression as a key, if it is a literal or a name.
fn lookup_key(value: &Expr) -> Option<LookupKey> {
    match value {
        Expr::StringLiteral(literal) => variable_word(literal.value.to_str()).map(LookupKey::Word),
        // `os.environb[b"A"]`
        Expr::BytesLiteral(literal) => {
            let bytes: Vec<u8> = literal.value.bytes().collect();
            variable_word(std::str::from_utf8(&bytes).ok()?).map(LookupKey::Word)
        }
        Expr::Name(name) => Some(LookupKey::Name(name.id.to_string())),
        _ => None,
    }
}

/// Returns the text if it can be the name of a variable.
fn variable_word(text: &str) -> Option<String> {
    let shape = |c: char| c.is_ascii_alphanumeric() || c == '_';
    (!text.is_empty() && text.chars().all(shape)).then(|| text.to_owned())
}

/// Collects the names in an assignment target.
fn collect_targets(target: &Expr, names: &mut Vec<String>) {
    match target {
        Expr::Name(name) => names.push(name.id.to_string()),
        Expr::Tuple(tuple) => tuple.elts.iter().for_each(|one| collect_targets(one, names)),
        Expr::List(list) => list.elts.iter().for_each(|one| collect_targets(one, names)),
        _ => {}
    }
}

/// Collects the literals and names in a value.
fn collect_words(value: &Expr, words: &mut BTreeSet<String>, names: &mut Vec<String>) {
    let mut all = |values: &[Expr]| values.iter().for_each(|one| collect_words(one, words, names));
    match value {
        Expr::Tuple(tuple) => all(&tuple.elts),
        Expr::List(list) => all(&list.elts),
        Expr::Set(set) => all(&set.elts),
        Expr::Dict(dict) => {
            for item in &dict.items {
                item.key.iter().for_each(|key| collect_words(key, words, names));
                collect_words(&item.value, words, names);
            }
        }
        Expr::StringLiteral(literal) => words.extend(variable_word(literal.value.to_str())),
        Expr::Name(name) => names.push(name.id.to_string()),
        // `NAMES.items()`, `keys()`, `values()`.
        Expr::Call(call) if call.arguments.is_empty() => {
            if let Expr::Attribute(method) = &*call.func
                && matches!(method.attr.as_str(), "items" | "keys" | "values")
            {
                collect_words(&method.value, words, names);
            }
        }
        _ => {}
    }
}
