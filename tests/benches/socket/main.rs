//! Plugin servers at their sockets, asked by Argo CD's own client.
//!
//! An exchange is what repo-server does for one application: it dials, asks twice for the
//! configuration, sends the checkout and waits. Ours is held to a plugin that throws away
//! what it is sent (null: the floor, in Go) and to `cmp generate` under Argo CD's plugin
//! server (stock). Ratios are of medians in one run; the servers are asked in turn.
//! Words behind `--` choose parts: floor, stock, fleet, memory, start, kill.

mod compare;
mod repos;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use compare::{Bar, Exchanges, row, say};
use repos::repository;
use site_cmp_tests::attack::{Answer, HostileFleet, MemoryWatch};
use site_cmp_tests::processes::children;
use site_cmp_tests::{Command, Scratch, Server, argocd_peer};
use tempfile::TempDir;
use tokio::runtime::Runtime;

const PROGRAM: &str = env!("CARGO_BIN_EXE_site-cmp");
/// A folder on a disk, where the stock server unpacks.
const DISK: &str = env!("CARGO_TARGET_TMPDIR");
/// The site that is asked for where one is enough.
const SITE: &str = "fleet/sites/rax-dev-iad3";
/// Sites of the fleet that comes at a new revision, and callers that ask for them.
const SITES: usize = 200;
const CALLERS: usize = 16;
const MIB: f64 = 1024.0 * 1024.0;

/// A part of the table, by the word that asks for it.
type Part = (&'static str, fn(&Bench));

struct Bench {
    peer: PathBuf,
    folder: TempDir,
    small: Scratch,
    big: Scratch,
}

fn main() {
    // It has said what is missing.
    let Some(peer) = argocd_peer() else { return };
    let bench = Bench {
        peer,
        folder: TempDir::new().expect("a folder can be made"),
        small: repository(Scratch::new(), 202, 1_500_000),
        big: repository(Scratch::new(), 5_002, 25_000_000),
    };
    say("what                                           figure      bar              from");
    let parts: [Part; 6] = [
        ("floor", Bench::against_the_floor),
        ("stock", Bench::against_stock),
        ("fleet", Bench::a_fleet_at_a_new_revision),
        ("memory", Bench::memory),
        ("start", Bench::start),
        ("kill", Bench::after_a_kill),
    ];
    let asked: Vec<String> =
        std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    for (name, part) in parts {
        if asked.is_empty() || asked.iter().any(|word| word == name) {
            part(&bench);
        }
    }
}

impl Bench {
    /// Our server in a folder of its own, the fleet's policies compiled.
    fn ours(&self, name: &str) -> Server {
        let folder = self.folder.path().join(name);
        std::fs::create_dir_all(&folder).expect("a folder can be made");
        Server::ours(PROGRAM, &folder, |command| {
            command.arg("--preload").arg(site_cmp_tests::fleet())
        })
    }

    fn null(&self) -> Server {
        Server::null(&self.peer, self.folder.path())
    }

    fn stock(&self, work: &Path) -> Server {
        Server::stock(&self.peer, PROGRAM, self.folder.path(), work)
    }

    /// One site of a repository, its archive never seen before or known.
    fn one_site<'a>(&'a self, repo: &'a Path, apps: &'a [String]) -> Exchanges<'a> {
        Exchanges { peer: &self.peer, repo, apps, callers: 1, calls: 20, rounds: 5, fresh: "never" }
    }

    fn against_the_floor(&self) {
        let (null, ours) = (self.null(), self.ours("floor"));
        let apps = [SITE.to_owned()];
        for (size, repo, calls, never_seen) in
            [("small", &self.small, 40, 1.6), ("big", &self.big, 8, 2.0)]
        {
            let row_of = |fresh, name: &str, callers: usize, bar| {
                let calls = calls * callers.min(4);
                let one = self.one_site(repo.outside(), &apps);
                let [floor, own] = Exchanges { callers, calls, fresh, ..one }.with([&null, &ours]);
                let from = format!("{:.1} ms, null {:.1} ms", own.median, floor.median);
                let what = format!("{size}, {name}, {callers} callers: to null");
                row(&what, own.median / floor.median, "x", Bar::AtMost(bar), &from);
                let from = format!("null {:.2} ms", floor.answer);
                (own.answer, from)
            };
            for callers in [1, 4, 16] {
                let (answer, from) = row_of("never", "known", callers, 1.0);
                if callers == 1 {
                    let what = format!("{size}, known: last byte to answer");
                    row(&what, answer, "ms", Bar::AtMost(1.0), &from);
                }
            }
            for callers in [1, 4] {
                row_of("call", "never seen", callers, never_seen);
            }
        }
        self.other_sites(&null);
    }

    /// Each call is for another site, so that no answer of an earlier call serves it.
    fn other_sites(&self, null: &Server) {
        let (fleet, apps) = sites(202, 1_500_000);
        for callers in [1, 4] {
            let ours = self.ours(&format!("others-{callers}"));
            let one = self.one_site(fleet.outside(), &apps);
            let all = Exchanges { callers, calls: SITES, rounds: 1, ..one };
            let [floor, own] = all.with([null, &ours]);
            let from = format!("{:.1} ms, null {:.1} ms", own.median, floor.median);
            let what = format!("known, each call another site, {callers} callers: to null");
            row(&what, own.median / floor.median, "x", Bar::AtMost(1.0), &from);
        }
    }

    fn against_stock(&self) {
        let disk = TempDir::new_in(DISK).expect("a folder can be made");
        let (stock, ours) = (self.stock(disk.path()), self.ours("stock"));
        let apps = [SITE.to_owned()];
        for (size, repo, calls, bar) in
            [("small", &self.small, 8, 7.0), ("big", &self.big, 1, 10.0)]
        {
            for callers in [1, 4] {
                let one = self.one_site(repo.outside(), &apps);
                let calls = calls * callers;
                let [theirs, own] =
                    Exchanges { callers, calls, rounds: 3, ..one }.with([&stock, &ours]);
                let from = format!("{:.1} ms, stock {:.1} ms", own.median, theirs.median);
                let what = format!("{size}, known, {callers} callers: faster than stock");
                row(&what, theirs.median / own.median, "x", Bar::AtLeast(bar), &from);
            }
        }
    }

    /// All sites of one repository at one revision that nobody has seen.
    fn a_fleet_at_a_new_revision(&self) {
        const ROUNDS: usize = 2;
        let (fleet, apps) = sites(202, 1_900_000);
        let disk = TempDir::new_in(DISK).expect("a folder can be made");
        let (stock, ours) = (self.stock(disk.path()), self.ours("fleet"));
        let all = Exchanges {
            callers: CALLERS,
            calls: SITES,
            rounds: ROUNDS,
            fresh: "round",
            ..self.one_site(fleet.outside(), &apps)
        };
        let lookups = |result: &str| {
            ours.metric(&format!("site_cmp_tree_lookups_total{{result=\"{result}\"}}"))
        };
        let [theirs, own] = all.with([&stock, &ours]);
        let from = format!("{:.0} sites/s, stock {:.1}", own.per_second, theirs.per_second);
        let what = format!("{SITES} sites, {CALLERS} callers: faster than stock");
        row(&what, own.per_second / theirs.per_second, "x", Bar::AtLeast(10.0), &from);
        // The call that warms it up has a revision of its own.
        #[allow(clippy::cast_precision_loss, reason = "a handful of rounds")]
        let unpacked = (lookups("new") - 1.0) / ROUNDS as f64;
        let from = format!("joined {}, known {}", lookups("joined"), lookups("known"));
        row(&format!("{SITES} sites: unpacked"), unpacked, "", Bar::AtMost(1.0), &from);
    }

    fn memory(&self) {
        let apps = [SITE.to_owned()];
        let ours = self.ours("memory");
        let started = mib(ours.memory("VmRSS"));
        let one = self.one_site(self.small.outside(), &apps);
        Exchanges { calls: 1, rounds: 1, ..one }.with([&ours]);
        let from = format!("{started:.0} MiB before the first call");
        let after = mib(ours.memory("VmRSS"));
        row("memory of the server after a call", after, "MiB", Bar::AtMost(40.0), &from);
        for (name, fresh) in
            [("known", "never"), ("one new revision", "round"), ("all never seen", "call")]
        {
            let watch = MemoryWatch::start(ours.id());
            let one = self.one_site(self.big.outside(), &apps);
            Exchanges { callers: 64, calls: 128, rounds: 1, fresh, ..one }.with([&ours]);
            let what = format!("peak of all processes, 64 callers, big, {name}");
            let from = format!("server {:.0} MiB after it", mib(ours.memory("VmRSS")));
            row(&what, mib(watch.peak()), "MiB", Bar::AtMost(400.0), &from);
        }
    }

    /// A call right after all workers were killed, as the kernel does it for want of memory.
    fn after_a_kill(&self) {
        const KILLS: usize = 20;
        let ours = self.ours("kill");
        let call = HostileFleet::new().site_call();
        let runtime = Runtime::new().expect("threads can be started");
        let time_of_a_call = || {
            let started = Instant::now();
            let answer = runtime.block_on(call.send(ours.socket()));
            assert!(matches!(answer, Answer::Manifests(_)), "{answer:?}");
            ms(started.elapsed())
        };
        time_of_a_call();
        let mut times: Vec<(f64, f64)> = (0..KILLS)
            .map(|_| {
                let warm = time_of_a_call();
                for worker in children(ours.id()) {
                    let killed = Command::new("kill").args(["-s", "KILL", &worker.to_string()]);
                    killed.run().success();
                }
                (time_of_a_call(), warm)
            })
            .collect();
        times.sort_by(|one, other| one.0.total_cmp(&other.0));
        let (median, warm) = times[KILLS / 2];
        let from = format!("median {median:.1} ms, without a kill {warm:.1} ms");
        let slowest = times[KILLS - 1].0;
        row("a call after its workers were killed", slowest, "ms", Bar::AtMost(50.0), &from);
    }

    /// From exec to a socket that takes a connection, compiled code in its cache.
    fn start(&self) {
        let mut starts: Vec<Duration> = (0..20)
            .map(|number| {
                let started = Instant::now();
                let _server = self.ours(&format!("start-{number}"));
                started.elapsed()
            })
            .collect();
        starts.sort();
        let from = format!("slowest {:.1} ms", ms(starts[starts.len() - 1]));
        let median = ms(starts[starts.len() / 2]);
        row("start to bound socket", median, "ms", Bar::AtMost(100.0), &from);
    }
}

/// Returns a repository with a fleet of many sites beside other files, and the sites' folders.
fn sites(others: usize, bytes: usize) -> (Scratch, Vec<String>) {
    let apps = (0..SITES).map(|site| format!("fleet/sites/gen-{site}"));
    (repository(Scratch::new().with_sites(SITES), SITES + others, bytes), apps.collect())
}

/// Converts bytes.
fn mib(bytes: u64) -> f64 {
    #[allow(clippy::cast_precision_loss, reason = "megabytes, to be read")]
    let bytes = bytes as f64;
    bytes / MIB
}

/// Converts a time.
fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
