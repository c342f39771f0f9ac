//! The mix of attacks: some at a time, each in its turn, until the end.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use site_cmp_tests::attack::{Answer, Attack, Case, SHORT_LIMITS, cases};
use tokio::task::JoinHandle;

/// Attacks that go on at the same time.
const WIDTH: usize = 3;
/// Repos of each case. An attacker's next commit is another repo, and the one after the same.
const SEEDS: u64 = 2;
/// Bytes of a message in the summary.
const SHOWN: usize = 100;

/// The attacks that take part, built beforehand.
pub(crate) struct Mix {
    attacks: Arc<Vec<(Case, Attack)>>,
    next: Arc<AtomicUsize>,
}

/// The ends of the calls of each case.
pub(crate) type Outcomes = BTreeMap<&'static str, Outcome>;

/// The ends of the calls of one case.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outcome {
    /// Times the case was made.
    pub(crate) times: usize,
    /// Calls that were answered with manifests.
    pub(crate) answered: usize,
    /// Calls that got an error, by its first line.
    pub(crate) refused: BTreeMap<String, usize>,
    /// Calls that did not get the answer that is owed, with the reasons.
    pub(crate) wrong: BTreeMap<String, usize>,
}

/// Attacks under way.
pub(crate) struct Running {
    drivers: Vec<JoinHandle<()>>,
    outcomes: Arc<Mutex<Outcomes>>,
}

impl Mix {
    /// Builds the attacks of these names; all if there is none. Left out are those that need other
    /// limits than the server's.
    pub(crate) fn new(only: &[String]) -> Self {
        let is_in = |case: &Case| {
            let is_named = only.is_empty() || only.iter().any(|name| name == case.name);
            is_named && ["", SHORT_LIMITS].contains(&case.limits)
        };
        let chosen: Vec<Case> = cases().into_iter().filter(is_in).collect();
        let build = |seed: u64| chosen.iter().map(move |case| (*case, (case.attack)(seed)));
        Self { attacks: Arc::new((1..=SEEDS).flat_map(build).collect()), next: Arc::default() }
    }

    /// Starts the attacks, which go on until the flag is set.
    pub(crate) fn start(&self, socket: &Path, end: &Arc<AtomicBool>) -> Running {
        let outcomes = Arc::new(Mutex::new(Outcomes::new()));
        let width = if self.attacks.is_empty() { 0 } else { WIDTH };
        let drivers = (0..width).map(|_| {
            let (attacks, next) = (self.attacks.clone(), self.next.clone());
            tokio::spawn(drive(attacks, next, socket.to_owned(), end.clone(), outcomes.clone()))
        });
        Running { drivers: drivers.collect(), outcomes: outcomes.clone() }
    }
}

impl Running {
    /// Waits for the attacks under way, and returns the ends of all.
    pub(crate) async fn join(self) -> Outcomes {
        for driver in self.drivers {
            driver.await.expect("an attack does not panic");
        }
        self.outcomes.lock().expect("no attack panics").clone()
    }
}

/// Makes one attack after the other until the flag is set.
async fn drive(
    attacks: Arc<Vec<(Case, Attack)>>,
    next: Arc<AtomicUsize>,
    socket: PathBuf,
    end: Arc<AtomicBool>,
    outcomes: Arc<Mutex<Outcomes>>,
) {
    while !end.load(Ordering::Relaxed) {
        let at = next.fetch_add(1, Ordering::Relaxed) % attacks.len();
        let (case, attack) = &attacks[at];
        let answers = attack.run(&socket).await;
        let mut outcomes = outcomes.lock().expect("no attack panics");
        outcomes.entry(case.name).or_default().add(case, &answers);
    }
}

impl Outcome {
    fn add(&mut self, case: &Case, answers: &[Answer]) {
        self.times += 1;
        for answer in answers {
            match answer {
                Answer::Manifests(_) => self.answered += 1,
                Answer::Refused(_, message) => *self.refused.entry(clip(message)).or_default() += 1,
                Answer::Lost(_) => {}
            }
            if let Some(why) = case.owed.complaint_when_full(answer) {
                *self.wrong.entry(clip(&why)).or_default() += 1;
            }
        }
    }
}

/// Returns the begin of the first line.
fn clip(text: &str) -> String {
    text.lines().next().unwrap_or_default().chars().take(SHOWN).collect()
}
