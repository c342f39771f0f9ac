//! A merged config, loaded by real Nautobot.
//!
//! Its folder (that of a virtual environment) is taken from `SITE_CMP_NAUTOBOT`, else it is
//! where `nautobot-server` on `PATH` is.

use std::path::{Path, PathBuf};
use std::process::Command as Process;

use serde_json::Value;
use site_cmp_tests::{Output, Scratch, peer, repo};

mod configs;

use crate::cmp;

const SITE: &str = "rax-dev-iad3";
const CASE: &str = "tests/cases/layers-of-a-config-become-one-module/fleet";

/// What the settings that count say, once Nautobot has loaded them.
const TELL: &str = "
import importlib.util, json, sys
spec = importlib.util.spec_from_file_location('config', sys.argv[1])
config = importlib.util.module_from_spec(spec)
spec.loader.exec_module(config)
names = ['CELERY_TASK_TIME_LIMIT', 'CELERY_TASK_SOFT_TIME_LIMIT', 'CELERY_BROKER_URL', 'CELERY_BROKER_USE_SSL']
told = {name: getattr(config, name, None) for name in names}
print(json.dumps(told | {'database': config.DATABASES['default'], 'cache': config.CACHES['default']}))
";

/// The folder with `nautobot-server` and the Python that it runs on.
pub(crate) fn nautobot() -> Option<PathBuf> {
    let named = std::env::var_os("SITE_CMP_NAUTOBOT").map(|venv| PathBuf::from(venv).join("bin"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let holds = |folder: &PathBuf| folder.join("nautobot-server").exists();
    let found = named.into_iter().chain(std::env::split_paths(&path)).find(holds);
    peer(
        "nautobot-server",
        found,
        "`pip install 'nautobot==3.1.*'` into a virtual environment and name it in SITE_CMP_NAUTOBOT",
    )
}

/// The site's config as the Application carries it, and the variables beside it.
fn delivered() -> (String, Vec<(String, String)>) {
    let fleet = Scratch::new().beside(&repo().join(CASE));
    let output = cmp()
        .args(["render", "site-profiles", "--site", SITE, "--target", "application", "-o", "json"])
        .dir(fleet.outside())
        .run();
    delivered_by(&output.success())
}

/// The same of a render's output.
fn delivered_by(output: &Output) -> (String, Vec<(String, String)>) {
    let application: Value = serde_json::from_str(&output.stdout).unwrap();
    let values = &application["spec"]["sources"][0]["helm"]["valuesObject"];
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut variables = vec![
        ("NAUTOBOT_DB_HOST".to_owned(), text(&values["nautobot"]["db"]["host"])),
        ("NAUTOBOT_REDIS_HOST".to_owned(), text(&values["nautobot"]["redis"]["host"])),
        ("NAUTOBOT_REDIS_SSL".to_owned(), values["nautobot"]["redis"]["ssl"].to_string()),
    ];
    let listed = values["workers"][SITE]["extraEnvVars"].as_array().unwrap();
    variables.extend(listed.iter().map(|one| (text(&one["name"]), text(&one["value"]))));
    variables.retain(|(name, _)| name.starts_with("NAUTOBOT_") && name != "NAUTOBOT_CONFIG");
    (text(&values["nautobot"]["config"]), variables)
}

/// A program of Nautobot's, in an environment of its own.
fn program(path: &Path, root: &Path, variables: &[(String, String)]) -> Process {
    let mut process = Process::new(path);
    process
        .env_clear()
        .env("HOME", root)
        .env("NAUTOBOT_ROOT", root)
        .env("NAUTOBOT_SECRET_KEY", "k".repeat(60))
        .env("NAUTOBOT_CONFIG", root.join("nautobot_config.py"))
        .envs(variables.iter().map(|(name, value)| (name, value)));
    process
}

fn run(process: &mut Process) -> String {
    let output = process.output().unwrap();
    let [out, err] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    assert!(output.status.success(), "{process:?}\n{out}\n{err}");
    out.into_owned()
}

/// The settings, after `nautobot-server check` has passed with them.
fn settings(bin: &Path, config: &str, variables: &[(String, String)]) -> Value {
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("nautobot_config.py");
    std::fs::write(&file, config).unwrap();
    // No Redis is there to be asked.
    let dummy = "django.core.cache.backends.dummy.DummyCache";
    run(program(&bin.join("nautobot-server"), root.path(), variables)
        .env("NAUTOBOT_CACHES_BACKEND", dummy)
        .arg("check"));
    let told =
        run(program(&bin.join("python"), root.path(), variables).args(["-c", TELL]).arg(&file));
    serde_json::from_str(told.lines().last().unwrap()).unwrap()
}

#[test]
fn real_nautobot_loads_the_merged_config_with_mutual_tls() {
    let Some(bin) = nautobot() else { return };
    let (config, variables) = delivered();
    let settings = settings(&bin, &config, &variables);
    let database = &settings["database"];
    assert_eq!(database["HOST"], "nautobot-db.dev.example.net");
    assert_eq!(database["OPTIONS"]["sslmode"], "verify-ca");
    assert_eq!(database["OPTIONS"]["sslcert"], "/etc/nautobot/mtls/tls.crt");
    assert_eq!(database["OPTIONS"]["sslrootcert"], "/etc/nautobot/mtls/ca.crt");
    assert_eq!(database["CONN_MAX_AGE"], 60, "of the environment's layer");
    let cache = &settings["cache"]["OPTIONS"]["CONNECTION_POOL_KWARGS"];
    assert_eq!(cache["ssl_ca_certs"], "/etc/nautobot/mtls/ca.crt");
    assert_eq!(settings["CELERY_BROKER_USE_SSL"], *cache);
    let broker = settings["CELERY_BROKER_URL"].as_str().unwrap();
    assert!(broker.starts_with("rediss://") && broker.contains("nautobot-redis.dev.example.net"));
    assert_eq!(settings["CELERY_TASK_TIME_LIMIT"], 4 * 3600, "of the site's layer");
    assert_eq!(settings["CELERY_TASK_SOFT_TIME_LIMIT"], 4 * 3600 - 300);
}

#[test]
fn real_nautobot_loads_the_merged_config_without_it() {
    let Some(bin) = nautobot() else { return };
    let settings = settings(&bin, &delivered().0, &[]);
    assert!(settings["database"]["OPTIONS"].get("sslmode").is_none());
    assert_eq!(settings["database"]["CONN_MAX_AGE"], 60);
    assert_eq!(settings["CELERY_BROKER_USE_SSL"], Value::Null);
    assert!(settings["CELERY_BROKER_URL"].as_str().unwrap().starts_with("redis://"));
}
