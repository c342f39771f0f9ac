//! What users read when something is wrong: the reason first, its place, and no more.

use site_cmp_tests::Scratch;

use super::{APP, PROFILE, SITE, World};
use crate::argo::STOCK;
use crate::cmp;
use crate::hostile::{fleet, policy};

/// What the operator's environment holds and no error may show.
const SECRET: &str = "hunter2-of-the-operator";

/// The most that an error says, in bytes.
const MOST: usize = 4096;

fn spoiled() -> Scratch {
    Scratch::new().changed(PROFILE, "enabled: true", r#"enabled: "true""#)
}

#[test]
fn the_reason_comes_first_with_its_place() {
    let Some(world) = World::of(spoiled()) else { return };
    let answer = world.ask(APP, &[]);
    let first = answer.said().lines().next().unwrap();
    assert!(first.starts_with("error[gate/not-boolean]: `site.enabled` must be true"), "{first}");
    assert!(first.ends_with(&format!("({PROFILE}:16:12)")), "{first}");
    answer.says(&["code = FailedPrecondition"]);
}

#[test]
fn it_is_the_text_that_generate_writes() {
    let Some(world) = World::of(spoiled()) else { return };
    let generated = cmp().arg("generate").dir(world.fleet.path().join(APP)).run().failure(1);
    assert_eq!(world.ask(APP, &[]).said().trim_end(), generated.stderr.trim_end());
    let _stock = world.argo.stock();
    let answer = world.ask_of(STOCK, APP, &[]);
    assert!(answer.said().ends_with(generated.stderr.trim_end()), "{}", answer.error());
}

#[test]
fn it_names_no_folder_of_this_machine_and_no_variable() {
    let env = [("ARGOCD_ENV_PASSWORD", SECRET)];
    let Some(world) = World::with(spoiled(), &[], "", &env) else { return };
    let answer = world.ask(APP, &["--plugin-env", &format!("TOKEN={SECRET}")]);
    let said = answer.said();
    world.argo.is_not_named_in(said);
    for word in ["cmp serve", "cmp generate", "/tmp", SECRET] {
        assert!(!said.contains(word), "{word} is named: {said}");
    }
}

#[test]
fn a_long_error_is_cut_and_says_so() {
    let mut long = policy();
    let finding = long.finding("policy/long", &"word ".repeat(1600));
    let Some(world) = World::of(fleet(&long.returns(finding))) else { return };
    let answer = world.ask(APP, &[]);
    let said = answer.said();
    assert!(said.starts_with("error[policy/long]: word word"), "{said}");
    assert!(said.len() <= MOST, "{} bytes", said.len());
    assert!(said.len() > MOST / 2, "{} bytes", said.len());
    assert!(said.contains("..."), "nothing says that it was cut: {said}");
}

#[test]
fn files_that_are_no_yaml_are_named() {
    let values = format!("{APP}/nautobot-worker/values.yaml");
    for (path, content) in [
        (PROFILE.to_owned(), &b"a: b: c\n"[..]),
        (values.clone(), b"key: [1, 2\n"),
        (values, b"key: \xff\xfe\n"),
    ] {
        let Some(world) = World::of(Scratch::new().with(&path, content)) else { return };
        world.ask(APP, &[]).says(&["error[", &path]);
    }
}

#[test]
fn a_policy_that_traps_is_one_clear_error_and_the_server_goes_on() {
    let Some(world) = World::of(fleet(&policy().first("unreachable"))) else { return };
    for _ in 0..2 {
        world.ask(APP, &[]).says(&["error[policy/trap]", "nautobot-worker", "FailedPrecondition"]);
    }
    let health = world.serve.check().get("health").clone();
    assert_eq!(health["status"], "SERVING");
}

#[test]
fn a_policy_that_does_not_end_spends_its_fuel_and_is_an_error() {
    let fleet = fleet(&crate::hostile::endless());
    // Beside other work the fuel may take longer than a policy's usual time.
    let Some(world) = World::with(fleet, &[], "milliseconds: 60000\n", &[]) else { return };
    world.ask(APP, &[]).says(&["error[policy/fuel]", "nautobot-worker"]);
}

#[test]
fn a_site_of_no_fleet_is_told_what_to_do() {
    let fleet = Scratch::new().without("policies.lock");
    let Some(world) = World::of(fleet) else { return };
    world.ask(APP, &[]).says(&["sources/no-fleet", "policies.lock", "manifest-generate-paths"]);
}

#[test]
fn an_unknown_site_gets_a_near_name() {
    let Some(world) = World::start() else { return };
    let near = super::parameter("site", "rax-dev-iad");
    world.ask(APP, &["--param", &near]).says(&["did you mean", SITE]);
}
