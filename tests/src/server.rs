//! Plugin servers that tests and benches ask: ours, Argo CD's own and one that does nothing.
//!
//! It starts them, waits until somebody answers, looks at them from outside and ends them.
//! What is asked of them is another matter.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{self, Child, ExitStatus};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::waiting::PATIENCE;
use crate::{Command, built, peer, repo, wait_for};

/// How often a server that starts is looked at.
const LOOK: Duration = Duration::from_millis(1);
/// Its own name and version, as [`Server::ours`] is asked for.
const OURS: &str = "site-cmp@v1.sock";
/// The name and version in `argocd/exec/plugin.yaml`.
const STOCK: &str = "site-cmp-v1.sock";

/// A server that runs; it is killed when this goes, after a panic too.
#[derive(Debug)]
pub struct Server {
    process: Child,
    socket: PathBuf,
    log: PathBuf,
    metrics: Option<SocketAddr>,
}

/// Argo CD's parts, or `None` after saying so: named by `ARGOCD_PEER`, else where
/// `tests/peers/build` leaves them.
///
/// # Panics
/// Where `SITE_CMP_REQUIRE_PEERS` is set and they are missing.
pub fn argocd_peer() -> Option<PathBuf> {
    let named = std::env::var_os("ARGOCD_PEER").map(PathBuf::from);
    let found = named.or_else(|| built("peers/argocd-peer"));
    peer("argocd-peer", found, "build it with: tests/peers/build")
}

/// Returns the same parts, but its controllers, of the oldest Argo CD that is supported.
///
/// # Panics
/// As [`argocd_peer`].
pub fn oldest_argocd() -> Option<PathBuf> {
    peer("argocd-oldest", built("peers/argocd-oldest"), "build it with: tests/peers/build")
}

/// Returns an address of this machine at which nothing listens.
///
/// # Panics
/// Where every port is in use.
pub fn free_address() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
    listener.local_addr().expect("it has a number")
}

impl Server {
    /// `cmp serve` with its socket in a folder, its metrics on a free port of its own.
    ///
    /// # Panics
    /// Where it does not start.
    pub fn ours(binary: &str, folder: &Path, more: impl FnOnce(Command) -> Command) -> Self {
        let metrics = free_address();
        let command = Command::new(binary)
            .args(["serve", "--socket-dir"])
            .arg(folder)
            .args(["--metrics", &metrics.to_string()]);
        let mut server = Self::start(more(command), folder.join(OURS));
        server.metrics = Some(metrics);
        server
    }

    /// The stock server with `cmp generate` as `argocd/exec` installs it; it unpacks into
    /// `work`.
    ///
    /// # Panics
    /// Where it does not start.
    pub fn stock(peer: &Path, binary: &str, folder: &Path, work: &Path) -> Self {
        let at = |name: &str| folder.join(name);
        fs::create_dir_all(at("bin")).expect("a folder can be made");
        fs::create_dir_all(work.join("trees")).expect("a folder can be made");
        if !at("bin/cmp").exists() {
            symlink(binary, at("bin/cmp")).expect("a link can be made");
        }
        let exec = repo().join("argocd/exec");
        let path =
            format!("{}:{}", at("bin").display(), std::env::var("PATH").expect("PATH is set"));
        let command = Command::new(peer)
            .args(["cmp-server", "--config-dir-path"])
            .arg(&exec)
            .env("PATH", path)
            .env("SITE_CMP_LIMITS", exec.join("limits.yaml"))
            .env("ARGOCD_PLUGINSOCKFILEPATH", folder)
            .env("ARGOCD_CMP_WORKDIR", work.join("trees"))
            .env("TMPDIR", work);
        Self::start(command, folder.join(STOCK))
    }

    /// A plugin that throws away what it is sent and answers a word.
    ///
    /// # Panics
    /// Where it does not start.
    pub fn null(peer: &Path, folder: &Path) -> Self {
        let socket = folder.join("null.sock");
        Self::start(Command::new(peer).args(["null", "--socket"]).arg(&socket), socket)
    }

    /// Starts one and waits until its socket takes a connection.
    fn start(mut command: Command, socket: PathBuf) -> Self {
        let log = socket.with_extension("log");
        let out = File::create(&log).expect("a log can be made");
        let process = command
            .inner()
            .stdin(process::Stdio::null())
            .stdout(out.try_clone().expect("a log has two writers"))
            .stderr(out)
            .spawn()
            .expect("the server starts");
        let mut server = Self { process, socket, log, metrics: None };
        let start = Instant::now();
        while UnixStream::connect(&server.socket).is_err() {
            let ended = server.process.try_wait().expect("the server is ours");
            let late = ended.is_some() || start.elapsed() > PATIENCE;
            assert!(!late, "no socket ({ended:?}): {}", server.log());
            sleep(LOOK);
        }
        server
    }

    /// Where it listens.
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// What it said so far.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// A line of its memory in `/proc`, such as `VmRSS` or `VmHWM`, in bytes.
    ///
    /// # Panics
    /// Where it has ended.
    pub fn memory(&self, line: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id()))
            .expect("the server runs, on Linux");
        let kib = status.lines().find_map(|text| text.strip_prefix(line)?.strip_prefix(':'));
        let kib = kib.and_then(|rest| rest.trim().strip_suffix(" kB")).expect("a size in KiB");
        kib.parse::<u64>().expect("a number") * 1024
    }

    /// The processor time that it has used, without that of its children.
    ///
    /// # Panics
    /// Where it has ended.
    pub fn processor_time(&self) -> Duration {
        /// Ticks of a second in `/proc`, on every system that Linux supports (`USER_HZ`).
        const HZ: u64 = 100;
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.process.id()));
        let stat = stat.expect("the server runs, on Linux");
        // The name before the last parenthesis may contain anything.
        let (_, rest) = stat.rsplit_once(')').expect("it has a name");
        let ticks = rest.split_whitespace().skip(11).take(2).map(str::parse::<u64>);
        Duration::from_millis(ticks.map(|ticks| ticks.expect("a number") * 1000 / HZ).sum())
    }

    /// One of its metrics, by name and labels as they are written; 0 if it says none.
    ///
    /// # Panics
    /// Where it has none at all, or does not answer.
    pub fn metric(&self, name: &str) -> f64 {
        let page = self.metrics_page();
        let value = page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        value.map_or(0.0, |value| value.trim().parse().expect("a number"))
    }

    /// The page with all its metrics.
    ///
    /// # Panics
    /// Where it has none at all, or does not answer.
    pub fn metrics_page(&self) -> String {
        let address = self.metrics.expect("this server has metrics");
        let mut stream = TcpStream::connect(address).expect("metrics are served");
        stream
            .write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            .expect("metrics are asked for");
        let mut page = String::new();
        stream.read_to_string(&mut page).expect("metrics are text");
        page
    }

    /// Sends a signal by its name, such as `TERM` or `KILL`.
    ///
    /// # Panics
    /// Where it has ended.
    pub fn signal(&self, name: &str) {
        let id = self.process.id().to_string();
        let sent = process::Command::new("kill").args(["-s", name, &id]).status();
        assert!(sent.expect("kill is there").success(), "no signal {name}: {}", self.log());
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// Where it does not come.
    pub fn ended(&mut self) -> ExitStatus {
        wait_for("end of the server", || self.process.try_wait().expect("the server is ours"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be gone already; and the stock one outlives SIGTERM.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
