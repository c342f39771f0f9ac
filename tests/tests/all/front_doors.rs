//! Two front doors, one render: the same tree gives the same bytes.

use std::fs;

use serde_json::Value;
use site_cmp_tests::{Scratch, fleet};

use crate::{BINARY, cmp};

fn sites() -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(fleet().join("sites"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn generate_writes_what_render_writes() {
    let fleet = Scratch::new();
    for site in sites() {
        for target in ["application", "resources"] {
            let rendered =
                fleet.render(BINARY, &site, &["--target", target, "-o", "json"]).success();
            let generated = cmp()
                .arg("generate")
                .dir(fleet.path().join("sites").join(&site))
                .env("ARGOCD_APP_NAME", format!("{site}-app"))
                .env(
                    "ARGOCD_APP_PARAMETERS",
                    format!(r#"[{{"name":"target","string":"{target}"}}]"#),
                )
                .run()
                .success();
            assert_eq!(generated.stdout, rendered.stdout, "{site}, {target}");
            assert!(!generated.stdout.is_empty());
        }
    }
}

#[test]
fn generate_takes_its_site_from_a_parameter() {
    let fleet = Scratch::new();
    let rendered =
        fleet.render(BINARY, "rax-prod-dfw1", &["--target", "application", "-o", "json"]).success();
    let generated = cmp()
        .arg("generate")
        .dir(fleet.path())
        .env("ARGOCD_APP_PARAMETERS", r#"[{"name":"site","string":"rax-prod-dfw1"}]"#)
        .run()
        .success();
    assert_eq!(generated.stdout, rendered.stdout);
}

#[test]
fn the_same_inputs_give_the_same_bytes_wherever_the_fleet_stands() {
    let [one, other] = [Scratch::new(), Scratch::new()];
    for site in sites() {
        for more in
            [&["--target", "application"][..], &["--annotate"], &["--merged"], &["-o", "json"]]
        {
            let first = one.render(BINARY, &site, more);
            let second = other.render(BINARY, &site, more);
            assert_eq!(first.success().stdout, second.success().stdout, "{site} {more:?}");
        }
    }
}

#[test]
fn yaml_and_json_say_the_same() {
    let fleet = Scratch::new();
    for site in sites() {
        for target in ["values", "application"] {
            let yaml = fleet.render(BINARY, &site, &["--target", target, "--annotate"]).success();
            let json = fleet.render(BINARY, &site, &["--target", target, "-o", "json"]).success();
            let json: Value = serde_json::from_str(&json.stdout).unwrap();
            assert_eq!(
                site_cmp_tests::parse_yaml("stdout", yaml.stdout.as_bytes()),
                json,
                "{site} {target}"
            );
        }
    }
}

#[test]
fn many_sites_are_the_single_ones_in_a_row() {
    let fleet = Scratch::new();
    let path = fleet.path();
    let folder = fleet.outside().join("out");
    let all = cmp()
        .arg("render")
        .arg(&path)
        .args(["--all", "--target", "application", "-o", "json"])
        .run()
        .success();
    cmp()
        .arg("render")
        .arg(&path)
        .args(["--all", "--target", "application", "-o", "json", "--out"])
        .arg(&folder)
        .run()
        .success();
    let mut single = String::new();
    for site in sites() {
        let one = fleet
            .render(BINARY, &site, &["--target", "application", "-o", "json"])
            .success()
            .stdout;
        assert_eq!(fs::read_to_string(folder.join(format!("{site}.json"))).unwrap(), one);
        single += &one;
    }
    assert_eq!(all.stdout, single);
    let dev = cmp()
        .arg("render")
        .arg(&path)
        .args(["--environment", "dev", "--target", "application", "-o", "json"])
        .run()
        .success();
    assert_eq!(
        dev.stdout.lines().count(),
        sites().iter().filter(|site| site.contains("-dev-")).count()
    );
}
