//! The metrics of the server, in the format that Prometheus reads.
//!
//! Label values come from this program only. A value from a repo or a policy would let its
//! author fill the memory with new series.

use std::iter;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

use crate::call_rejection::RejectKind;

/// The upper bounds of histogram buckets in seconds, from the render of a cached tree to a
/// deadline.
const BUCKETS: [f64; 14] =
    [0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];

/// The method under which probes are counted.
pub(super) const PROBE: &str = "Probe";

/// The methods of counted calls.
const METHODS: [&str; 4] =
    ["GenerateManifest", "GetParametersAnnouncement", "MatchRepository", PROBE];

type Label<const N: usize> = [(&'static str, &'static str); N];
type Counters<const N: usize> = Family<Label<N>, Counter>;
type Histograms = Family<Label<1>, Histogram, fn() -> Histogram>;

/// All metrics of a server.
pub(super) struct Metrics {
    registry: Registry,
    calls: Counters<2>,
    call_seconds: Histograms,
    stage_seconds: Histograms,
    tree_lookups: Counters<1>,
    answers: Counters<1>,
    refusals: Counters<1>,
    fuel: Counter,
    pub(super) policies_compiled: Counter,
    pub(super) workers_started: Counter,
    workers_ended: Counters<1>,
    pub(super) running: Gauge,
    pub(super) waiting: Gauge,
    connections: Gauge<u64, AtomicU64>,
    waiting_connections: Gauge<u64, AtomicU64>,
    in_flight_bytes: Gauge<u64, AtomicU64>,
    trees: Gauge<u64, AtomicU64>,
    tree_bytes: Gauge<u64, AtomicU64>,
}

/// The values that are read when the page is requested.
#[derive(Clone, Copy, Debug)]
pub(super) struct Levels {
    pub(super) connections: usize,
    pub(super) waiting_connections: usize,
    pub(super) in_flight_bytes: u64,
    pub(super) trees: usize,
    pub(super) tree_bytes: u64,
}

impl Metrics {
    pub(super) fn new() -> Self {
        let histogram: fn() -> Histogram = || Histogram::new(BUCKETS);
        let mut metrics = Self {
            registry: Registry::with_prefix("site_cmp"),
            calls: Family::default(),
            call_seconds: Family::new_with_constructor(histogram),
            stage_seconds: Family::new_with_constructor(histogram),
            tree_lookups: Family::default(),
            answers: Family::default(),
            refusals: Family::default(),
            fuel: Counter::default(),
            policies_compiled: Counter::default(),
            workers_started: Counter::default(),
            workers_ended: Family::default(),
            running: Gauge::default(),
            waiting: Gauge::default(),
            connections: Gauge::default(),
            waiting_connections: Gauge::default(),
            in_flight_bytes: Gauge::default(),
            trees: Gauge::default(),
            tree_bytes: Gauge::default(),
        };
        metrics.register_all();
        metrics.count_from_zero();
        metrics
    }

    /// Creates the counters that alerts read: `increase()` of Prometheus does not see the first value
    /// of a counter that begins at one.
    fn count_from_zero(&self) {
        let outcomes = iter::once("ok").chain(RejectKind::ALL.map(RejectKind::metric_label));
        for outcome in outcomes {
            for method in METHODS {
                self.calls.get_or_create(&[("method", method), ("outcome", outcome)]).inc_by(0);
            }
        }
        for result in ["known", "joined", "new"] {
            self.tree_lookups.get_or_create(&[("result", result)]).inc_by(0);
        }
        for from in ["known", "rendered"] {
            self.answers.get_or_create(&[("from", from)]).inc_by(0);
        }
    }

    /// Registers every metric under its name.
    fn register_all(&mut self) {
        let registry = &mut self.registry;
        registry.register("calls", "Calls by method and outcome", self.calls.clone());
        let help = "Seconds from a call's first message to its answer";
        registry.register("call_seconds", help, self.call_seconds.clone());
        let help = "Seconds a call spent in one stage";
        registry.register("stage_seconds", help, self.stage_seconds.clone());
        let help = "Trees by source: known (cached), joined (another call was sending it), new";
        registry.register("tree_lookups", help, self.tree_lookups.clone());
        let help = "Answers by source: rendered, known (kept from a call with the same files)";
        registry.register("answers", help, self.answers.clone());
        registry.register(
            "refusals",
            "Rejected calls by the code of their error",
            self.refusals.clone(),
        );
        registry.register("fuel", "Fuel that policies spent", self.fuel.clone());
        let help = "Policies that were compiled, without those loaded from the cache";
        registry.register("policies_compiled", help, self.policies_compiled.clone());
        let help = "Processes that were started to render";
        registry.register("render_workers_started", help, self.workers_started.clone());
        let help = "Processes for renders that ended, by reason: turn (continues in the slow lane), \
                    slow (the slow lane's end with their render), time, memory, idle (kept too \
                    much memory), failed";
        registry.register("render_workers_ended", help, self.workers_ended.clone());
        registry.register("calls_running", "Calls that are running", self.running.clone());
        let help = "Calls that wait for a free render";
        registry.register("calls_waiting", help, self.waiting.clone());
        registry.register("connections", "Connections that are served", self.connections.clone());
        let help =
            "Connections that are accepted and not served yet, those without a byte included";
        registry.register("connections_waiting", help, self.waiting_connections.clone());
        let help = "Bytes that running calls hold for large messages and for unpacking";
        registry.register("in_flight_bytes", help, self.in_flight_bytes.clone());
        registry.register("trees", "Unpacked trees in the cache", self.trees.clone());
        registry.register("tree_bytes", "Bytes of the cached trees", self.tree_bytes.clone());
        let version = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "The version of this program", version);
    }

    /// Counts a finished call.
    pub(super) fn count_call(&self, method: &'static str, outcome: &'static str, took: Duration) {
        self.calls.get_or_create(&[("method", method), ("outcome", outcome)]).inc();
        self.call_seconds.get_or_create(&[("method", method)]).observe(took.as_secs_f64());
    }

    /// Records the time of a stage.
    pub(super) fn observe_stage(&self, stage: &'static str, took: Duration) {
        self.stage_seconds.get_or_create(&[("stage", stage)]).observe(took.as_secs_f64());
    }

    /// Counts the source of a tree.
    pub(super) fn count_tree_lookup(&self, from: &'static str) {
        self.tree_lookups.get_or_create(&[("result", from)]).inc();
    }

    /// Counts the source of an answer.
    pub(super) fn count_answer(&self, from: &'static str) {
        self.answers.get_or_create(&[("from", from)]).inc();
    }

    /// Counts a rejected call.
    pub(super) fn count_rejection(&self, code: &'static str) {
        self.refusals.get_or_create(&[("code", code)]).inc();
    }

    /// Counts a worker that ended.
    pub(super) fn count_worker_end(&self, reason: &'static str) {
        self.workers_ended.get_or_create(&[("reason", reason)]).inc();
    }

    /// Adds the fuel that policies spent.
    pub(super) fn count_fuel(&self, fuel: u64) {
        self.fuel.inc_by(fuel);
    }

    /// Returns the metrics page.
    pub(super) fn encode_page(&self, levels: Levels) -> String {
        self.connections.set(levels.connections as u64);
        self.waiting_connections.set(levels.waiting_connections as u64);
        self.in_flight_bytes.set(levels.in_flight_bytes);
        self.trees.set(levels.trees as u64);
        self.tree_bytes.set(levels.tree_bytes);
        let mut page = String::new();
        // Writing to a string cannot fail.
        let _ = encode(&mut page, &self.registry);
        page
    }
}
