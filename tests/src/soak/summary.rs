//! The summary of a soak, and its bars.

use std::fmt::Write as _;
use std::time::Duration;

use site_cmp_tests::attack::Tally;

use crate::field::{Field, MEMORY, Phase, Rested};
use crate::mix::Outcomes;

/// The most that the slowest of a hundred honest calls may take longer beside the attacks.
const RATIO: f64 = 3.0;
/// The most memory of an idle process, in bytes.
const IDLE: u64 = 40 << 20;
const MIB: u64 = 1 << 20;

/// The text of a summary, and the bars that were missed.
pub(crate) struct Summary {
    text: String,
    missed: Vec<String>,
}

impl Summary {
    /// Compares both phases with the bars.
    pub(crate) fn new(field: &Field, alone: &Phase, mixed: &Phase, rested: Rested) -> Self {
        let mut summary = Self { text: String::new(), missed: Vec::new() };
        summary.attacks(&mixed.attacks);
        let before = summary.honest("alone", &alone.honest);
        let beside = summary.honest("beside attacks", &mixed.honest);
        let ratio = beside.as_secs_f64() / before.as_secs_f64();
        summary.bar(ratio <= RATIO, &format!("p99 beside attacks: {ratio:.2}x, at most {RATIO}x"));
        summary.memory(field);
        summary.workers(field);
        summary.rest(&rested);
        let worst = summary.missed.len();
        let end = if worst == 0 {
            "all bars are met".to_owned()
        } else {
            format!("{worst} bars are missed")
        };
        summary.line(&end);
        summary
    }

    /// Returns the text.
    pub(crate) fn text(&self) -> String {
        self.missed.iter().fold(self.text.clone(), |text, bar| text + "MISSED " + bar + "\n")
    }

    /// Returns whether a bar was missed.
    pub(crate) fn is_missed(&self) -> bool {
        !self.missed.is_empty()
    }

    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn bar(&mut self, is_met: bool, line: &str) {
        self.line(line);
        if !is_met {
            self.missed.push(line.to_owned());
        }
    }

    /// Adds the honest calls of a phase, and returns the time of the slowest of a hundred.
    fn honest(&mut self, name: &str, tally: &Tally) -> Duration {
        let mut times = tally.times.lock().expect("no caller panics").clone();
        times.sort();
        let [median, slow] = [50, 99].map(|percent| percentile(&times, percent));
        let [wrong, lost] =
            [&tally.wrong, &tally.lost].map(|list| list.lock().expect("no caller panics").clone());
        self.line(&format!(
            "honest calls {name}: {} sent, p50 {:.1} ms, p99 {:.1} ms",
            tally.calls(),
            median.as_secs_f64() * 1000.0,
            slow.as_secs_f64() * 1000.0
        ));
        for (list, what) in [(wrong, "wrong"), (lost, "lost")] {
            self.bar(list.is_empty(), &format!("honest calls {name}: {} {what}", list.len()));
            for example in list.iter().take(3) {
                self.line(&format!("  {}", example.chars().take(400).collect::<String>()));
            }
        }
        slow
    }

    fn attacks(&mut self, attacks: &Outcomes) {
        for (name, outcome) in attacks {
            let refused: usize = outcome.refused.values().sum();
            let mut line = format!(
                "{name}: {} times, {} answered, {refused} refused",
                outcome.times, outcome.answered
            );
            for (message, count) in &outcome.refused {
                let _ = write!(line, "\n    {count} x {message}");
            }
            self.line(&line);
            for (why, count) in &outcome.wrong {
                self.bar(false, &format!("  {name}: {count} x {why}"));
            }
        }
    }

    fn memory(&mut self, field: &Field) {
        let peak = field.memory.peak();
        let line =
            format!("peak of server and workers: {} MiB, at most {}", peak / MIB, MEMORY / MIB);
        self.bar(peak <= MEMORY, &line);
        match &field.cgroup {
            Ok(cgroup) => {
                let peak = cgroup.peak().unwrap_or_default() / MIB;
                self.line(&format!("peak of the cgroup, caches of files included: {peak} MiB"));
                let kills = cgroup.kills();
                self.bar(kills == Some(0), &format!("kills by the cgroup: {kills:?}"));
            }
            Err(why) => self.line(&format!("no memory cgroup, only samples ({why})")),
        }
    }

    /// Adds how many workers were started, and why they ended.
    fn workers(&mut self, field: &Field) {
        let page = field.server.metrics_page();
        for line in page.lines().filter(|line| line.starts_with("site_cmp_render_workers_")) {
            self.line(line);
        }
    }

    fn rest(&mut self, rested: &Rested) {
        for (at, (id, bytes)) in rested.iter().enumerate() {
            let name = if at == 0 { "server" } else { "worker" };
            let line = format!(
                "{name} {id} after a minute of rest: {} MiB, at most {}",
                bytes.div_ceil(MIB),
                IDLE / MIB
            );
            self.bar(*bytes <= IDLE, &line);
        }
        self.bar(!rested.is_empty(), "the server is there after a minute of rest");
    }
}

/// Returns the time that so many of a hundred calls do not exceed.
fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    let at = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(at).copied().unwrap_or_default()
}
