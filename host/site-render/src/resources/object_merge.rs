//! Merges a document into the object with the same identity. Mappings are merged by key and keyed
//! lists by their keys; any other value is replaced, and a null deletes its key.

use std::sync::Arc;

use super::{Creator, MergedObject, ObjectIdentity, display_name, layer_of, list_keys};
use crate::codes;
use crate::finding::{Finding, Problems};
use crate::json;
use crate::origin::Origin;
use crate::value::{Kind, Mapping, Node, Value, escape};

/// Merges a document of a later layer into an object.
pub(super) fn merge_object(
    object: &MergedObject,
    identity: &ObjectIdentity,
    above: &Node,
    findings: &mut Vec<Finding>,
) -> Result<Node, Problems> {
    let mut merge = ObjectMerge { object, identity, path: String::new(), findings: Vec::new() };
    let node = merge.merge_node(&object.node, above, ["", ""]);
    if merge.findings.iter().any(Finding::is_error) {
        return Err(Problems(merge.findings));
    }
    findings.append(&mut merge.findings);
    Ok(node)
}

/// Returns a node without the nulls in it.
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

/// The merge of one document into an object.
struct ObjectMerge<'a> {
    object: &'a MergedObject,
    identity: &'a ObjectIdentity,
    /// The JSON Pointer of the current value.
    path: String,
    /// Notes and errors.
    findings: Vec<Finding>,
}

impl ObjectMerge<'_> {
    /// Merges `above` into `below`; `fields` are the last two mapping keys of the path.
    fn merge_node(&mut self, below: &Node, above: &Node, fields: [&str; 2]) -> Node {
        let [parent, field] = fields;
        let [api, kind, ..] = self.identity;
        match (&below.value, &above.value) {
            (Value::Mapping(old), Value::Mapping(new)) => {
                let merged = self.merge_mappings(old, new, field);
                Node { value: Value::Mapping(Arc::new(merged)), origin: below.origin.clone() }
            }
            (Value::Sequence(old), Value::Sequence(new)) => {
                match list_keys::keys_of(api, kind, parent, field) {
                    Some(keys) => {
                        let merged = self.merge_items(keys, old, new, field);
                        Node {
                            value: Value::Sequence(Arc::new(merged)),
                            origin: below.origin.clone(),
                        }
                    }
                    None => self.replace_value(below, above),
                }
            }
            _ => self.replace_value(below, above),
        }
    }

    /// Merges two mappings by key.
    fn merge_mappings(&mut self, old: &Mapping, new: &Mapping, field: &str) -> Mapping {
        let mut merged = Mapping::clone(old);
        for (key, node) in new {
            self.descend(&escape(key), |merge| match merged.get_mut(key) {
                Some(slot) => *slot = merge.merge_node(slot, node, [field, key]),
                None => drop(merged.insert(key.clone(), node.clone())),
            });
        }
        merged
    }

    /// Merges items with equal keys, and appends the others.
    fn merge_items(
        &mut self,
        keys: list_keys::ListKeys,
        old: &[Node],
        new: &[Node],
        field: &str,
    ) -> Vec<Node> {
        let mut merged = old.to_vec();
        let mut seen = Vec::new();
        for item in new {
            let Some(name) = list_keys::item_name(keys, item).filter(|name| !seen.contains(name))
            else {
                let key_names: Vec<&str> = keys.iter().map(|(key, _)| *key).collect();
                let message = format!(
                    "`{}` of {} has an item without a unique `{}`",
                    self.path,
                    display_name(self.identity),
                    key_names.join("` and `")
                );
                let finding = codes::RESOURCES_ITEM.finding(message);
                self.findings.push(finding.at(item.origin.place()).on(self.path.clone()));
                continue;
            };
            let known = merged
                .iter()
                .position(|other| list_keys::item_name(keys, other).as_ref() == Some(&name));
            seen.push(name);
            let index = known.unwrap_or(merged.len());
            self.descend(&index.to_string(), |merge| match known {
                Some(index) => {
                    merged[index] = merge.merge_node(&merged[index], item, [field, field]);
                }
                None => merged.push(item.clone()),
            });
        }
        merged
    }

    /// Replaces a value, if it was set by the object's creator.
    fn replace_value(&mut self, below: &Node, above: &Node) -> Node {
        if is_same(below, above) {
            return below.clone();
        }
        // Two documents of one folder have no order that users rely on, so they must agree.
        let own = layer_of(&below.origin).filter(|own| layer_of(&above.origin) == Some(own));
        let theirs =
            own.map_or_else(|| foreign_origin(below, self.owner_layer()), |_| Some(&below.origin));
        if let Some(theirs) = theirs {
            self.findings.push(self.conflict_finding(theirs, above));
            return below.clone();
        }
        if !is_null(above) && !is_null(below) && shape_of(below) != shape_of(above) {
            let message = format!(
                "`{}` of {} must be a {}, as {} sets it, found a {}",
                self.path,
                display_name(self.identity),
                shape_of(below),
                self.creator_name(),
                shape_of(above)
            );
            let finding = codes::RESOURCES_KIND.finding(message);
            self.findings.push(finding.at(above.origin.place()).on(self.path.clone()));
            return below.clone();
        }
        let message = format!(
            "`{}` of {} is overridden here; the object is created by {}",
            self.path,
            display_name(self.identity),
            self.creator_name()
        );
        let note = codes::RESOURCES_CHANGED.finding(message);
        self.findings.push(note.at(above.origin.place()).on(self.path.clone()));
        above.clone()
    }

    /// Returns the error for two layers that set different values.
    fn conflict_finding(&self, theirs: &Origin, above: &Node) -> Finding {
        let describe = |origin: &Origin| origin.describe().unwrap_or_else(|| "site-cmp".to_owned());
        let message = format!(
            "{} and {} disagree on `{}` of {}",
            describe(theirs),
            describe(&above.origin),
            self.path,
            display_name(self.identity)
        );
        codes::RESOURCES_CONFLICT
            .finding(message)
            .at(above.origin.place())
            .on(self.path.clone())
            .hint(format!(
                "set it in only one of them, or where the object is created: {}",
                self.creator_name()
            ))
    }

    /// Returns the layer that created the object, in the form of [`layer_of`].
    fn owner_layer(&self) -> &str {
        match &self.object.creator {
            Creator::Policy(_) => "",
            Creator::Folder(folder) => folder,
        }
    }

    /// Returns the name of the object's creator.
    fn creator_name(&self) -> String {
        match &self.object.creator {
            Creator::Policy(name) => format!("policy {name}"),
            Creator::Folder(folder) => folder.clone(),
        }
    }

    /// Runs a merge one level deeper in the path.
    fn descend(&mut self, token: &str, below: impl FnOnce(&mut Self)) {
        let length = self.path.len();
        self.path.push('/');
        self.path.push_str(token);
        below(self);
        self.path.truncate(length);
    }
}

/// Returns the origin of a value in the tree that was set by another layer than the owner.
fn foreign_origin<'n>(node: &'n Node, owner: &str) -> Option<&'n Origin> {
    if layer_of(&node.origin).is_some_and(|layer| layer != owner) {
        return Some(&node.origin);
    }
    child_nodes(node).find_map(|node| foreign_origin(node, owner))
}

/// Returns the children of a node.
fn child_nodes(node: &Node) -> Box<dyn Iterator<Item = &Node> + '_> {
    match &node.value {
        Value::Mapping(mapping) => Box::new(mapping.values()),
        Value::Sequence(items) => Box::new(items.iter()),
        _ => Box::new(std::iter::empty()),
    }
}

/// Returns the shape of a value: a mapping, a list or a single value.
fn shape_of(node: &Node) -> &'static str {
    match node.value.kind() {
        Kind::Mapping => "mapping",
        Kind::Sequence => "list",
        _ => "single value",
    }
}

/// Returns whether two values are equal as JSON.
fn is_same(one: &Node, other: &Node) -> bool {
    json::to_string(&one.value) == json::to_string(&other.value)
}

/// Returns whether a node is null.
fn is_null(node: &Node) -> bool {
    matches!(node.value, Value::Null)
}
