//! The result of a render.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::disclosure::known_values::KnownSecrets;
use crate::disclosure::{RepeatedBy, known_secrets};
use crate::emit;
use crate::finding::Finding;
use crate::gate::Closed;
use crate::helm_merge::ValuesLayer;
use crate::inputs::ListedValuesFile;
use crate::origin::{Origin, SourceFile, is_jsonnet};
use crate::policies::plan_texts::documents_read;
use crate::policy::Answer;
use crate::request::Request;
use crate::value::{Node, Value};

/// The documents of a site or an environment, and how they were rendered.
#[derive(Debug)]
pub struct Rendered {
    /// The site; empty for an environment.
    pub site: Arc<str>,
    /// Its environment.
    pub environment: Arc<str>,
    /// The component.
    pub component: Arc<str>,
    /// The documents, in a stable order.
    pub documents: Vec<Node>,
    /// Warnings and notes; never an error.
    pub findings: Vec<Finding>,
    /// How the documents were rendered.
    pub outcome: Outcome,
}

impl Rendered {
    /// Returns the site's name, else the environment's.
    pub fn name(&self) -> &str {
        if self.site.is_empty() { &self.environment } else { &self.site }
    }

    /// Returns the result of a closed gate: its marker and its reason.
    pub(crate) fn closed(closed: Closed, findings: Vec<Finding>, request: &Request) -> Self {
        Self {
            documents: emit::closed(&closed, request),
            site: closed.site.clone(),
            environment: closed.environment.clone(),
            component: closed.component.name.clone(),
            findings,
            outcome: Outcome::Closed(closed),
        }
    }
}

/// How the documents were rendered.
#[derive(Debug)]
pub enum Outcome {
    /// The gate is closed; for an environment, the gates of all sites.
    Closed(Closed),
    /// The gate is open.
    Open(Box<Trace>),
}

/// The results of the stages of an open site, which `explain` shows.
#[derive(Debug)]
pub struct Trace {
    /// The values files that the environment lists, and whether each was read.
    pub value_files: Vec<ListedValuesFile>,
    /// The layers of base values, weakest first.
    pub layers: Vec<ValuesLayer>,
    /// The plan of each policy, in their order.
    pub answers: Vec<Answer>,
    /// All edits as one values document.
    pub overlay: Node,
    /// Base values with the overlay on top; nulls stay.
    pub merged: Node,
}

impl Trace {
    /// Returns the secrets that the overlay may repeat of the documents that the policies have
    /// read: a policy may copy one to a key that names no secret.
    pub(crate) fn secrets_in_overlay(&self) -> KnownSecrets<'_> {
        let mut texts = Vec::new();
        add_texts(&self.overlay, &mut texts);
        let paths = self.answers.iter().flat_map(|answer| &answer.reads);
        let texts = texts.into_iter().chain(paths.map(|read| &*read.path));
        let texts = RepeatedBy::texts(texts);
        let mut secrets = known_secrets(documents_read(&self.answers), &texts);
        let mut files = BTreeMap::new();
        documents_read(&self.answers).for_each(|document| find_jsonnet(document, &mut files));
        let hidden = files.values().flat_map(|file| file.hidden_values());
        for value in hidden.filter(|value| texts.may_repeat(value)) {
            secrets.add(value);
        }
        secrets
    }
}

/// Finds the Jsonnet files that a document is from.
fn find_jsonnet<'n>(node: &'n Node, files: &mut BTreeMap<*const SourceFile, &'n SourceFile>) {
    if let Origin::File { file, .. } = &node.origin
        && is_jsonnet(&file.name)
    {
        files.insert(Arc::as_ptr(file), file);
    }
    match &node.value {
        Value::Mapping(mapping) => mapping.values().for_each(|child| find_jsonnet(child, files)),
        Value::Sequence(items) => items.iter().for_each(|item| find_jsonnet(item, files)),
        _ => {}
    }
}

/// Adds the keys and the scalars of a document.
pub(crate) fn add_texts<'n>(node: &'n Node, texts: &mut Vec<&'n str>) {
    match &node.value {
        Value::Mapping(mapping) => mapping.iter().for_each(|(key, child)| {
            texts.push(key);
            add_texts(child, texts);
        }),
        Value::Sequence(items) => items.iter().for_each(|item| add_texts(item, texts)),
        _ => texts.extend(node.scalar()),
    }
}
