//! Expands variables in words: Kubernetes replaces `$(NAME)` before a program starts
//! (`third_party/forked/golang/expansion` in k8s.io/kubernetes), a shell replaces `$NAME` later.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasherDefault;
use std::rc::Rc;

use policy_sdk::Document;

use super::words::{MAX_LENGTH, Word};
use crate::cluster_data;
use crate::context::WorkerContext;
use crate::lists::{Fnv, NameMap};
use crate::variables::{BaseVariables, is_plain};

const QUEUES: &str = "CELERY_TASK_QUEUES";
/// The most bytes of variables that scripts may expand to. Without a limit a script could double a
/// variable in every line.
const MAX_BYTES: usize = 8 * MAX_LENGTH;

/// The texts of variables by name; `None` for a variable whose text is not known.
pub(super) type VariableTexts = BTreeMap<String, Option<String>>;

/// The environment of a program, as far as it is known.
#[derive(Clone)]
pub(super) struct Environment<'a> {
    container: Rc<ContainerVariables<'a>>,
    /// The variables that a wrapper or a script changed.
    changed: VariableTexts,
    /// Whether a wrapper removed all other variables.
    is_cleared: bool,
}

/// The variables of a container.
struct ContainerVariables<'a> {
    /// The variables of the base values; `None` for a container with its own list.
    base: Option<&'a BaseVariables<'a>>,
    index: OnceCell<NameMap<'a>>,
    /// The variables that were looked up, because a long command may use one name many times.
    known: RefCell<HashMap<String, Option<String>, BuildHasherDefault<Fnv>>>,
    bytes: Cell<usize>,
}

impl<'a> Environment<'a> {
    /// Returns the environment of the worker's own container.
    pub(super) fn of_worker(context: WorkerContext<'a>) -> Self {
        // The chart writes it; a second entry of another value is reported elsewhere.
        let mut known = vec![(QUEUES, context.queues)];
        // The ConfigMap cluster-data sets it, and is read after the chart's own ConfigMap.
        if !context.base.is_in_env(cluster_data::SITE) {
            known.push((cluster_data::SITE, context.site.as_str()));
        }
        let known = known.into_iter().map(|(name, text)| (name.to_owned(), Some(text.to_owned())));
        Self::new(Some(context.base), known)
    }

    /// Returns the environment of another container, of which only its own list is known.
    pub(super) fn of_container(container: &Document) -> Self {
        let known = container.items("/env").into_iter().map(|item| {
            let text = item.scalar("/value").filter(|text| is_plain(text));
            (item.scalar("/name").unwrap_or_default(), text)
        });
        Self::new(None, known)
    }

    /// Returns an environment with these variables.
    pub(super) fn new(
        base: Option<&'a BaseVariables<'a>>,
        known: impl IntoIterator<Item = (String, Option<String>)>,
    ) -> Self {
        let known = RefCell::new(known.into_iter().collect());
        let container =
            ContainerVariables { base, index: OnceCell::new(), known, bytes: Cell::new(0) };
        Self { container: Rc::new(container), changed: VariableTexts::new(), is_cleared: false }
    }

    /// Returns the environment after these changes.
    pub(super) fn with_changes(&self, changed: VariableTexts, clears: bool) -> Self {
        let mut all = if clears { VariableTexts::new() } else { self.changed.clone() };
        all.extend(changed);
        Self {
            container: Rc::clone(&self.container),
            changed: all,
            is_cleared: clears || self.is_cleared,
        }
    }

    /// Returns a variable's text, if it is known; an empty text for a variable that is not set.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        match self.changed.get(name) {
            Some(text) => text.clone(),
            None if self.is_cleared => Some(String::new()),
            None => self.container.get(name),
        }
    }

    /// Adds to the bytes that scripts expanded, and returns whether they are within the limit.
    pub(super) fn fits_budget(&self, bytes: usize) -> bool {
        let all = self.container.bytes.get().saturating_add(bytes);
        self.container.bytes.set(all);
        all <= MAX_BYTES
    }

    /// Replaces `$(NAME)` as the kubelet does. An unknown reference stays, as one to a missing
    /// variable does.
    pub(super) fn expand_word(&self, word: Word) -> Word {
        if !word.text.contains('$') {
            return word;
        }
        let (text, is_known) = expand_references(&word.text, |name| self.get(name));
        word.with_text(text, is_known && word.is_known)
    }
}

impl ContainerVariables<'_> {
    fn get(&self, name: &str) -> Option<String> {
        if let Some(known) = self.known.borrow().get(name) {
            return known.clone();
        }
        let value = self.base.and_then(|base| {
            let number = *self.index.get_or_init(|| base.build_index()).get(name)?;
            base.entry(number)
                .text
                .or_else(|| self.resolve_reference(&base.reference_text(number)?))
        });
        self.known.borrow_mut().insert(name.to_owned(), value.clone());
        value
    }

    /// Returns a text with a reference to the site's queues, which the chart writes first. Any
    /// other reference makes the text unknown, because it may itself contain references.
    fn resolve_reference(&self, text: &str) -> Option<String> {
        let queues = self.known.borrow().get(QUEUES).cloned().flatten();
        let (text, is_known) =
            expand_references(text, |name| queues.clone().filter(|_| name == QUEUES));
        is_known.then_some(text)
    }
}

/// Replaces references in a text, and returns whether all of them were known.
fn expand_references(all: &str, get: impl Fn(&str) -> Option<String>) -> (String, bool) {
    let mut text = String::with_capacity(all.len());
    let mut is_known = true;
    let mut rest = all;
    while let Some((before, after)) = rest.split_once('$') {
        text.push_str(before);
        if let Some(escaped) = after.strip_prefix('$') {
            text.push('$');
            rest = escaped;
            continue;
        }
        let reference = after.strip_prefix('(').and_then(|inner| inner.split_once(')'));
        let Some((name, behind)) = reference else {
            text.push('$');
            rest = after;
            continue;
        };
        if let Some(value) = get(name) {
            text.push_str(&value);
        } else {
            text.push_str(&["$(", name, ")"].concat());
            is_known = false;
        }
        rest = behind;
    }
    text.push_str(rest);
    (text, is_known)
}

#[cfg(test)]
mod tests;
