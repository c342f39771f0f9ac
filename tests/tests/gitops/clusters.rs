//! Clusters without nodes: an API server and its controllers each, all over one etcd.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use site_cmp_tests::{Command, Output, Process, built, free_address, peer, wait_for};

/// The token of the one user, who may do everything.
const TOKEN: &str = "loop";

/// How much garbage Go programs collect at once, in percent of what they use: there is memory for
/// more than the default of 100, and collecting takes much of the loop's time.
pub(crate) const GARBAGE: (&str, &str) = ("GOGC", "400");

/// The parts that every cluster shares.
pub(crate) struct Clusters {
    folder: PathBuf,
    peer: PathBuf,
    etcd: String,
    process: Process,
}

/// One cluster.
pub(crate) struct Cluster {
    /// Its name in Argo CD.
    pub(crate) name: String,
    /// The URL of its API server.
    pub(crate) server: String,
    /// The file with which kubectl reaches it.
    pub(crate) kubeconfig: PathBuf,
    authority: PathBuf,
    api: Process,
    controllers: Option<Process>,
}

impl Clusters {
    /// Starts etcd in a folder; `None` where a part is missing.
    pub(crate) fn start(folder: &Path) -> Option<Self> {
        let how = "build it with: tests/peers/build";
        let peer = peer("kubernetes-peer", built("peers/kubernetes-peer"), how)?;
        let [clients, members] = [(); 2].map(|()| format!("http://{}", free_address()));
        let command = Command::new(&peer)
            .args(["etcd", "--clients", &clients, "--members", &members, "--folder"])
            .arg(folder.join("etcd"));
        let mut process = Process::start(command, folder.join("etcd.log"));
        process.wait_for("etcd", |log| log.contains("ready").then_some(()));
        let key = Command::new("openssl").args(["genrsa", "-out"]).arg(folder.join("account.key"));
        key.run().success();
        fs::write(folder.join("tokens"), format!("{TOKEN},admin,admin,system:masters\n")).unwrap();
        Some(Self { folder: folder.to_owned(), peer, etcd: clients, process })
    }

    /// Starts the API server of a cluster, which needs some seconds.
    pub(crate) fn begin(&self, name: &str) -> Cluster {
        let folder = self.folder.join(name);
        fs::create_dir(&folder).unwrap();
        let address = free_address();
        let key = self.folder.join("account.key").display().to_string();
        let issuer = "https://kubernetes.default.svc";
        let command = Command::new(&self.peer)
            .arg("kube-apiserver")
            .args(["--etcd-servers", &self.etcd, "--etcd-prefix", &format!("/{name}")])
            .args(["--bind-address=127.0.0.1", "--advertise-address=127.0.0.1"])
            .arg(format!("--secure-port={}", address.port()))
            .arg(format!("--cert-dir={}", folder.display()))
            .args(["--authorization-mode=RBAC", "--anonymous-auth=false", "--profiling=false"])
            .arg(format!("--token-auth-file={}", self.folder.join("tokens").display()))
            .args(["--service-account-issuer", issuer, "--api-audiences", issuer])
            .args(["--service-account-key-file", &key, "--service-account-signing-key-file", &key])
            .args(["--service-cluster-ip-range=10.96.0.0/16", "--endpoint-reconciler-type=none"])
            .arg("--disable-admission-plugins=ServiceAccount")
            .env(GARBAGE.0, GARBAGE.1);
        let api = Process::start(command, folder.join("api.log"));
        let kubeconfig = folder.join("kubeconfig");
        let authority = folder.join("apiserver.crt");
        let server = format!("https://{address}");
        fs::write(&kubeconfig, build_kubeconfig(&server, &authority)).unwrap();
        let name = name.to_owned();
        Cluster { name, server, kubeconfig, authority, api, controllers: None }
    }

    /// Starts the controllers of a cluster, without which nothing is deleted or healthy.
    pub(crate) fn start_controllers(&self, cluster: &mut Cluster) {
        let command =
            Command::new(&self.peer).args(["controllers", "--kubeconfig"]).arg(&cluster.kubeconfig);
        let log = cluster.kubeconfig.with_file_name("controllers.log");
        cluster.controllers = Some(Process::start(command, log));
    }

    /// Returns kinds of sets of `tests/peers/modules`, by the beginnings of their files' names.
    pub(crate) fn kinds(&self, sets: &[(&str, &[&str])]) -> Vec<PathBuf> {
        let all = self.peer.with_file_name("crds");
        let in_set = |(set, names): &(&str, &[&str])| -> Vec<PathBuf> {
            let entries = fs::read_dir(all.join(set)).unwrap().map(|entry| entry.unwrap());
            let named = entries.filter(|entry| {
                let file = entry.file_name();
                names.iter().any(|name| file.to_string_lossy().starts_with(name))
            });
            named.map(|entry| entry.path()).collect()
        };
        sets.iter().flat_map(in_set).collect()
    }

    /// Returns the process ids of etcd and of these clusters.
    pub(crate) fn processes<'c>(&self, all: impl Iterator<Item = &'c Cluster>) -> Vec<u32> {
        let of = |cluster: &'c Cluster| {
            let controllers = cluster.controllers.as_ref();
            std::iter::once(cluster.api.id()).chain(controllers.map(Process::id))
        };
        std::iter::once(self.process.id()).chain(all.flat_map(of)).collect()
    }
}

impl Cluster {
    /// Waits for the API server and adds kinds of objects.
    pub(crate) fn add_kinds(&self, kinds: &[PathBuf]) {
        wait_for("API server", || {
            let ready = self.kubectl(&["get", "--raw", "/readyz"]);
            (ready.code == Some(0)).then_some(())
        });
        let files = kinds.iter().flat_map(|file| ["-f", file.to_str().unwrap()]);
        let args: Vec<&str> = ["apply", "--server-side"].into_iter().chain(files).collect();
        self.kubectl(&args).success();
        // kubectl fails for a kind that has no status yet.
        wait_for("kinds of objects", || {
            let established = "--for=condition=Established";
            let wait = self.kubectl(&["wait", established, "crd", "--all", "--timeout=60s"]);
            (wait.code == Some(0)).then_some(())
        });
    }

    /// Runs kubectl.
    pub(crate) fn kubectl(&self, args: &[&str]) -> Output {
        let cache = self.kubeconfig.with_file_name("cache");
        let command = Command::new("kubectl").arg("--kubeconfig").arg(&self.kubeconfig);
        command.arg("--cache-dir").arg(cache).args(args).run()
    }

    /// Applies objects, which are YAML text, as a user does.
    pub(crate) fn apply(&self, objects: &str) {
        let file = self.kubeconfig.with_file_name("objects.yaml");
        fs::write(&file, objects).unwrap();
        self.kubectl(&["apply", "-f", file.to_str().unwrap()]).success();
    }

    /// Returns what the API server answers for a path; null where there is nothing.
    pub(crate) fn get(&self, path: &str) -> Value {
        let output = self.kubectl(&["get", "--raw", path]);
        serde_json::from_str(&output.stdout).unwrap_or_default()
    }

    /// Returns the names of a kind's objects in a namespace.
    pub(crate) fn names(&self, api: &str, namespace: &str, kind: &str) -> Vec<String> {
        let list = self.get(&format!("{api}/namespaces/{namespace}/{kind}"));
        let items = list["items"].as_array().into_iter().flatten();
        items.map(|item| item["metadata"]["name"].as_str().unwrap().to_owned()).collect()
    }

    /// Returns the Secret with which Argo CD reaches this cluster.
    pub(crate) fn secret(&self) -> Value {
        let authority = fs::read_to_string(&self.authority).unwrap();
        let config = serde_json::json!({
            "bearerToken": TOKEN,
            "tlsClientConfig": {"caData": base64(&authority)},
        });
        serde_json::json!({
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {
                "name": format!("cluster-{}", self.name),
                "namespace": "argocd",
                "labels": {"argocd.argoproj.io/secret-type": "cluster"},
            },
            "stringData": {"name": self.name, "server": self.server, "config": config.to_string()},
        })
    }
}

fn build_kubeconfig(server: &str, authority: &Path) -> String {
    serde_json::json!({
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": {"server": server, "certificate-authority": authority}}],
        "users": [{"name": "u", "user": {"token": TOKEN}}],
        "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
        "current-context": "x",
    })
    .to_string()
}

/// Returns text in base64, by openssl: nothing else here needs it.
fn base64(text: &str) -> String {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), text).unwrap();
    let command = Command::new("openssl").args(["base64", "-A", "-in"]).arg(file.path());
    command.run().success().stdout
}
