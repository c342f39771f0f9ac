//! Containers beside the worker: a second Celery worker there serves queues too.

use policy_sdk::{Document, Plan};

use super::expand::Environment;
use super::judge::judge_queues;
use super::program::{Program, programs};
use super::words::{self, Read, Word};
use crate::pod::Pod;

/// The most containers that are looked at.
const MOST: usize = 32;

/// Reports workers in other containers of the pod that serve other queues than the site's.
pub(crate) fn judge(plan: &mut Plan, pod: Pod<'_>, queues: &str) {
    let Some(place) = pod.place("sidecars") else { return };
    for container in pod.values.items(&place).into_iter().take(MOST) {
        let mut words = read(&container, "/command");
        words.extend(read(&container, "/args"));
        if words::too_long(&words).is_some() {
            continue;
        }
        let environment = Environment::unknown();
        let words: Vec<Word> = words.into_iter().map(|word| environment.expand(word)).collect();
        for program in programs(&words, &environment, 0) {
            if let Program::Worker(worker) = program {
                judge_queues(plan, queues, &worker);
            }
        }
    }
}

fn read(container: &Document, key: &str) -> Vec<Word> {
    // Pointers of words are those of the whole document.
    match words::read(container, key) {
        Read::Words(words) => words.into_iter().map(|word| word.inside(container)).collect(),
        Read::Refused(_) => Vec::new(),
    }
}
