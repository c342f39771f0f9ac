//! Variables in words: Kubernetes replaces `$(NAME)` before a program starts
//! (`third_party/forked/golang/expansion` in k8s.io/kubernetes), a shell `$NAME` after.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use super::words::Word;
use crate::cluster_data;
use crate::duty::Duty;
use crate::lists::{Fnv, NameMap};
use crate::variables::BaseVariables;

/// Variables that the worker is known to see.
pub(super) struct Environment<'a> {
    /// Variables of the base values; none for a container that has its own.
    base: Option<&'a BaseVariables<'a>>,
    index: OnceCell<NameMap<'a>>,
    /// What was asked for and what it is: a long command asks for one name many times.
    known: RefCell<HashMap<String, Option<String>, BuildHasherDefault<Fnv>>>,
}

impl<'a> Environment<'a> {
    /// The worker's own container.
    pub(super) fn of(duty: Duty<'a>) -> Self {
        // The chart writes it first; a later entry that differs is an error of its own.
        let mut known = vec![("CELERY_TASK_QUEUES", duty.queues)];
        // The ConfigMap cluster-data has it, after the chart's own ConfigMap.
        if !duty.base.is_in_env(cluster_data::SITE) {
            known.push((cluster_data::SITE, duty.site.as_str()));
        }
        let known = known.into_iter().map(|(name, text)| (name.to_owned(), Some(text.to_owned())));
        Self { base: Some(duty.base), index: OnceCell::new(), known: RefCell::new(known.collect()) }
    }

    /// A container whose variables are not read.
    pub(super) fn unknown() -> Self {
        Self { base: None, index: OnceCell::new(), known: RefCell::default() }
    }

    /// Returns a variable's text, if it is known.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        if let Some(known) = self.known.borrow().get(name) {
            return known.clone();
        }
        let found = self.base.and_then(|base| {
            let number = self.index.get_or_init(|| base.index()).get(name)?;
            base.given(*number).text
        });
        self.known.borrow_mut().insert(name.to_owned(), found.clone());
        found
    }

    /// Replaces `$(NAME)` as the kubelet does. One that is not known stays, as one that does
    /// not exist does.
    pub(super) fn expand(&self, word: Word) -> Word {
        if !word.text.contains('$') {
            return word;
        }
        let mut text = String::with_capacity(word.text.len());
        let mut is_known = word.is_known;
        let mut rest = word.text.as_str();
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
            if let Some(value) = self.get(name) {
                text.push_str(&value);
            } else {
                text.push_str(&["$(", name, ")"].concat());
                is_known = false;
            }
            rest = behind;
        }
        text.push_str(rest);
        word.with(text, is_known)
    }
}

#[cfg(test)]
mod tests;
