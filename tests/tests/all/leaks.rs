//! Nothing leaks: secrets in all kinds of places of a fleet, with an error beside each, are in
//! no output of any command and of the server.
//!
//! The one exception is the documents of a render. They are its product, and what stands in them
//! as a value is there because a file put it there: a URL of a source, a ConfigMap's data. So
//! the standard output of `cmp render` and `cmp generate`, and the manifests of a call, may have
//! the values of plants that say so. All other output, their standard error too, may not.

mod commands;
mod plants;

use std::collections::BTreeSet;

use serde_json::json;
use site_cmp_tests::{Output, Scratch};

use crate::argo::Argo;
use crate::tidy::sources;
use crate::{cmp, hostile};
use commands::{Reads, all_commands, formats_of};
use plants::{GITHUB, Plant, TOKEN};

/// The site of a fleet that has one plant.
const SITE: &str = "rax-dev-iad3";

/// A fleet with plants, and the sites to look at.
struct Field {
    fleet: Scratch,
    sites: Vec<String>,
    plants: Vec<Plant>,
}

/// What was seen so far.
#[derive(Default)]
struct Seen {
    leaks: BTreeSet<String>,
    codes: BTreeSet<String>,
}

impl Seen {
    /// Looks for every plant in the output of a run.
    fn look(&mut self, what: &str, output: &Output, plants: &[Plant], has_documents: bool) {
        let streams = [("stdout", &output.stdout), ("stderr", &output.stderr)];
        for (stream, text) in streams {
            for plant in plants {
                let is_product = plant.in_documents && has_documents && stream == "stdout";
                if !is_product && text.contains(&plant.secret) {
                    let line = text.lines().find(|line| line.contains(&plant.secret));
                    let line = line.unwrap_or_default();
                    self.leaks.insert(format!("{}: {stream} of {what}: {line}", plant.place));
                }
                if text.contains(plant.code) {
                    self.codes.insert(plant.place.to_owned());
                }
            }
        }
    }

    fn check(&self, plants: &[Plant]) {
        assert!(self.leaks.is_empty(), "{:#?}", self.leaks);
        let silent: Vec<&str> = plants
            .iter()
            .filter(|plant| !self.codes.contains(plant.place))
            .map(|plant| plant.place)
            .collect();
        assert!(silent.is_empty(), "these plants provoke nothing: {silent:?}");
    }
}

/// A fleet whose sites have one plant each.
fn field_of_sites() -> Field {
    let plants = plants::of_sites();
    let mut fleet = Scratch::new().without_global("dev");
    let mut sites = Vec::new();
    let whole = std::fs::read_to_string(fleet.path().join("sites").join(SITE).join("profile.yaml"));
    let whole = whole.unwrap();
    for (number, plant) in plants.iter().enumerate() {
        let site = format!("leak-{number}");
        let profile = whole.replace(SITE, &site);
        fleet = fleet
            .with(&format!("sites/{site}/profile.yaml"), &profile)
            .with(&format!("sites/{site}/nautobot-worker/values.yaml"), "{}\n");
        fleet = plant.plant(fleet, &site, &profile);
        sites.push(site);
    }
    Field { fleet, sites, plants }
}

/// Fleets with one plant each, in a file that all sites read.
fn fields_of_fleets() -> Vec<Field> {
    let field = |plant: Plant| {
        let fleet = plant.plant(Scratch::new(), SITE, "");
        Field { fleet, sites: vec![SITE.to_owned()], plants: vec![plant] }
    };
    plants::of_fleets().into_iter().map(field).chain(plants_of_policies()).collect()
}

/// Fleets whose policy repeats a secret: of its settings, or one of its own.
fn plants_of_policies() -> Vec<Field> {
    let mut fields = Vec::new();
    let settings = "      nautobot-worker:\n        ";
    let mut add = |place: &'static str, code, secret: String, guest: &hostile::Guest| {
        let own = format!("{settings}password: {secret}\n        ");
        let environments =
            ["dev", "prod"].map(|name| format!("environments/{name}/environment.yaml"));
        let fleet = hostile::fleet(guest);
        let fleet =
            environments.iter().fold(fleet, |fleet, file| fleet.changed(file, settings, &own));
        // An edit is a value of the documents.
        let in_documents = place.ends_with("edits");
        let plant = Plant { place, code, secret, in_documents, ..Plant::default() };
        fields.push(Field { fleet, sites: vec![SITE.to_owned()], plants: vec![plant] });
    };
    let secret = |number: usize| TOKEN.replace("NN", &format!("{number:02}"));

    let mut guest = hostile::policy();
    let found = guest.finding("weak/value", &format!("the text {} is weak", secret(80)));
    add("a policy's message", "weak/value", secret(80), &guest.returns(found));

    let mut guest = hostile::policy();
    let failed = guest.failure(&format!("`{}` was not expected", secret(81)));
    add("a policy's failure", "policy/internal", secret(81), &guest.returns(failed));

    let reason = format!("because it is {}", secret(82));
    let mut guest = hostile::policy();
    let json = Some("{\"a\": 1}");
    let plan = guest.plan(&[hostile::Edit { path: "/x", json, reason: &reason }]);
    add("a policy's reason", "because it is ***", secret(82), &guest.returns(plan));

    let mut guest = hostile::policy();
    let found = guest.finding(&format!("weak/{}", secret(84)), "it is weak");
    add("a policy's code", "weak/***", secret(84), &guest.returns(found));

    let mut guest = hostile::policy();
    let (path, json) = (format!("/y/{0}", secret(85)), format!(r#"{{"{0}": "{0}"}}"#, secret(85)));
    let edit = |path| hostile::Edit { path, json: Some(&json), reason: "because it is copied" };
    let plan = guest.plan(&[edit("/x"), edit(&path)]);
    add("a policy's edits", "because it is copied", secret(85), &guest.returns(plan));

    let token = GITHUB.replace("NN", "83");
    let schema = format!(
        r#"{{"type": "object", "properties": {{"mode": {{"type": "string",
        "default": "{token}", "description": "Such as {token}."}}}}}}"#
    );
    let guest = hostile::policy().described("nautobot-worker", &schema, 0);
    add("a policy's schema", "nautobot-worker.mode", token, &guest);
    fields
}

/// Runs every command that reads a fleet, in each of its formats.
fn run_commands(field: &Field, seen: &mut Seen) {
    for (name, reads) in all_commands() {
        let sites: &[String] = match reads {
            Reads::Nothing(_why) => continue,
            Reads::Fleet(_) => &[String::new()],
            Reads::Site(_) => &field.sites,
        };
        for site in sites {
            for format in formats_of(name) {
                let (args, has_documents) = reads.args(&field.fleet.path(), site);
                let mut words: Vec<String> = name.split(' ').map(str::to_owned).collect();
                words.extend(args);
                words.extend(format.iter().flat_map(|one| ["-o".to_owned(), one.clone()]));
                let what = words.join(" ");
                let plants = field.plants.as_slice();
                let output = cmp().args(&words).dir(field.fleet.path()).run();
                seen.look(&what, &output, plants, has_documents);
            }
        }
    }
    for site in &field.sites {
        let folder = field.fleet.path().join("sites").join(site);
        let output = cmp().arg("generate").dir(folder).run();
        seen.look(&format!("generate in {site}"), &output, &field.plants, true);
    }
}

#[test]
fn no_command_shows_a_secret_of_a_site() {
    let field = field_of_sites();
    let mut seen = Seen::default();
    run_commands(&field, &mut seen);
    seen.check(&field.plants);
}

#[test]
fn no_command_shows_a_secret_of_a_fleet() {
    let mut seen = Seen::default();
    let mut plants = Vec::new();
    for field in fields_of_fleets() {
        run_commands(&field, &mut seen);
        plants.extend(field.plants);
    }
    seen.check(&plants);
}

#[test]
fn no_command_shows_a_secret_of_its_caller() {
    let fleet = Scratch::new();
    let site = fleet.path().join("sites").join(SITE);
    let mut seen = Seen::default();
    for plant in plants::of_calls() {
        let parameters = json!([{"name": plant.file, "string": plant.content()}]).to_string();
        let generate = cmp().arg("generate").dir(&site).env("ARGOCD_APP_PARAMETERS", parameters);
        seen.look("generate", &generate.run(), std::slice::from_ref(&plant), false);
        let setting = format!("{}={}", plant.file, plant.content());
        for command in ["render", "explain", "parameters"] {
            let args = [command, ".", "--site", SITE, "--setting", &setting];
            let output = cmp().args(args).dir(fleet.path()).run();
            seen.look(command, &output, std::slice::from_ref(&plant), command == "render");
        }
    }
    seen.check(&plants::of_calls());
    let token = GITHUB.replace("NN", "70");
    let variable = cmp().arg("generate").dir(&site);
    let variable = variable.env("ARGOCD_ENV_NAUTOBOT_WORKER_REPLICAS", &token).run();
    assert!(variable.stderr.contains("setting/type") && !variable.stderr.contains(&token));
    let usage = cmp().args(["render", "--target", &token]).run();
    assert!(usage.code == Some(2) && !usage.stderr.contains(&token), "{}", usage.stderr);
}

#[test]
fn the_server_shows_no_secret() {
    for format in ["json", "text"] {
        let Some(argo) = Argo::new() else { return };
        let plugin = argo.serve(&["--log-format", format], &[]);
        let mut fields = vec![field_of_sites()];
        fields.extend(plants_of_policies());
        for field in &fields {
            let mut seen = Seen::default();
            for site in &field.sites {
                let app = format!("sites/{site}");
                let output = plugin.generate(&field.fleet.path(), &app, &[]);
                // The answer of a good call is its documents.
                let is_answer = output.code == Some(0);
                seen.look(&format!("a call for {site}"), &output, &field.plants, is_answer);
            }
            let (stdout, stderr) = (plugin.server.log(), plugin.server.metrics_page());
            let output = Output { stdout, stderr, code: None };
            seen.look("the log and the metrics", &output, &field.plants, false);
            // An answer has no room for warnings, and a good one is its documents.
            let warns =
                |plant: &&Plant| ["key/unknown", "yaml/duplicate-key"].contains(&plant.code);
            let is_quiet = |plant: &&Plant| warns(plant) || !plant.code.contains('/');
            let failing: Vec<Plant> =
                field.plants.iter().filter(|plant| !is_quiet(plant)).cloned().collect();
            seen.check(&failing);
        }
    }
}

#[test]
fn documents_alone_are_written_without_a_look() {
    let writers =
        ["batch", "commands/completions", "commands/generate", "commands/render", "output"];
    for (path, text) in sources("host") {
        let may_write = writers.iter().any(|name| path == format!("host/site-cmp/src/{name}.rs"));
        assert!(may_write || !text.contains("write_documents("), "{path} writes documents");
        // Its functions hide secrets; a literal would not.
        let is_finding = path == "host/site-render/src/finding.rs";
        let own = ["message, ..", "hint, .."];
        let builds = text
            .lines()
            .any(|line| line.contains("Finding {") && own.iter().any(|field| line.contains(field)));
        assert!(is_finding || !builds, "{path} builds a finding by hand");
    }
}

#[test]
fn there_are_forty_plants() {
    let fleets = plants::of_fleets().len() + plants_of_policies().len();
    let plants = plants::of_sites().len() + fleets + plants::of_calls().len();
    assert!(plants >= 40, "{plants}");
}
