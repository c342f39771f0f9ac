//! Argo CD's own cache of answers, which knows the Application's source and no plugin.

use site_cmp_tests::Scratch;

use super::{APP, PROFILE, World, parameter};
use crate::hostile::{echo, fleet};

/// Failures after which repo-server gives up for an hour
/// (`ARGOCD_PAUSE_GEN_AFTER_FAILED_ATTEMPTS`).
const ATTEMPTS: usize = 3;

fn calls(world: &World) -> usize {
    world.serve.calls("GenerateManifest").len()
}

#[test]
fn a_good_answer_is_asked_for_once() {
    let Some(world) = World::start() else { return };
    let first = world.ask(APP, &["--cache"]);
    let second = world.ask(APP, &["--cache"]);
    assert_eq!(first.texts(), second.texts());
    assert_eq!(calls(&world), 1);
}

#[test]
fn the_digest_of_the_lock_as_a_parameter_makes_a_new_lock_a_new_question() {
    let Some(world) = World::start() else { return };
    for (digest, expected) in [("abc", 1), ("abc", 1), ("def", 2)] {
        world.ask(APP, &["--cache", "--param", &parameter("policies-lock", digest)]).texts();
        assert_eq!(calls(&world), expected, "{digest}");
    }
}

#[test]
fn an_error_that_comes_again_is_kept_and_shown_without_asking() {
    let spoiled = Scratch::new().changed(PROFILE, "enabled: true", r#"enabled: "true""#);
    let Some(world) = World::of(spoiled) else { return };
    for _ in 0..ATTEMPTS {
        world.ask(APP, &["--cache"]).says(&["error[gate/not-boolean]"]);
    }
    assert_eq!(calls(&world), ATTEMPTS);
    let cached = world.ask(APP, &["--cache"]);
    cached.says(&["Manifest generation error (cached)", "error[gate/not-boolean]"]);
    assert_eq!(calls(&world), ATTEMPTS);
}

/// So the first answers of a server that just started are none of these.
#[test]
fn a_server_that_just_started_does_not_answer_with_errors() {
    let Some(mut world) = World::of(fleet(&echo())) else { return };
    for _ in 0..2 {
        world.ask(APP, &["--cache"]).manifest();
        world.serve.kill();
        world.serve = world.argo.serve(&[], &[]);
        world.ask(APP, &[]).manifest();
    }
}
