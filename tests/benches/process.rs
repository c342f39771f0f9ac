//! The program as a whole process: start to exit, wall-clock time and peak memory.
//!
//! Prints a table: minimum, median and maximum over several runs of each command, the
//! release binary of this workspace being the program. `cmp --version` is the floor that
//! a process costs here.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use site_cmp_tests::{Scratch, fleet};
use wait4::Wait4;

const PROGRAM: &str = env!("CARGO_BIN_EXE_site-cmp");
/// Sites of the generated fleets: of the one whose sites are rendered, and of the one whose
/// global cluster is.
const SITES: usize = 10_000;
const GLOBAL_SITES: usize = 1_000;

struct Run {
    wall: Duration,
    memory: u64,
}

fn run(cache: &Path, args: &[&str]) -> Run {
    let started = Instant::now();
    let child = Command::new(PROGRAM)
        .args(args)
        .env("SITE_CMP_CACHE", cache)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let ended = child.wait4().expect("it ends");
    assert!(ended.status.success(), "{args:?} failed");
    Run { wall: started.elapsed(), memory: ended.rusage.maxrss }
}

/// One row of the table.
fn row(name: &str, runs: usize, mut once: impl FnMut() -> Run) {
    let mut runs: Vec<Run> = (0..runs).map(|_| once()).collect();
    runs.sort_by_key(|run| run.wall);
    let ms = |run: &Run| run.wall.as_secs_f64() * 1000.0;
    let memory = runs.iter().map(|run| run.memory).max().unwrap_or_default() >> 20;
    let line = format!(
        "{name:<44} {:>9.1} {:>9.1} {:>9.1} ms {memory:>6} MiB\n",
        ms(&runs[0]),
        ms(&runs[runs.len() / 2]),
        ms(&runs[runs.len() - 1]),
    );
    // Nothing is lost where stdout is closed.
    let _ = std::io::stdout().write_all(line.as_bytes());
}

fn main() {
    let scratch = Scratch::new();
    let cache = scratch.outside().join("cache");
    let fleet = fleet();
    let fleet = fleet.to_str().expect("a path");
    let render = ["render", fleet, "--site", "rax-dev-iad3"];
    row("cmp --version", 30, || run(&cache, &["--version"]));
    row("cmp render, compiled code cached", 30, || run(&cache, &render));
    row("cmp render, cache empty", 10, || {
        // The first run finds it missing already.
        let _ = fs::remove_dir_all(&cache);
        run(&cache, &render)
    });
    for (name, sites) in [("global, 1,000 sites", GLOBAL_SITES), ("one more", GLOBAL_SITES + 1)] {
        // The example's dev has three open sites.
        let fleet = Scratch::new().with_sites(sites - 3);
        let path = fleet.path();
        let path = path.to_str().expect("a path");
        let words =
            ["render", path, "--environment", "dev", "--target", "global", "-o", "json", "-q"];
        row(&format!("cmp render --target {name}"), 10, || run(&cache, &words));
    }
    // The example fleet has nine.
    let scratch = scratch.with_sites(SITES - 9);
    let path = scratch.path();
    let all = [
        "render",
        path.to_str().expect("a path"),
        "--all",
        "--target",
        "application",
        "-o",
        "json",
    ];
    row("cmp render --all, 10,000 sites", 5, || run(&cache, &all));
}
