//! Merges a document into the object with the same identity. Mappings are merged by key and keyed
//! lists by their keys; any other value is replaced, and a null deletes its key.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::list_index::ListIndex;
use super::{Creator, MergedObject, ObjectIdentity, display_name, layer_of, list_keys};
use crate::codes;
use crate::finding::{Finding, Problems, Severity};
use crate::finding_list::FindingList;
use crate::json;
use crate::origin::Origin;
use crate::value::{Kind, Mapping, Node, Value, escape};

/// Merges a document of a later layer into an object. A document with an error is merged as far as
/// it goes, so that the errors of later documents are reported too.
pub(super) fn merge_object(
    object: &mut MergedObject,
    identity: &ObjectIdentity,
    above: &Node,
    findings: &mut FindingList,
) -> Result<(), Problems> {
    let MergedObject { node, creator, index, .. } = object;
    let own = FindingList::default();
    let mut merge = ObjectMerge { creator, identity, path: String::new(), findings: own };
    merge.merge_node(node, above, ["", ""], index);
    if merge.findings.has_error() {
        return Err(merge.findings.into());
    }
    findings.extend(merge.findings.into_vec());
    Ok(())
}

/// Returns an object without the keys that later layers have set to null. A null of the layer that
/// created it is data, and so is one in a list that is replaced as a whole.
pub(super) fn without_deleted(object: &MergedObject, [api, kind, ..]: &ObjectIdentity) -> Node {
    DeletedKeys { owner: owner_layer(&object.creator), api, kind }
        .remove_from(&object.node, ["", ""])
}

/// The keys of an object that later layers have deleted.
struct DeletedKeys<'o> {
    owner: &'o str,
    api: &'o str,
    kind: &'o str,
}

impl DeletedKeys<'_> {
    /// Returns a value without them; `fields` are the last two mapping keys of its path.
    fn remove_from(&self, node: &Node, [parent, field]: [&str; 2]) -> Node {
        let value = match &node.value {
            Value::Mapping(mapping) => {
                let kept = mapping.iter().filter(|(_, node)| !self.has(node));
                let kept =
                    kept.map(|(key, node)| (key.clone(), self.remove_from(node, [field, key])));
                Value::Mapping(Arc::new(kept.collect::<Mapping>()))
            }
            Value::Sequence(items)
                if list_keys::keys_of(self.api, self.kind, parent, field).is_some() =>
            {
                let items = items.iter().map(|item| self.remove_from(item, [field, field]));
                Value::Sequence(Arc::new(items.collect()))
            }
            other => other.clone(),
        };
        Node { value, origin: node.origin.clone() }
    }

    /// Returns whether the value of a key deletes it.
    fn has(&self, node: &Node) -> bool {
        is_null(node) && layer_of(&node.origin).is_some_and(|layer| layer != self.owner)
    }
}

/// The merge of one document into an object.
struct ObjectMerge<'a> {
    creator: &'a Creator,
    identity: &'a ObjectIdentity,
    /// The JSON Pointer of the current value.
    path: String,
    /// Notes and errors.
    findings: FindingList,
}

impl ObjectMerge<'_> {
    /// Merges `above` into `below`; `fields` are the last two mapping keys of the path.
    fn merge_node(
        &mut self,
        below: &mut Node,
        above: &Node,
        fields: [&str; 2],
        index: &mut ListIndex,
    ) {
        let [parent, field] = fields;
        let [api, kind, ..] = self.identity;
        match (&mut below.value, &above.value) {
            (Value::Mapping(old), Value::Mapping(new)) => {
                self.merge_mappings(Arc::make_mut(old), new, field, index);
            }
            (Value::Sequence(old), Value::Sequence(new)) => {
                match list_keys::keys_of(api, kind, parent, field) {
                    Some(keys) => self.merge_items(keys, Arc::make_mut(old), new, field, index),
                    None => self.replace_value(below, above, index),
                }
            }
            _ => self.replace_value(below, above, index),
        }
    }

    /// Merges a mapping into another by key.
    fn merge_mappings(
        &mut self,
        merged: &mut Mapping,
        new: &Mapping,
        field: &str,
        index: &mut ListIndex,
    ) {
        for (key, node) in new {
            match merged.get_mut(key) {
                Some(slot) => self.descend(&escape(key), |merge| {
                    merge.merge_node(slot, node, [field, key], index.below_key(key));
                }),
                None => drop(merged.insert(key.clone(), node.clone())),
            }
        }
    }

    /// Merges items with equal keys, and appends the others.
    fn merge_items(
        &mut self,
        keys: list_keys::ListKeys,
        merged: &mut Vec<Node>,
        new: &[Node],
        field: &str,
        index: &mut ListIndex,
    ) {
        index.add_list(keys, merged);
        let mut seen = BTreeSet::new();
        for item in new {
            let name = list_keys::item_name(keys, item).filter(|name| seen.insert(name.clone()));
            let Some(name) = name else {
                self.report_unnamed_item(keys, item);
                continue;
            };
            if let Some(position) = index.items.get(&name).copied() {
                let below = &mut merged[position];
                self.descend(&position.to_string(), |merge| {
                    merge.merge_node(below, item, [field, field], index.below_item(position));
                });
            } else {
                index.items.insert(name, merged.len());
                merged.push(item.clone());
            }
        }
    }

    /// Reports an item without an identity, or with that of an item before it.
    fn report_unnamed_item(&mut self, keys: list_keys::ListKeys, item: &Node) {
        let Self { path, identity, findings, .. } = self;
        findings.push_with(Severity::Error, || {
            let key_names: Vec<&str> = keys.iter().map(|(key, _)| *key).collect();
            let unique = match &key_names[..] {
                [] => "that is not a unique string".to_owned(),
                names => format!("without a unique `{}`", names.join("` and `")),
            };
            let message = format!("`{path}` of {} has an item {unique}", display_name(identity));
            codes::RESOURCES_ITEM.finding(message).at(item.origin.place()).on(path.clone())
        });
    }

    /// Replaces a value, if it was set by the object's creator.
    fn replace_value(&mut self, below: &mut Node, above: &Node, index: &mut ListIndex) {
        if json::is_same(&below.value, &above.value) {
            return;
        }
        // Two documents of one folder have no order that users rely on, so they must agree.
        let own = layer_of(&below.origin).filter(|own| layer_of(&above.origin) == Some(own));
        let theirs = own.map_or_else(
            || foreign_origin(below, owner_layer(self.creator)),
            |_| Some(&below.origin),
        );
        if let Some(theirs) = theirs {
            self.push_with(Severity::Error, |merge| merge.conflict_finding(theirs, above));
            return;
        }
        if !is_null(above) && !is_null(below) && shape_of(below) != shape_of(above) {
            self.push_with(Severity::Error, |merge| merge.shape_finding(below, above));
            return;
        }
        self.push_with(Severity::Note, |merge| merge.override_finding(above));
        *below = above.clone();
        index.clear();
    }

    /// Adds a finding, if there is room for one of its severity.
    fn push_with(&mut self, severity: Severity, make: impl FnOnce(&Self) -> Finding) {
        let mut findings = std::mem::take(&mut self.findings);
        findings.push_with(severity, || make(self));
        self.findings = findings;
    }

    /// Returns the error for a value of another shape than the creator's.
    fn shape_finding(&self, below: &Node, above: &Node) -> Finding {
        let message = format!(
            "`{}` of {} must be a {}, as {} sets it, found a {}",
            self.path,
            display_name(self.identity),
            shape_of(below),
            self.creator_name(),
            shape_of(above)
        );
        let finding = codes::RESOURCES_KIND.finding(message);
        finding.at(above.origin.place()).on(self.path.clone())
    }

    /// Returns the note on a value of the creator that is overridden.
    fn override_finding(&self, above: &Node) -> Finding {
        let message = format!(
            "`{}` of {} is overridden here; the object is created by {}",
            self.path,
            display_name(self.identity),
            self.creator_name()
        );
        let note = codes::RESOURCES_CHANGED.finding(message);
        note.at(above.origin.place()).on(self.path.clone())
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

    /// Returns the name of the object's creator.
    fn creator_name(&self) -> String {
        match self.creator {
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

/// Returns the layer that created an object, in the form of [`layer_of`].
fn owner_layer(creator: &Creator) -> &str {
    match creator {
        Creator::Policy(_) => "",
        Creator::Folder(folder) => folder,
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

/// Returns whether a node is null.
fn is_null(node: &Node) -> bool {
    matches!(node.value, Value::Null)
}
