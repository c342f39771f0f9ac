//! Honest callers: a fleet at some revisions, the right answers, and loops that ask for them.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::call::{Answer, Call};
use super::fleet::DEADLINE;
use super::packed::Packed;
use crate::{Command, Scratch};

/// The Argo CD projects to which the sites belong.
const PROJECTS: usize = 4;
/// Of so many calls, one is still about the revision before.
const BEFORE: usize = 8;

/// Calls with the answers that are right for them.
#[derive(Debug, Default)]
pub struct Honest {
    revisions: Vec<Vec<(Call, Vec<String>)>>,
    current: AtomicUsize,
    next: AtomicUsize,
}

/// The results of honest calls.
#[derive(Debug, Default)]
pub struct Tally {
    /// The time of each right answer.
    pub times: Mutex<Vec<Duration>>,
    /// Calls with a wrong answer, each with a message.
    pub wrong: Mutex<Vec<String>>,
    /// Calls without an answer, or with an error, each with a message.
    pub lost: Mutex<Vec<String>>,
}

impl Honest {
    /// Adds a revision of a fleet: each of its sites, with the answer of `cmp generate`.
    ///
    /// # Panics
    /// Where the fleet cannot be rendered.
    #[must_use]
    pub fn with_revision(mut self, binary: &str, fleet: &Scratch, sites: &[String]) -> Self {
        let archive = Packed::folder(&fleet.path());
        let call = |(at, site): (usize, &String)| {
            let folder = format!("sites/{site}");
            let variables = variables(&format!("team-{}", at % PROJECTS), site);
            let answer = generate(binary, &fleet.path().join(&folder), &variables);
            let call = Call { archive: archive.clone(), folder, variables, deadline: DEADLINE };
            (call, answer)
        };
        self.revisions.push(sites.iter().enumerate().map(call).collect());
        self
    }

    /// Turns to a revision, counted from 0; behind the last, the first one follows.
    pub fn turn_to(&self, revision: usize) {
        self.current.store(revision, Ordering::Relaxed);
    }

    /// Makes one call after the other until the flag is set.
    pub async fn call_until(
        self: Arc<Self>,
        socket: PathBuf,
        end: Arc<AtomicBool>,
        tally: Arc<Tally>,
    ) {
        while !end.load(Ordering::Relaxed) {
            self.call_once(&socket, &tally).await;
        }
    }

    /// Makes the next call and compares its answer.
    ///
    /// # Panics
    /// Where there is no revision.
    pub async fn call_once(&self, socket: &Path, tally: &Tally) {
        let (call, right) = self.next_call();
        let started = Instant::now();
        let answer = call.send(socket).await;
        let took = started.elapsed();
        let (to, message) = match answer {
            Answer::Manifests(manifests) if manifests == *right => {
                tally.times.lock().expect("no caller panics").push(took);
                return;
            }
            Answer::Manifests(manifests) => (&tally.wrong, manifests.concat()),
            other => (&tally.lost, other.text()),
        };
        let message = format!("{} after {took:?}: {message}", call.folder);
        to.lock().expect("no caller panics").push(message);
    }

    /// Returns the next call with its right answer. In every second round over the sites a call has a
    /// variable of its own, so that no worker has kept its answer.
    fn next_call(&self) -> (Call, &Vec<String>) {
        let at = self.next.fetch_add(1, Ordering::Relaxed);
        let current = self.current.load(Ordering::Relaxed);
        let revision = if at.is_multiple_of(BEFORE) { current.saturating_sub(1) } else { current };
        let calls = &self.revisions[revision % self.revisions.len()];
        let (call, right) = &calls[at % calls.len()];
        let mut call = call.clone();
        if (at / calls.len()).is_multiple_of(2) {
            call.variables.push(("ARGOCD_ENV_CALL".to_owned(), at.to_string()));
        }
        (call, right)
    }
}

impl Tally {
    /// Returns the number of calls.
    ///
    /// # Panics
    /// Where a caller panicked.
    pub fn calls(&self) -> usize {
        let of = |list: &Mutex<Vec<String>>| list.lock().expect("no caller panics").len();
        self.times.lock().expect("no caller panics").len() + of(&self.wrong) + of(&self.lost)
    }

    /// Returns the calls without a right answer.
    ///
    /// # Panics
    /// Where a caller panicked.
    pub fn failures(&self) -> Vec<String> {
        let of = |list: &Mutex<Vec<String>>| list.lock().expect("no caller panics").clone();
        [of(&self.wrong), of(&self.lost)].concat()
    }
}

/// Returns the variables that Argo CD sets for an Application of a project.
pub(super) fn variables(project: &str, site: &str) -> Vec<(String, String)> {
    let repo = format!("https://git.example.net/{project}.git");
    [
        ("ARGOCD_APP_NAME", site),
        ("ARGOCD_APP_PROJECT_NAME", project),
        ("ARGOCD_APP_REVISION", "0123456789abcdef0123456789abcdef01234567"),
        ("ARGOCD_APP_SOURCE_REPO_URL", &repo),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec()
}

/// Returns the lines that `cmp generate` prints in an Application's folder.
fn generate(binary: &str, folder: &Path, variables: &[(String, String)]) -> Vec<String> {
    let command = Command::new(binary).arg("generate").dir(folder);
    let with = |command: Command, (name, value): &(String, String)| command.env(name, value);
    let output = variables.iter().fold(command, with).run().success();
    output.stdout.lines().map(str::to_owned).collect()
}
