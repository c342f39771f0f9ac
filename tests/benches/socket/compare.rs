//! Servers measured side by side by Argo CD's own client, and the table of what came out.

use std::fmt;
use std::io::Write as _;
use std::path::Path;

use serde_json::Value;
use site_cmp_tests::{Command, Server};

/// Exchanges that are measured.
pub(crate) struct Exchanges<'a> {
    pub(crate) peer: &'a Path,
    pub(crate) repo: &'a Path,
    pub(crate) apps: &'a [String],
    pub(crate) callers: usize,
    /// Of all callers together, a round.
    pub(crate) calls: usize,
    pub(crate) rounds: usize,
    /// When the archive is one that no server has seen: never, round, call.
    pub(crate) fresh: &'static str,
}

/// What one server took.
#[derive(Clone, Copy)]
pub(crate) struct Taken {
    /// Milliseconds of a whole exchange.
    pub(crate) median: f64,
    /// Milliseconds from the last byte to the answer.
    pub(crate) answer: f64,
    pub(crate) per_second: f64,
}

impl Exchanges<'_> {
    /// What each of these took, asked in turn.
    pub(crate) fn with<const N: usize>(&self, servers: [&Server; N]) -> [Taken; N] {
        let mut command = Command::new(self.peer)
            .args(["bench", "--fresh", self.fresh, "--repo"])
            .arg(self.repo)
            .args(["--callers", &self.callers.to_string()])
            .args(["--calls", &self.calls.to_string()])
            .args(["--rounds", &self.rounds.to_string()]);
        for app in self.apps {
            command = command.args(["--app", app]);
        }
        for (at, server) in servers.iter().enumerate() {
            command = command.args(["--socket", &format!("{at}={}", server.socket().display())]);
        }
        let told = command.run().success().stdout;
        let rows: Vec<Value> =
            told.lines().map(|line| serde_json::from_str(line).expect("a row is JSON")).collect();
        std::array::from_fn(|at| {
            let number = |name: &str| rows[at][name].as_f64().expect("a number");
            assert!(rows[at]["failed"] == 0, "calls failed: {}", rows[at]);
            Taken {
                median: number("median_ms"),
                answer: number("answer_median_ms"),
                per_second: number("per_second"),
            }
        })
    }
}

/// What a figure is held to.
#[derive(Clone, Copy)]
pub(crate) enum Bar {
    AtMost(f64),
    AtLeast(f64),
}

impl fmt::Display for Bar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtMost(bar) => write!(f, "<= {bar}"),
            Self::AtLeast(bar) => write!(f, ">= {bar}"),
        }
    }
}

/// One row of the table: what, the figure and its unit, its bar, and what it came from.
pub(crate) fn row(name: &str, figure: f64, unit: &str, bar: Bar, from: &str) {
    let met = match bar {
        Bar::AtMost(bar) => figure <= bar,
        Bar::AtLeast(bar) => figure >= bar,
    };
    let met = if met { "" } else { "MISSED" };
    let bar = bar.to_string();
    say(&format!("{name:<44} {figure:>8.2} {unit:<4} {bar:<8} {met:<6}  {from}"));
}

/// One line of text.
pub(crate) fn say(line: &str) {
    // Nothing is lost where stdout is closed.
    let _ = writeln!(std::io::stdout(), "{}", line.trim_end());
}
