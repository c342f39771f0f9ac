//! Typed reads of a mapping, each by the table of its keys.
//!
//! Null is absent, everywhere: Helm users write `key:` to leave a key out.

use std::collections::BTreeSet;

use crate::codes;
use crate::finding::FindingResult as Result;
use crate::finding::{Finding, Severity, Stage, clip_text};
use crate::finding_list::FindingList;
use crate::keys::{self, FREE, Fallback, Key, Table};
use crate::origin::Location;
use crate::suggestion::{Suggester, nearest};
use crate::value::{Kind, Mapping, Node, Value};

/// A mapping of a file, under the name that its users know.
#[derive(Clone)]
pub(crate) struct Fields<'n> {
    node: &'n Node,
    mapping: &'n Mapping,
    table: &'static Table,
    /// The dotted path, for messages: `site.worker`; empty for the whole file.
    path: String,
    stage: Stage,
}

impl<'n> Fields<'n> {
    /// Reads a node as a mapping with the keys of a table; `what` names it in messages.
    pub(crate) fn of(
        node: &'n Node,
        what: &str,
        table: &'static Table,
        stage: Stage,
    ) -> Result<Self> {
        match node.as_mapping() {
            Some(mapping) => Self { node, mapping, table, path: String::new(), stage }.named(),
            None => Err(wrong_kind(stage, what, "a mapping", node)),
        }
    }

    /// Refuses an empty key in a table of names that users choose.
    fn named(self) -> Result<Self> {
        let chosen = |key: &Key| key.is_pattern() && key.suffix().is_empty();
        let Some(empty) = self.mapping.get("").filter(|_| self.table.keys().any(chosen)) else {
            return Ok(self);
        };
        if std::ptr::eq(self.table, &raw const FREE) {
            return Ok(self);
        }
        let finding = codes::KEY_EMPTY.finding(format!("a key of `{}` is empty", self.path));
        Err(Box::new(finding.stage(self.stage).at(empty.origin.key_place())))
    }

    /// Returns the keys and values.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&'n str, &'n Node)> + use<'n> {
        self.mapping.iter().map(|(key, node)| (&**key, node))
    }

    /// Returns the value of a key, unless it is absent or null.
    pub(crate) fn get(&self, key: &str) -> Option<&'n Node> {
        self.assert_key(key, |_| true);
        self.mapping.get(key).filter(|node| !matches!(node.value, Value::Null))
    }

    /// Returns the place of a key's value, unless it is absent or null.
    pub(crate) fn place(&self, key: &str) -> Option<Location> {
        self.get(key)?.origin.place()
    }

    /// Returns the string of a key.
    pub(crate) fn text(&self, key: &str) -> Result<Option<&'n str>> {
        self.assert_key(key, |key| key.kind.takes_text());
        let Some(node) = self.get(key) else {
            return Ok(None);
        };
        match &node.value {
            Value::Text(text) => {
                self.refuse_control_characters(key, text, node)?;
                Ok(Some(text))
            }
            _ => Err(wrong_kind(self.stage, &self.name(key), "a string", node)),
        }
    }

    /// Returns the string of a key that must be present and not empty.
    pub(crate) fn required(&self, key: &str) -> Result<&'n str> {
        self.assert_key(key, |key| matches!(key.default, Fallback::Required | Fallback::Inherited));
        match self.text(key)? {
            Some(text) if !text.is_empty() => Ok(text),
            _ => Err(Box::new(
                codes::KEY_MISSING
                    .finding(format!("`{}` is required", self.name(key)))
                    .stage(self.stage)
                    .at(self.mapping.get(key).unwrap_or(self.node).origin.key_place()),
            )),
        }
    }

    /// Returns whether a key is true; false where the key is absent.
    pub(crate) fn flag(&self, key: &str) -> Result<bool> {
        self.assert_key(key, |key| matches!(key.kind, keys::Kind::Bool));
        match self.get(key).map(|node| (&node.value, node)) {
            None => Ok(false),
            Some((Value::Bool(flag), _)) => Ok(*flag),
            Some((_, node)) => Err(wrong_kind(self.stage, &self.name(key), "true or false", node)),
        }
    }

    /// Returns the list of strings of a key; an empty one where the key is absent.
    pub(crate) fn texts(&self, key: &str) -> Result<Vec<&'n str>> {
        self.assert_key(key, |key| key.kind.takes_texts());
        let Some(node) = self.get(key) else {
            return Ok(Vec::new());
        };
        let wrong = |node| wrong_kind(self.stage, &self.name(key), "a list of strings", node);
        let items = node.as_sequence().ok_or_else(|| wrong(node))?;
        let text = |item: &'n Node| {
            let text = item.as_text().ok_or_else(|| wrong(item))?;
            self.refuse_control_characters(key, text, item)?;
            Ok(text)
        };
        items.iter().map(text).collect()
    }

    /// Returns the mapping of a key.
    pub(crate) fn fields(&self, key: &str) -> Result<Option<Self>> {
        self.assert_key(key, |key| key.kind.table().is_some());
        let Some(node) = self.get(key) else {
            return Ok(None);
        };
        let table = self.table.key(key).and_then(|key| key.kind.table()).unwrap_or(&FREE);
        match node.as_mapping() {
            Some(mapping) => Self { node, mapping, table, path: self.name(key), stage: self.stage }
                .named()
                .map(Some),
            None => Err(wrong_kind(self.stage, &self.name(key), "a mapping", node)),
        }
    }

    /// Returns the node that holds the mapping.
    pub(crate) fn node(&self) -> &'n Node {
        self.node
    }

    /// Returns the dotted name of a key.
    pub(crate) fn name(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// Returns a warning for each key that is neither in the table nor among `more`.
    pub(crate) fn unknown(&self, more: &[&str]) -> Vec<Finding> {
        let mut findings = FindingList::default();
        self.add_unknown(more, true, &Suggester::default(), &mut findings);
        findings.into_vec()
    }

    /// Returns a warning for each key, here and in all mappings below, that is not in its table. A
    /// mapping in which other programs may have keys is searched for misspelled ones only.
    pub(crate) fn unknown_below(&self) -> Vec<Finding> {
        let mut findings = FindingList::default();
        self.add_unknown_below(&Suggester::default(), &mut findings);
        findings.into_vec()
    }

    fn add_unknown_below(&self, suggester: &Suggester, findings: &mut FindingList) {
        self.add_unknown(&[], !self.table.open, suggester, findings);
        for (key, node) in self.entries() {
            let table = self.table.key(key).and_then(|key| key.kind.table());
            if let (Some(table), Some(mapping)) = (table, node.as_mapping()) {
                let below = Self { node, mapping, table, path: self.name(key), stage: self.stage };
                below.add_unknown_below(suggester, findings);
            }
        }
    }

    /// Adds a warning for each unknown key: `all` of them, or those that resemble a known one.
    fn add_unknown(
        &self,
        more: &[&str],
        all: bool,
        suggester: &Suggester,
        findings: &mut FindingList,
    ) {
        let fixed = self.table.fixed().map(|name| -> &str { name });
        let known: Vec<&str> = fixed.chain(more.iter().copied()).collect();
        let known_set: BTreeSet<&str> = known.iter().copied().collect();
        // A name that the user chooses is right in a table of names, and in an open one by its end.
        let fits = |key: &str| {
            let patterns = self.table.keys().filter(|pattern| pattern.is_pattern());
            let mut right =
                patterns.filter(|pattern| pattern.suffix().is_empty() != self.table.open);
            right.any(|pattern| pattern.matches(key))
        };
        let is_known = |key: &str| known_set.contains(key) || (self.table.open != all && fits(key));
        for (key, node) in self.entries().filter(|(key, _)| !is_known(key)) {
            let near = || suggester.nearest(key, known.len(), known.iter().copied());
            if !all && near().is_none() {
                continue;
            }
            findings.push_with(Severity::Warning, || {
                let message = format!("`{}` is not a known key and is ignored", self.name(key));
                let finding = codes::KEY_UNKNOWN.finding(message).stage(self.stage);
                with_hint(finding, near()).at(node.origin.key_place())
            });
        }
    }

    /// Refuses characters that a terminal or a log interprets, and that no name, path or URL has.
    fn refuse_control_characters(&self, key: &str, text: &str, node: &Node) -> Result<()> {
        let Some(c) = text.chars().find(|c| c.is_control() || is_invisible(*c)) else {
            return Ok(());
        };
        let message = format!("`{}` has the character U+{:04X}", self.name(key), u32::from(c));
        let finding = codes::KEY_CONTROL_CHARACTER.finding(message).stage(self.stage);
        Err(Box::new(finding.at(node.origin.place())))
    }

    /// Asserts that a key is read as its table describes it. This keeps the reference complete:
    /// a reader cannot use a key that has no line there.
    fn assert_key(&self, name: &str, fits: impl Fn(&Key) -> bool) {
        debug_assert!(
            self.table.key(name).is_some_and(fits),
            "`{}` is not read as the table of `{}` describes it",
            self.name(name),
            self.table.path,
        );
    }
}

/// Returns the finding with the nearest known word as a hint, if one is near.
pub(crate) fn with_suggestion<'a>(
    finding: Finding,
    word: &str,
    known: impl Iterator<Item = &'a str>,
) -> Finding {
    with_hint(finding, nearest(word, known))
}

/// Returns the finding with a near word as a hint, if there is one.
pub(crate) fn with_hint(finding: Finding, near: Option<&str>) -> Finding {
    match near {
        Some(near) => finding.hint(format!("did you mean `{near}`?")),
        None => finding,
    }
}

/// Returns the finding with the nearest known word as a hint, else with another hint.
pub(crate) fn with_suggestion_or<'a>(
    finding: Finding,
    word: &str,
    known: impl Iterator<Item = &'a str>,
    otherwise: impl FnOnce() -> String,
) -> Finding {
    match with_suggestion(finding, word, known) {
        hinted if hinted.hint.is_some() => hinted,
        finding => finding.hint(otherwise()),
    }
}

/// Returns whether a character changes the order of those beside it, or is a line break of Unicode.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Returns an error on a value of the wrong kind.
pub(crate) fn wrong_kind(stage: Stage, name: &str, expected: &str, node: &Node) -> Box<Finding> {
    let finding = codes::KEY_WRONG_KIND
        .finding(format!("`{name}` must be {expected}, found {}", describe(node)))
        .stage(stage);
    let finding = match node.value.kind() {
        Kind::Number | Kind::Boolean if expected == "a string" => finding.hint("put it in quotes"),
        _ => finding,
    };
    Box::new(finding.at(node.origin.place()))
}

/// Returns a value as a message shows it.
pub(crate) fn describe(node: &Node) -> String {
    match &node.value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => format!("the boolean {value}"),
        Value::Number(digits) => format!("the number {digits}"),
        Value::Text(text) => format!("the string \"{}\"", clip_text(text, 40)),
        Value::Sequence(_) => "a list".to_owned(),
        Value::Mapping(_) => "a mapping".to_owned(),
    }
}

#[cfg(test)]
mod tests;
