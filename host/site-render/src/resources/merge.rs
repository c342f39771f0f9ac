//! Merging a document into the object of its identity: maps merge, keyed lists merge by
//! their keys, all else is one value; a null takes a key away.

use std::sync::Arc;

use super::{Identity, Maker, Object, keys, layer, told};
use crate::codes;
use crate::finding::{Finding, Problems};
use crate::json;
use crate::origin::Origin;
use crate::value::{Kind, Mapping, Node, Value, escape};

/// The object with a document of a later layer on it.
pub(super) fn merged(
    object: &Object,
    identity: &Identity,
    above: &Node,
    findings: &mut Vec<Finding>,
) -> Result<Node, Problems> {
    let mut laying = Laying { object, identity, path: String::new(), told: Vec::new() };
    let node = laying.lay(&object.node, above, ["", ""]);
    if laying.told.iter().any(Finding::is_error) {
        return Err(Problems(laying.told));
    }
    findings.append(&mut laying.told);
    Ok(node)
}

/// The same without its nulls.
pub(super) fn without_nulls(node: &Node) -> Node {
    let value = match &node.value {
        Value::Mapping(mapping) => {
            let kept = mapping.iter().filter(|(_, node)| !is_null(node));
            let kept = kept.map(|(key, node)| (key.clone(), without_nulls(node)));
            Value::Mapping(Arc::new(kept.collect::<Mapping>()))
        }
        Value::Sequence(items) => {
            Value::Sequence(Arc::new(items.iter().map(without_nulls).collect()))
        }
        other => other.clone(),
    };
    Node { value, origin: node.origin.clone() }
}

/// One document on its way into an object.
struct Laying<'a> {
    object: &'a Object,
    identity: &'a Identity,
    /// JSON Pointer to where it is.
    path: String,
    /// Notes, and errors.
    told: Vec<Finding>,
}

impl Laying<'_> {
    /// `above` on `below`; `fields` are the names of the mappings that lead here, the last two.
    fn lay(&mut self, below: &Node, above: &Node, fields: [&str; 2]) -> Node {
        let [parent, field] = fields;
        let [api, kind, ..] = self.identity;
        match (&below.value, &above.value) {
            (Value::Mapping(old), Value::Mapping(new)) => {
                let merged = self.mapping(old, new, field);
                Node { value: Value::Mapping(Arc::new(merged)), origin: below.origin.clone() }
            }
            (Value::Sequence(old), Value::Sequence(new)) => {
                match keys::of(api, kind, parent, field) {
                    Some(keys) => {
                        let merged = self.items(keys, old, new, field);
                        Node {
                            value: Value::Sequence(Arc::new(merged)),
                            origin: below.origin.clone(),
                        }
                    }
                    None => self.replaced(below, above),
                }
            }
            _ => self.replaced(below, above),
        }
    }

    fn mapping(&mut self, old: &Mapping, new: &Mapping, field: &str) -> Mapping {
        let mut merged = Mapping::clone(old);
        for (key, node) in new {
            self.at(&escape(key), |laying| match merged.get_mut(key) {
                Some(slot) => *slot = laying.lay(slot, node, [field, key]),
                None => drop(merged.insert(key.clone(), node.clone())),
            });
        }
        merged
    }

    /// Keyed items: those of one key merge, others follow.
    fn items(&mut self, keys: keys::Keys, old: &[Node], new: &[Node], field: &str) -> Vec<Node> {
        let mut merged = old.to_vec();
        let mut seen = Vec::new();
        for item in new {
            let Some(name) = keys::name(keys, item).filter(|name| !seen.contains(name)) else {
                let wanted: Vec<&str> = keys.iter().map(|(key, _)| *key).collect();
                let message = format!(
                    "`{}` of {} has an item without a `{}` of its own",
                    self.path,
                    told(self.identity),
                    wanted.join("` and `")
                );
                let finding = codes::RESOURCES_ITEM.finding(message);
                self.told.push(finding.at(item.origin.place()).on(self.path.clone()));
                continue;
            };
            let known =
                merged.iter().position(|other| keys::name(keys, other).as_ref() == Some(&name));
            seen.push(name);
            let index = known.unwrap_or(merged.len());
            self.at(&index.to_string(), |laying| match known {
                Some(index) => merged[index] = laying.lay(&merged[index], item, [field, field]),
                None => merged.push(item.clone()),
            });
        }
        merged
    }

    /// One value in place of another, if whoever said the other made the object.
    fn replaced(&mut self, below: &Node, above: &Node) -> Node {
        if same(below, above) {
            return below.clone();
        }
        let own = layer(&below.origin).filter(|own| layer(&above.origin) == Some(own));
        let theirs = own.map_or_else(|| foreign(below, self.owner()), |_| Some(&below.origin));
        if let Some(theirs) = theirs {
            self.told.push(self.conflict(theirs, above));
            return below.clone();
        }
        if !is_null(above) && !is_null(below) && form(below) != form(above) {
            let message = format!(
                "`{}` of {} is a {} here, and a {} where the object is made ({})",
                self.path,
                told(self.identity),
                form(above),
                form(below),
                self.maker()
            );
            let finding = codes::RESOURCES_KIND.finding(message);
            self.told.push(finding.at(above.origin.place()).on(self.path.clone()));
            return below.clone();
        }
        let message = format!(
            "`{}` of {} is changed here; the object is made by {}",
            self.path,
            told(self.identity),
            self.maker()
        );
        let note = codes::RESOURCES_CHANGED.finding(message);
        self.told.push(note.at(above.origin.place()).on(self.path.clone()));
        above.clone()
    }

    fn conflict(&self, theirs: &Origin, above: &Node) -> Finding {
        let said = |origin: &Origin| origin.describe().unwrap_or_else(|| "this program".to_owned());
        let message = format!(
            "{} and {} disagree on `{}` of {}",
            said(theirs),
            said(&above.origin),
            self.path,
            told(self.identity)
        );
        codes::RESOURCES_CONFLICT
            .finding(message)
            .at(above.origin.place())
            .on(self.path.clone())
            .hint(format!("say it in one of them, or where the object is made: {}", self.maker()))
    }

    /// The layer that made the object, as [`layer`] names it.
    fn owner(&self) -> &str {
        match &self.object.maker {
            Maker::Policy(_) => "",
            Maker::Folder(folder) => folder,
        }
    }

    fn maker(&self) -> String {
        match &self.object.maker {
            Maker::Policy(name) => format!("policy {name}"),
            Maker::Folder(folder) => folder.clone(),
        }
    }

    fn at(&mut self, token: &str, below: impl FnOnce(&mut Self)) {
        let length = self.path.len();
        self.path.push('/');
        self.path.push_str(token);
        below(self);
        self.path.truncate(length);
    }
}

/// A value, at a node or below it, that another layer than this one said.
fn foreign<'n>(node: &'n Node, owner: &str) -> Option<&'n Origin> {
    if layer(&node.origin).is_some_and(|layer| layer != owner) {
        return Some(&node.origin);
    }
    below(node).find_map(|node| foreign(node, owner))
}

fn below(node: &Node) -> Box<dyn Iterator<Item = &Node> + '_> {
    match &node.value {
        Value::Mapping(mapping) => Box::new(mapping.values()),
        Value::Sequence(items) => Box::new(items.iter()),
        _ => Box::new(std::iter::empty()),
    }
}

/// Whether two values are a mapping, a list or a single value.
fn form(node: &Node) -> &'static str {
    match node.value.kind() {
        Kind::Mapping => "mapping",
        Kind::Sequence => "list",
        _ => "single value",
    }
}

fn same(one: &Node, other: &Node) -> bool {
    json::to_string(&one.value) == json::to_string(&other.value)
}

fn is_null(node: &Node) -> bool {
    matches!(node.value, Value::Null)
}
