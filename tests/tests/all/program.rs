//! The program on its machine: names, streams, exit codes, caches, signals.

use std::fs;
use std::io::Read as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};

use site_cmp_tests::{Command, Scratch, fleet, wait_for};

use crate::{BINARY, cmp, hostile};

const SITE: &str = "rax-dev-iad3";

/// A folder that holds the program as `cmp`, first on a `PATH` that goes on as ours.
fn as_cmp(folder: &Path) -> (PathBuf, String) {
    let bin = folder.join("bin");
    fs::create_dir_all(&bin).unwrap();
    symlink(BINARY, bin.join("cmp")).unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    (bin.join("cmp"), path)
}

#[test]
fn diffutils_cmp_still_works_where_ours_comes_first() {
    let folder = tempfile::tempdir().unwrap();
    let (ours, path) = as_cmp(folder.path());
    if !Path::new("/usr/bin/cmp").exists() {
        site_cmp_tests::tell("skipped: /usr/bin/cmp not found; it is in the package diffutils");
        return;
    }
    let [a, b, c] = ["a", "b", "c"].map(|name| folder.path().join(name));
    fs::write(&a, "same\n").unwrap();
    fs::write(&b, "same\n").unwrap();
    fs::write(&c, "other\n").unwrap();
    let run = |args: &[&Path]| Command::new(&ours).env("PATH", &path).args(args).run();
    assert_eq!(run(&[&a, &b]).code, Some(0));
    let differ = run(&[&a, &c]);
    assert_eq!(differ.code, Some(1));
    assert!(differ.stdout.contains("differ"), "{}", differ.stdout);
    for option in ["-s", "--silent", "-l", "--bytes=1"] {
        assert_eq!(run(&[Path::new(option), &a, &b]).code, Some(0), "{option}");
    }
    assert_eq!(run(&[&a, Path::new("no-such-file")]).code, Some(2));
    // Ours twice on PATH is not a loop.
    let other = folder.path().join("other");
    fs::create_dir(&other).unwrap();
    fs::copy(BINARY, other.join("cmp")).unwrap();
    let twice = format!("{}:{path}", other.display());
    assert_eq!(Command::new(&ours).env("PATH", twice).args([&a, &b]).run().code, Some(0));
}

#[test]
fn under_its_own_name_it_never_hands_over() {
    let output = cmp().args(["one-file", "other-file"]).run();
    assert_eq!(output.code, Some(2));
    assert!(output.stderr.contains("one-file"), "{}", output.stderr);
}

#[test]
fn exit_codes_mean_something() {
    let fleet = Scratch::new();
    let path = fleet.path();
    fleet.render(BINARY, SITE, &[]).success();
    fleet.render(BINARY, "nobody", &[]).failure(1);
    cmp().args(["render", "--no-such-option"]).run().failure(2);
    cmp().arg("render").arg(&path).run().failure(2);
    fleet
        .render(BINARY, SITE, &["--target", "nonsense"])
        .failure(2)
        .says(&["values", "application"]);
    for command in
        [&["--help"][..], &["--version"], &["render", "--help"], &["policy", "build", "--help"]]
    {
        assert!(!cmp().args(command).run().success().stdout.is_empty());
    }
    for shell in ["bash", "zsh", "fish"] {
        assert!(cmp().args(["completions", shell]).run().success().stdout.contains("render"));
    }
}

#[test]
fn a_closed_stdout_ends_it_quietly() {
    let fleet = Scratch::new();
    let script = format!(
        "{BINARY} render {} --all --target application 2>err | head -n 1",
        fleet.path().display()
    );
    let output =
        Process::new("sh").args(["-c", &script]).current_dir(fleet.outside()).output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap().lines().count(), 1);
    let said = fs::read_to_string(fleet.outside().join("err")).unwrap();
    assert!(!said.contains("panicked") && !said.contains("roken pipe"), "{said}");
}

#[test]
fn a_full_disk_leaves_no_half_file() {
    let fleet = Scratch::new();
    // A limit of nothing on the size of files stands for the full disk.
    let out = fleet.outside().join("out");
    let script = format!(
        "ulimit -f 0; trap '' XFSZ; {BINARY} render {} --all --out {}",
        fleet.path().display(),
        out.display()
    );
    let cache = fleet.outside().join("cache");
    // Compiled code is cached first, as the limit would stop that too.
    Command::new(BINARY)
        .env("SITE_CMP_CACHE", &cache)
        .arg("render")
        .arg(fleet.path())
        .arg("--all")
        .run()
        .success();
    let output =
        Process::new("bash").args(["-c", &script]).env("SITE_CMP_CACHE", &cache).output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", String::from_utf8_lossy(&output.stderr));
    let left: Vec<_> = fs::read_dir(&out)
        .map(|entries| entries.map(|entry| entry.unwrap().path()).collect())
        .unwrap_or_default();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn one_site_that_fails_hides_no_other() {
    let fleet =
        Scratch::new().changed("sites/rax-dev-hkg1/profile.yaml", "replicas: 3", "replicas: many");
    let output = cmp()
        .arg("render")
        .arg(fleet.path())
        .args(["--all", "--target", "application", "-o", "json"])
        .run();
    assert_eq!(output.code, Some(1));
    assert!(output.stderr.contains("/replicas"));
    let sites = fs::read_dir(fleet.path().join("sites")).unwrap().count();
    assert_eq!(output.stdout.lines().count(), sites - 1);
}

#[test]
fn the_cache_must_be_private() {
    let fleet = Scratch::new();
    let cache = fleet.outside().join("cache");
    let run = || {
        Command::new(BINARY)
            .env("SITE_CMP_CACHE", &cache)
            .arg("render")
            .arg(fleet.path())
            .args(["--site", SITE])
            .run()
    };
    run().success();
    assert_eq!(fs::metadata(&cache).unwrap().permissions().mode() & 0o777, 0o700);
    fs::set_permissions(&cache, fs::Permissions::from_mode(0o777)).unwrap();
    run().failure(3).says(&["cache"]);
}

#[test]
fn a_damaged_cache_is_filled_anew() {
    let fleet = Scratch::new();
    let cache = fleet.outside().join("cache");
    let run = || {
        Command::new(BINARY)
            .env("SITE_CMP_CACHE", &cache)
            .arg("render")
            .arg(fleet.path())
            .args(["--site", SITE])
            .run()
            .success()
    };
    let first = run().stdout;
    for entry in fs::read_dir(&cache).unwrap() {
        let path = entry.unwrap().path();
        let mut bytes = fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes.truncate(middle);
        fs::write(&path, bytes).unwrap();
    }
    assert_eq!(run().stdout, first);
    assert_eq!(run().stdout, first);
}

#[test]
fn two_processes_fill_one_cache_at_once() {
    let fleet = Scratch::new();
    let cache = fleet.outside().join("cache");
    let start = || {
        let mut command = Command::new(BINARY)
            .env("SITE_CMP_CACHE", &cache)
            .arg("render")
            .arg(fleet.path())
            .args(["--site", SITE]);
        command.inner().stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let children: Vec<_> = (0..4).map(|_| start()).collect();
    let outputs: Vec<_> =
        children.into_iter().map(|child| child.wait_with_output().unwrap()).collect();
    for output in &outputs {
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.stdout, outputs[0].stdout);
    }
}

#[test]
fn control_c_ends_it_at_once_and_leaves_nothing_half() {
    // The last site never ends, so that the signal comes while the program runs.
    let endless = hostile::policy().described("endless", "{}", 0).first("(loop $l (br $l))");
    let profile = fleet().join("sites").join(SITE).join("profile.yaml");
    let profile = fs::read_to_string(profile).unwrap().replace(SITE, "zz");
    let fleet = Scratch::new()
        .with_sites(600)
        .with("sites/zz/profile.yaml", profile + "    policies:\n      endless: {}\n")
        .with("policies/endless.wasm", endless.build())
        .with("limits.yaml", hostile::PATIENT);
    cmp().args(["policy", "lock"]).arg(fleet.path()).run().success();
    let out = fleet.outside().join("out");
    // Whoever started the tests in the background may have let them ignore the signal.
    let mut command = Command::new("env")
        .args(["--default-signal=INT", BINARY, "render"])
        .arg(fleet.path())
        .args(["--all", "--target", "application", "--limits"])
        .arg(fleet.path().join("limits.yaml"))
        .arg("--out")
        .arg(&out);
    let mut child = command.inner().stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    wait_for("the first file", || fs::read_dir(&out).ok()?.next()).unwrap();
    assert!(child.try_wait().unwrap().is_none(), "it ended before the signal");
    assert!(
        Process::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success()
    );
    let status = wait_for("its end", || child.try_wait().unwrap());
    assert!(!status.success());
    for entry in fs::read_dir(&out).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "yaml") {
            assert!(
                fs::read_to_string(&path).unwrap().ends_with("ApplyOutOfSyncOnly=true\n"),
                "{} is half a file",
                path.display()
            );
        }
    }
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(!said.contains("panicked"), "{said}");
}

#[test]
fn colour_is_for_terminals() {
    let fleet = Scratch::new();
    assert!(!fleet.render(BINARY, "nobody", &[]).failure(1).stderr.contains('\u{1b}'));
    assert!(
        fleet.render(BINARY, "nobody", &["--color", "always"]).failure(1).stderr.contains('\u{1b}')
    );
}

#[test]
fn the_report_tells_what_a_policy_cost() {
    let fleet = Scratch::new();
    let first = fleet.render(BINARY, SITE, &["--report"]).success().says(&[
        "nautobot-worker",
        "FUEL",
        "MEMORY",
    ]);
    assert!(!first.stdout.contains("FUEL"));
}

#[test]
fn limits_are_the_operators() {
    let fleet = Scratch::new();
    let limits = fleet.outside().join("limits.yaml");
    fs::write(&limits, "fuel: 1000\n").unwrap();
    fleet
        .render(BINARY, SITE, &["--limits", limits.to_str().unwrap()])
        .failure(1)
        .says(&["policy/fuel"]);
    fs::write(&limits, "fuell: 1000\n").unwrap();
    let output = fleet.render(BINARY, SITE, &["--limits", limits.to_str().unwrap()]);
    assert!(matches!(output.code, Some(1 | 3)), "{output:?}");
    fs::write(&limits, "projects:\n  team-a: [worker-placement]\n").unwrap();
    let generate = |project: &str| {
        cmp()
            .arg("generate")
            .dir(fleet.path().join("sites").join(SITE))
            .env("SITE_CMP_LIMITS", &limits)
            .env("ARGOCD_APP_PROJECT_NAME", project)
            .run()
    };
    generate("team-a").failure(1).says(&["policy/not-allowed", "nautobot-worker"]);
}

#[test]
fn generate_refuses_parameters_it_does_not_know() {
    let fleet = Scratch::new();
    let generate = |parameters: &str| {
        cmp()
            .arg("generate")
            .dir(fleet.path().join("sites").join(SITE))
            .env("ARGOCD_APP_PARAMETERS", parameters)
            .run()
    };
    generate("null").success();
    generate("[]").success();
    for bad in [
        r#"[{"name":"sight","string":"x"}]"#,
        r#"[{"name":"site","string":"a"},{"name":"site","string":"b"}]"#,
        r#"[{"name":"site","array":["a"]}]"#,
        r#"[{"name":"target","string":"everything"}]"#,
        "{",
    ] {
        generate(bad).failure(1);
    }
}
