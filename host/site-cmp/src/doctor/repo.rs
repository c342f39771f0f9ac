//! A repo and an application's folder in it: what a call sends, what it needs, and what
//! would send less.

use std::path::PathBuf;

use site_render::lock::LOCK_FILE;

use super::walk::{self, Kind, Listing, from};
use super::{Check, Environment, application, environment, generate_paths, glob, links};
use super::{reason, sizes, used};
use crate::operator::Operator;
use crate::report;

/// Links and files that are named one by one.
const NAMED: usize = 3;

/// Which repo, and what in it.
#[derive(Debug)]
pub(crate) struct Question {
    /// A checkout.
    pub(crate) repo: PathBuf,
    /// The application's folder, from the repo's root.
    pub(crate) app: String,
    /// A file with the Application.
    pub(crate) application: Option<PathBuf>,
    /// The plugin's name.
    pub(crate) name: String,
}

/// Looks at the repo.
pub(super) fn checks(
    question: &Question,
    environment: &Environment,
    operator: Option<&Operator>,
) -> Vec<Check> {
    let listing = match walk::walk(&question.repo) {
        Ok(listing) => listing,
        Err(error) => {
            let says = format!("{} cannot be walked: {error}", question.repo.display());
            return vec![Check::fail("repo/walk", says, "--repo takes a checkout")];
        }
    };
    let app = question.app.as_str();
    let fleet = match fleet(&listing, app) {
        Ok(fleet) => fleet,
        Err(check) => return vec![*check],
    };
    let limits = operator.map(|operator| &operator.server);
    let (mut checks, whole) = sizes::checks(&listing, fleet, environment, limits);
    checks.push(least(app, fleet));
    if let Some(operator) = operator {
        checks.extend(needed(question, fleet, whole, environment, operator));
    }
    checks.extend(of_links(&links::broken(&listing, fleet)));
    if let Some(file) = &question.application {
        match application::read(file, app) {
            Ok(application) => {
                checks.push(application.plugin(&question.name));
                checks.push(application.sends(app, fleet, environment.uses_generate_paths()));
            }
            Err(stop) => {
                let change = "--application takes a file with an Application or ApplicationSet";
                checks.push(Check::fail("application/file", reason(&stop), change));
            }
        }
    }
    checks
}

/// The fleet's folder: the nearest one from the application's upwards with the lock.
fn fleet<'a>(listing: &Listing, app: &'a str) -> Result<&'a str, Box<Check>> {
    const TOPIC: &str = "repo/app";
    match listing.find(app).map(|entry| &entry.kind) {
        Some(Kind::Folder | Kind::Link(_)) => {}
        _ if app.is_empty() => {}
        Some(Kind::File(_)) => {
            let says = format!("{app} is a file");
            return Err(Box::new(Check::fail(TOPIC, says, "--app takes spec.source.path")));
        }
        None => {
            let says = format!("there is no folder {app} in the repo");
            return Err(Box::new(Check::fail(TOPIC, says, "--app takes spec.source.path")));
        }
    }
    let mut folder = Some(app);
    while let Some(at) = folder {
        let lock = if at.is_empty() { LOCK_FILE.to_owned() } else { format!("{at}/{LOCK_FILE}") };
        if listing.find(&lock).is_some() {
            return Ok(at);
        }
        let above = at.rfind('/').map_or("", |end| &at[..end]);
        folder = (!at.is_empty()).then_some(above);
    }
    let says = format!("no {LOCK_FILE} in {} or above it", application::shown(app));
    let change = "write one with `cmp policy lock` in the fleet's folder";
    Err(Box::new(Check::fail("repo/fleet", says, change)))
}

/// The annotation that sends the fleet and nothing beside it.
fn least(app: &str, fleet: &str) -> Check {
    let advice = generate_paths::advice(app, fleet);
    let mut says = format!("{}: {advice} sends least", generate_paths::ANNOTATION);
    if fleet.is_empty() {
        says.push_str(", which is all: the fleet is the repo's root");
    }
    Check::ok("repo/annotation", says)
}

/// What a render of the site reads, and whether that is sent.
fn needed(
    question: &Question,
    fleet: &str,
    whole: u64,
    environment: &Environment,
    operator: &Operator,
) -> Vec<Check> {
    const TOPIC: &str = "repo/render";
    let site = question.app.rsplit('/').next().unwrap_or_default();
    let (files, outcome) = used::by_site(&question.repo.join(fleet), site, operator);
    let read = files.values().sum();
    let count = report::plural(files.len(), "file");
    let share = environment::share(read, whole);
    let check = match &outcome {
        Ok(()) => {
            Check::ok(TOPIC, format!("{site} reads {count} with {share} of the repo's bytes"))
        }
        Err(stop) => Check::fail(
            TOPIC,
            format!("{site} does not render: {}", reason(stop)),
            format!("cmp render --site {site} --target application, in the fleet's folder"),
        ),
    };
    let check = check.figure("files", files.len() as u64).figure("bytes", read);
    let patterns = environment.exclusions();
    let root = if environment.uses_generate_paths() { fleet } else { "" };
    let missing = |path: &&String| {
        let path = if fleet.is_empty() { (*path).clone() } else { format!("{fleet}/{path}") };
        from(&path, root).is_some_and(|path| glob::leave_out(&patterns, path))
    };
    let missing: Vec<&str> = files.keys().filter(missing).map(String::as_str).collect();
    let mut checks = vec![check];
    if !missing.is_empty() {
        let says = format!("exclusions leave out what a render reads: {}", some(&missing));
        let change = "take that pattern out of the repo-server's exclusions";
        checks.push(Check::fail("repo/exclusions", says, change));
    }
    checks
}

/// Links that lead nowhere, or that somebody refuses.
fn of_links(broken: &links::Broken<'_>) -> Vec<Check> {
    const TOPIC: &str = "repo/links";
    let mut checks = Vec::new();
    if !broken.of_repo.is_empty() {
        checks.push(Check::fail(
            TOPIC,
            format!("links that lead out of the repo: {}", some(&broken.of_repo)),
            "remove them: the repo-server refuses the whole repo for one of them",
        ));
    }
    if !broken.of_folder.is_empty() {
        let links = some(&broken.of_folder);
        checks.push(Check::warn(
            TOPIC,
            format!("links that lead out of the fleet: {links}; with the annotation they break"),
            "let the annotation hold their targets too, or move those into the fleet",
        ));
    }
    if checks.is_empty() {
        checks.push(Check::ok(TOPIC, "no link leads out of the fleet"));
    }
    checks
}

/// The first few of a list, and how many more.
fn some(paths: &[&str]) -> String {
    let more = paths.len().saturating_sub(NAMED);
    let named = paths[..paths.len() - more].join(", ");
    if more == 0 { named } else { format!("{named} and {more} more") }
}
