//! Checks sidecars and init containers: a Celery worker or scheduler there uses the same broker as
//! the site's worker.

use policy_sdk::{Document, Plan};

use super::checks::check_container_programs;
use super::expand::Environment;
use super::program::find_programs;
use super::words::{self, CommandWords, Word};
use crate::context::WorkerContext;
use crate::short::shorten;

/// The most containers of a list that are checked, because a call has limited fuel.
const MAX_CONTAINERS: usize = 32;

/// Reports workers in other containers of the pod that serve queues other than the site's, and
/// schedulers.
pub(super) fn check_sidecars(plan: &mut Plan, context: WorkerContext<'_>) {
    for list in ["sidecars", "initContainers"] {
        let Some(place) = context.pod.place(list) else { continue };
        for container in context.pod.values.items(&place).into_iter().take(MAX_CONTAINERS) {
            check_container(plan, context, &container);
        }
    }
}

/// Checks the command of one container.
fn check_container(plan: &mut Plan, context: WorkerContext<'_>, container: &Document) {
    let mut words = container_words(container, "/command");
    words.extend(container_words(container, "/args"));
    if words::too_long_finding(&words).is_some() {
        return;
    }
    let environment = Environment::of_container(container);
    let words: Vec<Word> = words.into_iter().map(|word| environment.expand_word(word)).collect();
    let name = container.scalar("/name").unwrap_or_default();
    let whose = format!("the command of the container {}", shorten(&name));
    check_container_programs(plan, context, &whose, &find_programs(&words, &environment, 0));
}

/// Returns the words of a container's `command` or `args`.
fn container_words(container: &Document, key: &str) -> Vec<Word> {
    // Findings need pointers into the whole document.
    match words::read_words(container, key) {
        CommandWords::Words(words) => {
            words.into_iter().map(|word| word.at_document(container)).collect()
        }
        CommandWords::Rejected(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests;
