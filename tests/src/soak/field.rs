//! The server under the soak, the honest callers, and the two phases.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use site_cmp_tests::attack::{Honest, MemoryWatch, SHORT_LIMITS, Tally, process_bytes};
use site_cmp_tests::{Scratch, Server, write_program};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::time::sleep;

use crate::cgroup::Cgroup;
use crate::mix::{Mix, Outcomes};
use crate::{Options, minutes, print};

/// The memory of the container.
pub(crate) const MEMORY: u64 = 768 << 20;
const CALLERS: usize = 16;
const SITES: usize = 40;
/// Revisions of the fleet, each with another build of a policy.
const REVISIONS: usize = 6;
/// How long a revision is the current one.
const REVISION: Duration = Duration::from_secs(30);
/// How long a server has to give its memory back.
const REST: Duration = Duration::from_mins(1);
const FILES: u64 = 16_384;
const POLICY: &str = "policies/nautobot-worker.wasm";

/// The server and those that call it.
pub(crate) struct Field {
    // Dropped in this order: the cgroup can be removed once the server has ended.
    pub(crate) server: Server,
    pub(crate) cgroup: Result<Cgroup, String>,
    pub(crate) memory: MemoryWatch,
    honest: Arc<Honest>,
    runtime: Runtime,
    _folder: TempDir,
}

/// One phase: its honest calls, and those of the attacks.
pub(crate) struct Phase {
    pub(crate) honest: Arc<Tally>,
    pub(crate) attacks: Outcomes,
}

/// The memory of the server's processes after the rest, each with its id; the server is first.
pub(crate) type Rested = Vec<(u32, u64)>;

impl Field {
    /// Starts the server and prepares the honest calls.
    pub(crate) fn prepare(options: &Options) -> Self {
        let raised = rlimit::increase_nofile_limit(FILES).expect("a limit of open files");
        assert!(raised >= FILES, "the soak opens {FILES} files, and only {raised} are allowed");
        let folder = TempDir::new().expect("a folder can be made");
        let program = options.server.to_str().expect("a path that is text");
        print(&format!("{REVISIONS} revisions of a fleet with {SITES} sites"));
        let honest = Arc::new(revisions(program));
        let cgroup = Cgroup::create(MEMORY);
        let binary = wrapper(folder.path(), program, cgroup.as_ref().ok());
        let limits = folder.path().join("limits.yaml");
        fs::write(&limits, SHORT_LIMITS).expect("a file can be written");
        let server = Server::ours(&binary, folder.path(), |command| {
            let command = command.env("SITE_CMP_CACHE", folder.path().join("cache"));
            command.env("SITE_CMP_LIMITS", limits)
        });
        let memory = MemoryWatch::start(server.id());
        let runtime = Runtime::new().expect("threads can be started");
        Self { server, cgroup, memory, honest, runtime, _folder: folder }
    }

    /// Runs the phase without attacks, the one with them, and the rest.
    pub(crate) fn soak(&self, options: &Options) -> (Phase, Phase, Rested) {
        let none = Mix::new(&[String::from("none")]);
        // Everything is compiled and cached once before anything is measured.
        print("warming up");
        self.phase(&none, REVISION * u32::try_from(REVISIONS).expect("few revisions") / 4);
        print(&format!("{} minutes of {CALLERS} honest callers alone", options.alone));
        let alone = self.phase(&none, minutes(options.alone));
        print(&format!("{} minutes beside the attacks", options.minutes));
        let mixed = self.phase(&Mix::new(&options.only), minutes(options.minutes));
        print("a minute of rest");
        std::thread::sleep(REST);
        (alone, mixed, process_bytes(self.server.id()))
    }

    /// Runs honest callers and attacks for a while.
    fn phase(&self, mix: &Mix, time: Duration) -> Phase {
        let (end, honest) = (Arc::new(AtomicBool::new(false)), Arc::new(Tally::default()));
        let socket: PathBuf = self.server.socket().to_owned();
        let attacks = self.runtime.block_on(async {
            let callers: Vec<_> = (0..CALLERS)
                .map(|_| {
                    self.honest.clone().call_until(socket.clone(), end.clone(), honest.clone())
                })
                .map(tokio::spawn)
                .collect();
            let attacks = mix.start(&socket, &end);
            let started = Instant::now();
            while started.elapsed() < time {
                let revision = started.elapsed().as_secs() / REVISION.as_secs();
                self.honest.turn_to(usize::try_from(revision).expect("few revisions"));
                sleep(Duration::from_millis(200)).await;
            }
            end.store(true, Ordering::Relaxed);
            for caller in callers {
                caller.await.expect("a caller does not panic");
            }
            attacks.join().await
        });
        Phase { honest, attacks }
    }
}

/// Returns honest callers of several revisions, with the answers of the program.
fn revisions(program: &str) -> Honest {
    let sites: Vec<String> = (0..SITES).map(|site| format!("gen-{site}")).collect();
    (0..REVISIONS).fold(Honest::default(), |honest, at| {
        let fleet = Scratch::new().with_sites(SITES);
        let database = format!("nautobot-db-{at}.dev");
        let fleet =
            fleet.changed("environments/dev/environment.yaml", "nautobot-db.dev", &database);
        let mut artifact = fs::read(fleet.path().join(POLICY)).expect("the policy is there");
        // A custom section, named and empty: another build of the same policy.
        artifact.extend([0, 7, 6]);
        artifact.extend(format!("soak-{at}").bytes());
        honest.with_revision(program, &fleet.pinned(POLICY, &artifact), &sites)
    })
}

/// Writes a script that joins the cgroup and becomes the program. Returns its path.
fn wrapper(folder: &Path, program: &str, cgroup: Option<&Cgroup>) -> String {
    let join = cgroup.map_or_else(String::new, |cgroup| {
        format!("echo $$ > {} || exit 1\n", cgroup.members().display())
    });
    let script = folder.join("serve");
    write_program(&script, format!("#!/bin/sh\n{join}exec {program} \"$@\"\n"));
    script.to_string_lossy().into_owned()
}
