//! Variables in words: Kubernetes replaces `$(NAME)` before a program starts
//! (`third_party/forked/golang/expansion` in k8s.io/kubernetes), a shell `$NAME` after.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasherDefault;
use std::rc::Rc;

use policy_sdk::Document;

use super::words::{LONGEST, Word};
use crate::cluster_data;
use crate::duty::Duty;
use crate::lists::{Fnv, NameMap};
use crate::variables::{BaseVariables, is_plain};

const QUEUES: &str = "CELERY_TASK_QUEUES";
/// The most bytes of variables that scripts get: a script could double one with every line.
const MOST_BYTES: usize = 8 * LONGEST;

/// Texts of variables by their names; none where one is not known.
pub(super) type Texts = BTreeMap<String, Option<String>>;

/// Variables that a program is known to see.
#[derive(Clone)]
pub(super) struct Environment<'a> {
    container: Rc<Container<'a>>,
    /// Variables that a wrapper or a script changed since.
    changed: Texts,
    /// Whether a wrapper removed all others.
    is_cleared: bool,
}

/// Variables of a container.
struct Container<'a> {
    /// Variables of the base values; none for a container that has its own.
    base: Option<&'a BaseVariables<'a>>,
    index: OnceCell<NameMap<'a>>,
    /// What was asked for and what it is: a long command asks for one name many times.
    known: RefCell<HashMap<String, Option<String>, BuildHasherDefault<Fnv>>>,
    bytes: Cell<usize>,
}

impl<'a> Environment<'a> {
    /// The worker's own container.
    pub(super) fn of(duty: Duty<'a>) -> Self {
        // The chart writes it first; a later entry that differs is an error of its own.
        let mut known = vec![(QUEUES, duty.queues)];
        // The ConfigMap cluster-data has it, after the chart's own ConfigMap.
        if !duty.base.is_in_env(cluster_data::SITE) {
            known.push((cluster_data::SITE, duty.site.as_str()));
        }
        let known = known.into_iter().map(|(name, text)| (name.to_owned(), Some(text.to_owned())));
        Self::new(Some(duty.base), known)
    }

    /// A container beside the worker, of whose variables only those in its own list are known.
    pub(super) fn of_container(container: &Document) -> Self {
        let known = container.items("/env").into_iter().map(|item| {
            let text = item.scalar("/value").filter(|text| is_plain(text));
            (item.scalar("/name").unwrap_or_default(), text)
        });
        Self::new(None, known)
    }

    /// An environment in which these are known.
    pub(super) fn new(
        base: Option<&'a BaseVariables<'a>>,
        known: impl IntoIterator<Item = (String, Option<String>)>,
    ) -> Self {
        let known = RefCell::new(known.into_iter().collect());
        let container = Container { base, index: OnceCell::new(), known, bytes: Cell::new(0) };
        Self { container: Rc::new(container), changed: Texts::new(), is_cleared: false }
    }

    /// Returns the environment after these changes.
    pub(super) fn with(&self, changed: Texts, clears: bool) -> Self {
        let mut all = if clears { Texts::new() } else { self.changed.clone() };
        all.extend(changed);
        Self {
            container: Rc::clone(&self.container),
            changed: all,
            is_cleared: clears || self.is_cleared,
        }
    }

    /// Returns a variable's text, if it is known; the empty one for a variable that is not set.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        match self.changed.get(name) {
            Some(text) => text.clone(),
            None if self.is_cleared => Some(String::new()),
            None => self.container.get(name),
        }
    }

    /// Returns whether scripts may have that many bytes more of variables.
    pub(super) fn affords(&self, bytes: usize) -> bool {
        let all = self.container.bytes.get().saturating_add(bytes);
        self.container.bytes.set(all);
        all <= MOST_BYTES
    }

    /// Replaces `$(NAME)` as the kubelet does. One that is not known stays, as one that does
    /// not exist does.
    pub(super) fn expand(&self, word: Word) -> Word {
        if !word.text.contains('$') {
            return word;
        }
        let (text, is_known) = replace(&word.text, |name| self.get(name));
        word.with(text, is_known && word.is_known)
    }
}

impl Container<'_> {
    fn get(&self, name: &str) -> Option<String> {
        if let Some(known) = self.known.borrow().get(name) {
            return known.clone();
        }
        let found = self.base.and_then(|base| {
            let number = *self.index.get_or_init(|| base.index()).get(name)?;
            base.given(number).text.or_else(|| self.resolve(&base.reference(number)?))
        });
        self.known.borrow_mut().insert(name.to_owned(), found.clone());
        found
    }

    /// Returns the text of a variable that refers to the site's queues alone, which the chart
    /// writes before it. Others may be references themselves.
    fn resolve(&self, text: &str) -> Option<String> {
        let queues = self.known.borrow().get(QUEUES).cloned().flatten();
        let (text, is_known) = replace(text, |name| queues.clone().filter(|_| name == QUEUES));
        is_known.then_some(text)
    }
}

fn replace(all: &str, get: impl Fn(&str) -> Option<String>) -> (String, bool) {
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
