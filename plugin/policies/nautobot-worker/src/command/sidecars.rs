//! Containers beside the worker: a second Celery worker or scheduler there works on the same
//! queues as this one.

use policy_sdk::{Document, Plan};

use super::expand::Environment;
use super::judge::judge_beside;
use super::program::programs;
use super::words::{self, Read, Word};
use crate::duty::Duty;
use crate::short::short;

/// The most containers of a list that are looked at.
const MOST: usize = 32;

/// Reports workers in other containers of the pod that serve other queues than the site's, and
/// schedulers.
pub(super) fn judge(plan: &mut Plan, duty: Duty<'_>) {
    for list in ["sidecars", "initContainers"] {
        let Some(place) = duty.pod.place(list) else { continue };
        for container in duty.pod.values.items(&place).into_iter().take(MOST) {
            judge_container(plan, duty, &container);
        }
    }
}

fn judge_container(plan: &mut Plan, duty: Duty<'_>, container: &Document) {
    let mut words = read(container, "/command");
    words.extend(read(container, "/args"));
    if words::too_long(&words).is_some() {
        return;
    }
    let environment = Environment::of_container(container);
    let words: Vec<Word> = words.into_iter().map(|word| environment.expand(word)).collect();
    let name = container.scalar("/name").unwrap_or_default();
    let whose = format!("the command of the container {}", short(&name));
    judge_beside(plan, duty, &whose, &programs(&words, &environment, 0));
}

fn read(container: &Document, key: &str) -> Vec<Word> {
    // Pointers of words are those of the whole document.
    match words::read(container, key) {
        Read::Words(words) => words.into_iter().map(|word| word.inside(container)).collect(),
        Read::Refused(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests;
