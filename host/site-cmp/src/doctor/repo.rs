//! Checks of a repo and an application's folder: the size of a call, the files that a render
//! needs, and the settings that send less.

use std::path::PathBuf;

use site_render::lock::LOCK_FILE;

use super::walk::{self, Listing, NodeKind, strip_folder};
use super::{Check, Environment, application, environment, generate_paths, glob, links};
use super::{error_summary, read_files, sizes};
use crate::operator::Operator;
use crate::report;

/// The most links or files that a message lists.
const NAMED: usize = 3;

/// The repo and the Application to check.
#[derive(Debug)]
pub(crate) struct RepoQuery {
    /// The checkout.
    pub(crate) repo: PathBuf,
    /// The application's folder, from the repo's root.
    pub(crate) app: String,
    /// The file with the Application.
    pub(crate) application: Option<PathBuf>,
    /// The plugin's name.
    pub(crate) name: String,
}

/// Checks the repo.
pub(super) fn check_repo(
    query: &RepoQuery,
    environment: &Environment,
    operator: Option<&Operator>,
) -> Vec<Check> {
    let listing = match walk::walk_repo(&query.repo) {
        Ok(listing) => listing,
        Err(error) => {
            let says = format!("{} cannot be read: {error}", query.repo.display());
            return vec![Check::fail(
                "repo/walk",
                says,
                "set --repo to a checkout of the repository",
            )];
        }
    };
    let app = query.app.as_str();
    let fleet = match find_fleet(&listing, app) {
        Ok(fleet) => fleet,
        Err(check) => return vec![*check],
    };
    let limits = operator.map(|operator| &operator.server);
    let (mut checks, whole) = sizes::check_sizes(&listing, fleet, environment, limits);
    checks.push(smallest_annotation(app, fleet));
    if let Some(operator) = operator {
        checks.extend(check_render(query, fleet, whole, environment, operator));
    }
    checks.extend(check_links(&links::find_broken(&listing, fleet)));
    if let Some(file) = &query.application {
        match application::read_application(file, app) {
            Ok(application) => {
                checks.push(application.check_plugin(&query.name));
                checks.push(application.check_annotation(
                    app,
                    fleet,
                    environment.uses_generate_paths(),
                ));
            }
            Err(stop) => {
                let change = "set --application to a file with an Application or ApplicationSet";
                checks.push(Check::fail("application/file", error_summary(&stop), change));
            }
        }
    }
    checks
}

/// Finds the fleet's folder: the nearest one from the application's upwards with the lock.
fn find_fleet<'a>(listing: &Listing, app: &'a str) -> Result<&'a str, Box<Check>> {
    const TOPIC: &str = "repo/app";
    match listing.find_entry(app).map(|entry| &entry.kind) {
        Some(NodeKind::Folder | NodeKind::Link(_)) => {}
        _ if app.is_empty() => {}
        Some(NodeKind::File(_)) => {
            let says = format!("{app} is a file");
            return Err(Box::new(Check::fail(TOPIC, says, "set --app to spec.source.path")));
        }
        None => {
            let says = format!("folder {app} not found in the repo");
            return Err(Box::new(Check::fail(TOPIC, says, "set --app to spec.source.path")));
        }
    }
    let mut folder = Some(app);
    while let Some(at) = folder {
        let lock = if at.is_empty() { LOCK_FILE.to_owned() } else { format!("{at}/{LOCK_FILE}") };
        if listing.find_entry(&lock).is_some() {
            return Ok(at);
        }
        let above = at.rfind('/').map_or("", |end| &at[..end]);
        folder = (!at.is_empty()).then_some(above);
    }
    let says = format!("{LOCK_FILE} not found in {} or above it", application::show_folder(app));
    let change = "write one with `cmp policy lock` in the fleet's folder";
    Err(Box::new(Check::fail("repo/fleet", says, change)))
}

/// Reports the annotation that sends exactly the fleet.
fn smallest_annotation(app: &str, fleet: &str) -> Check {
    let advice = generate_paths::advise_annotation(app, fleet);
    let mut says = format!("`{}: {advice}` sends exactly the fleet", generate_paths::ANNOTATION);
    if fleet.is_empty() {
        says.push_str(", which is the whole repo: the fleet is its root");
    }
    Check::ok("repo/annotation", says)
}

/// Renders the site and checks that the files it reads are sent.
fn check_render(
    query: &RepoQuery,
    fleet: &str,
    whole: u64,
    environment: &Environment,
    operator: &Operator,
) -> Vec<Check> {
    const TOPIC: &str = "repo/render";
    let site = query.app.rsplit('/').next().unwrap_or_default();
    let (files, outcome) = read_files::read_by_site(&query.repo.join(fleet), site, operator);
    let read = files.values().sum();
    let count = report::plural(files.len(), "file");
    let share = environment::format_share(read, whole);
    let check = match &outcome {
        Ok(()) => {
            Check::ok(TOPIC, format!("{site} reads {count} with {share} of the repo's bytes"))
        }
        Err(stop) => Check::fail(
            TOPIC,
            format!("{site} does not render: {}", error_summary(stop)),
            format!("cmp render --site {site} --target application, in the fleet's folder"),
        ),
    };
    let check = check.with_figure("files", files.len() as u64).with_figure("bytes", read);
    let patterns = environment.exclusions();
    let root = if environment.uses_generate_paths() { fleet } else { "" };
    let missing = |path: &&String| {
        let path = if fleet.is_empty() { (*path).clone() } else { format!("{fleet}/{path}") };
        strip_folder(&path, root).is_some_and(|path| glob::is_excluded(&patterns, path))
    };
    let missing: Vec<&str> = files.keys().filter(missing).map(String::as_str).collect();
    let mut checks = vec![check];
    if !missing.is_empty() {
        let says =
            format!("the exclusions remove files that a render reads: {}", list_some(&missing));
        let change = "remove that pattern from the repo-server's exclusions";
        checks.push(Check::fail("repo/exclusions", says, change));
    }
    checks
}

/// Reports links that break a call.
fn check_links(broken: &links::Broken<'_>) -> Vec<Check> {
    const TOPIC: &str = "repo/links";
    let mut checks = Vec::new();
    if !broken.of_repo.is_empty() {
        checks.push(Check::fail(
            TOPIC,
            format!("links that lead outside the repo: {}", list_some(&broken.of_repo)),
            "remove them: the repo-server refuses the whole repo because of one",
        ));
    }
    if !broken.of_folder.is_empty() {
        let links = list_some(&broken.of_folder);
        checks.push(Check::warn(
            TOPIC,
            format!("links that lead outside the fleet: {links}; they break with the annotation"),
            "add their targets to the annotation, or move the targets into the fleet",
        ));
    }
    if checks.is_empty() {
        checks.push(Check::ok(TOPIC, "no link leads outside the fleet"));
    }
    checks
}

/// Lists the first few paths and the number of others.
fn list_some(paths: &[&str]) -> String {
    let more = paths.len().saturating_sub(NAMED);
    let named = paths[..paths.len() - more].join(", ");
    if more == 0 { named } else { format!("{named} and {more} more") }
}
