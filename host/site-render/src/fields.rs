//! Typed reads of a mapping: the one place that says "must be a string" and means it.
//!
//! Null is absent, everywhere: Helm users write `key:` to leave a key out.

use crate::codes;
use crate::finding::{Finding, Stage, clip_text};
use crate::value::{Kind, Mapping, Node, Value};

type Result<T> = std::result::Result<T, Box<Finding>>;

/// A mapping under the name a user knows it by.
#[derive(Clone)]
pub(crate) struct Fields<'n> {
    node: &'n Node,
    mapping: &'n Mapping,
    /// Dotted, for messages: `site.worker`; empty for the whole file.
    path: String,
    stage: Stage,
}

impl<'n> Fields<'n> {
    /// The mapping of a node; `what` names the node where it is none.
    pub(crate) fn of(node: &'n Node, what: &str, stage: Stage) -> Result<Self> {
        match node.as_mapping() {
            Some(mapping) => Ok(Self { node, mapping, path: String::new(), stage }),
            None => Err(wrong_kind(stage, what, "a mapping", node)),
        }
    }

    /// Its keys and values.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&'n str, &'n Node)> + use<'n> {
        self.mapping.iter().map(|(key, node)| (&**key, node))
    }

    /// The value of a key, unless it is absent or null.
    pub(crate) fn get(&self, key: &str) -> Option<&'n Node> {
        self.mapping.get(key).filter(|node| !matches!(node.value, Value::Null))
    }

    /// A string.
    pub(crate) fn text(&self, key: &str) -> Result<Option<&'n str>> {
        let Some(node) = self.get(key) else {
            return Ok(None);
        };
        match &node.value {
            Value::Text(text) => Ok(Some(text)),
            _ => Err(wrong_kind(self.stage, &self.name(key), "a string", node)),
        }
    }

    /// A string that has to be there and not empty.
    pub(crate) fn required(&self, key: &str) -> Result<&'n str> {
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

    /// A list of strings.
    pub(crate) fn texts(&self, key: &str) -> Result<Vec<&'n str>> {
        let Some(node) = self.get(key) else {
            return Ok(Vec::new());
        };
        let Some(items) = node.as_sequence() else {
            return Err(wrong_kind(self.stage, &self.name(key), "a list of strings", node));
        };
        items
            .iter()
            .map(|item| {
                item.as_text().ok_or_else(|| {
                    wrong_kind(self.stage, &self.name(key), "a list of strings", item)
                })
            })
            .collect()
    }

    /// A mapping.
    pub(crate) fn fields(&self, key: &str) -> Result<Option<Self>> {
        let Some(node) = self.get(key) else {
            return Ok(None);
        };
        match node.as_mapping() {
            Some(mapping) => {
                Ok(Some(Self { node, mapping, path: self.name(key), stage: self.stage }))
            }
            None => Err(wrong_kind(self.stage, &self.name(key), "a mapping", node)),
        }
    }

    /// The node behind it.
    pub(crate) fn node(&self) -> &'n Node {
        self.node
    }

    /// A key's dotted name.
    pub(crate) fn name(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// A warning for each key that is not among `known`.
    pub(crate) fn unknown(&self, known: &[&str]) -> Vec<Finding> {
        self.entries()
            .filter(|(key, _)| !known.contains(key))
            .map(|(key, node)| {
                let name = self.name(key);
                let finding = codes::KEY_UNKNOWN
                    .finding(format!("`{name}` is not a known key and does nothing"))
                    .stage(self.stage);
                with_suggestion(finding, key, known.iter().copied()).at(node.origin.key_place())
            })
            .collect()
    }
}

/// The finding, with the nearest of the known words as a hint, if one is near.
pub(crate) fn with_suggestion<'a>(
    finding: Finding,
    word: &str,
    known: impl Iterator<Item = &'a str>,
) -> Finding {
    match nearest(word, known) {
        Some(near) => finding.hint(format!("did you mean `{near}`?")),
        None => finding,
    }
}

/// The finding, with the nearest of the known words as a hint, else with another hint.
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

/// The known word nearest to `word`, if it is near enough to be a slip.
pub(crate) fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|candidate| (strsim::jaro_winkler(word, candidate), candidate))
        .filter(|(score, _)| *score > 0.84)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

/// An error: this has to be something else.
pub(crate) fn wrong_kind(stage: Stage, name: &str, wanted: &str, node: &Node) -> Box<Finding> {
    let finding = codes::KEY_WRONG_KIND
        .finding(format!("`{name}` must be {wanted}, found {}", found(node)))
        .stage(stage);
    let finding = match node.value.kind() {
        Kind::Number | Kind::Boolean if wanted == "a string" => finding.hint("put it in quotes"),
        _ => finding,
    };
    Box::new(finding.at(node.origin.place()))
}

/// A value as a message shows it.
pub(crate) fn found(node: &Node) -> String {
    match &node.value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => format!("the boolean {value}"),
        Value::Number(digits) => format!("the number {digits}"),
        Value::Text(text) => format!("the string \"{}\"", clip_text(text, 40)),
        Value::Sequence(_) => "a list".to_owned(),
        Value::Mapping(_) => "a mapping".to_owned(),
    }
}
