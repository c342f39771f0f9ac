//! Each attack of `site_cmp_tests::attack` at a real server, with honest callers beside it.
//!
//! The attack fails alone: it gets the answer that is owed within its deadline, no honest call is
//! lost or wrong, the memory of the server and its processes stays in bounds, and the server
//! serves on. The deadlines of the calls are the only clock.

mod command_line;
mod surroundings;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use site_cmp_tests::attack::{Answer, Attack, Case, Honest, MemoryWatch, Owed, Tally, cases};
use site_cmp_tests::{Scratch, Server, fleet, wait_for, write_program};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::BINARY;

/// The memory that a server and its processes may take: that of its container.
const MEMORY: u64 = 768 << 20;
/// The memory of a server and its processes that are idle.
const IDLE: u64 = 120 << 20;
/// The kind of attack whose memory must come back.
const KEPT: u8 = 28;
/// The attack under limits that let helm start.
const STARTS_HELM: &str = "an-allowed-chart-repository-that-never-answers";
/// The operator's limits, in the folder of a test.
const LIMITS: &str = "limits.yaml";
/// Honest callers beside an attack.
const CALLERS: usize = 2;
/// Files that the client and the server may have open.
const FILES: u64 = 8192;
/// The sites that honest callers ask for: YAML, Jsonnet, a config of its own, another environment.
const SITES: [&str; 4] = ["rax-dev-iad3", "rax-dev-den1", "rax-dev-hkg1", "rax-prod-dfw1"];

/// One attack under way.
struct Field {
    case: Case,
    folder: TempDir,
    /// The search path, with a helm that must not be started.
    path: String,
    server: Server,
    runtime: Runtime,
}

/// Everything that is wrong after an attack.
type Complaints = Vec<String>;

impl Field {
    fn new(name: &str) -> Self {
        let case = cases().into_iter().find(|case| case.name == name).expect("the case is there");
        rlimit::increase_nofile_limit(FILES).unwrap();
        let folder = TempDir::new().unwrap();
        let limits = folder.path().join(LIMITS);
        fs::write(&limits, case.limits).unwrap();
        let path = format!("{}:/usr/bin:/bin", fake_helm(folder.path()).display());
        let server = Server::ours(BINARY, folder.path(), |command| {
            let command = command.env("SITE_CMP_LIMITS", &limits).env("PATH", &path);
            command.env("SITE_CMP_CACHE", cache()).arg("--preload").arg(fleet())
        });
        Self { case, folder, path, server, runtime: Runtime::new().unwrap() }
    }

    /// Makes the attack and returns everything that is wrong after it.
    fn attack(&self, attack: &Attack, honest: &Arc<Honest>) -> Complaints {
        let memory = MemoryWatch::start(self.server.id());
        let (end, tally) = (Arc::new(AtomicBool::new(false)), Arc::new(Tally::default()));
        let socket = self.server.socket().to_owned();
        let answers = self.runtime.block_on(async {
            let callers: Vec<_> = (0..CALLERS)
                .map(|_| honest.clone().call_until(socket.clone(), end.clone(), tally.clone()))
                .map(tokio::spawn)
                .collect();
            let answers = attack.run(&socket).await;
            end.store(true, Ordering::Relaxed);
            for caller in callers {
                caller.await.unwrap();
            }
            // The server serves on.
            honest.call_once(&socket, &tally).await;
            answers
        });
        let mut wrong = self.complaints(&answers);
        wrong.extend(tally.failures().iter().map(|why| format!("honest call {why}")));
        if memory.peak() > MEMORY {
            wrong.push(format!("{} MiB of memory", memory.peak() >> 20));
        }
        if self.case.kind == KEPT {
            wait_for("memory that comes back", || (memory.without_files() < IDLE).then_some(()));
        }
        wrong
    }

    /// Renders the repo of the attack with `cmp generate`, if it has one.
    fn generate(&self, attack: &Attack) -> Complaints {
        let Attack::Calls(calls) = attack else { return Complaints::new() };
        let limits = self.folder.path().join(LIMITS);
        command_line::complaints(&self.case, &calls[0], &limits, &self.path)
    }

    /// Returns what is wrong with the runs of helm: only one case may start it, and none outlives
    /// its call.
    fn helm_complaints(&self) -> Complaints {
        let started = fs::read_to_string(self.folder.path().join("bin/called")).unwrap_or_default();
        let mut wrong = Complaints::new();
        if !started.is_empty() && self.case.name != STARTS_HELM {
            wrong.push("helm was started".to_owned());
        }
        for id in started.lines() {
            let command = fs::read_to_string(format!("/proc/{id}/cmdline")).unwrap_or_default();
            if command.contains("sleep") {
                wrong.push(format!("helm {id} has outlived its call"));
            }
        }
        wrong
    }

    /// Returns what is wrong with the answers and the traces of the attack.
    fn complaints(&self, answers: &[Answer]) -> Complaints {
        let complaints = answers.iter().filter_map(|answer| self.case.owed.complaint(answer));
        let mut wrong: Complaints = complaints.collect();
        wrong.sort();
        wrong.dedup();
        if let Owed::Without(secret) = self.case.owed
            && self.server.log().contains(secret)
        {
            wrong.push("the log has the secret".to_owned());
        }
        wrong
    }
}

/// The cache of compiled code of the servers that are attacked.
fn cache() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("attacked-cache")
}

/// Writes a helm that only notes its process id, and never ends. Returns its folder.
fn fake_helm(folder: &Path) -> PathBuf {
    let bin = folder.join("bin");
    fs::create_dir(&bin).unwrap();
    let helm = bin.join("helm");
    write_program(&helm, "#!/bin/sh\necho $$ >> \"${0%/*}/called\"\nexec /bin/sleep 100000\n");
    bin
}

/// Returns honest callers of the frozen fleet.
fn honest() -> Arc<Honest> {
    static HONEST: OnceLock<Arc<Honest>> = OnceLock::new();
    let sites = || SITES.map(str::to_owned);
    let make = || Arc::new(Honest::default().with_revision(BINARY, &Scratch::new(), &sites()));
    HONEST.get_or_init(make).clone()
}

/// Returns honest callers of a fleet with a policy that no server has compiled.
fn honest_with_new_policy(name: &str) -> Arc<Honest> {
    let policy = "policies/nautobot-worker.wasm";
    let mut artifact = fs::read(fleet().join(policy)).unwrap();
    let section = format!("{name}-{}", std::process::id());
    artifact.extend([
        0,
        u8::try_from(section.len() + 1).unwrap(),
        u8::try_from(section.len()).unwrap(),
    ]);
    artifact.extend(section.bytes());
    let fleet = Scratch::new().pinned(policy, &artifact);
    Arc::new(Honest::default().with_revision(BINARY, &fleet, &SITES.map(str::to_owned)))
}

fn throw(name: &str) {
    let honest = match name {
        _ if COMPILED.contains(&name) => honest_with_new_policy(name),
        _ => honest(),
    };
    let field = Field::new(name);
    let attack = (field.case.attack)(1);
    let mut wrong = field.attack(&attack, &honest);
    wrong.extend(field.generate(&attack).iter().map(|why| format!("cmp generate: {why}")));
    wrong.extend(field.helm_complaints());
    assert!(wrong.is_empty(), "{name}:\n{}\n{}", wrong.join("\n"), last_lines(&field.server));
}

/// Returns the end of a server's log.
fn last_lines(server: &Server) -> String {
    let log = server.log();
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(10)..].join("\n")
}

/// Attacks on the compiler: honest callers need it too.
const COMPILED: &[&str] = &[
    "types-that-take-minutes-to-compare",
    "records-that-take-minutes-to-compare",
    "40-new-policies-of-one-repo",
    "40-repos-with-a-new-policy-each",
    "two-memories-in-one-component",
];

macro_rules! attacks {
    ($($test:ident: $name:literal,)*) => {
        $(#[test]
        fn $test() {
            throw($name);
        })*

        const TESTED: &[&str] = &[$($name),*];
    };
}

attacks! {
    a_schema_refers_twice_at_each_of_60_levels: "a-schema-refers-twice-at-each-of-60-levels",
    a_settings_schema_refers_twice_at_each_of_60_levels: "a-settings-schema-refers-twice-at-each-of-60-levels",
    a_schema_offers_two_choices_at_each_of_60_levels: "a-schema-offers-two-choices-at-each-of-60-levels",
    a_schema_denies_twice_at_each_of_60_levels: "a-schema-denies-twice-at-each-of-60-levels",
    a_schema_follows_values_that_aliases_double: "a-schema-follows-values-that-aliases-double",
    a_schema_compares_100000_items_with_each_other: "a-schema-compares-100000-items-with-each-other",
    a_pattern_backtracks: "a-pattern-backtracks",
    settings_repeat_a_large_text: "settings-repeat-a-large-text",
    keys_repeat_a_large_text: "keys-repeat-a-large-text",
    values_repeat_a_large_text: "values-repeat-a-large-text",
    an_object_repeats_a_large_text: "an-object-repeats-a-large-text",
    merge_keys_repeat_a_large_text: "merge-keys-repeat-a-large-text",
    four_plans_of_empty_objects: "four-plans-of-empty-objects",
    four_plans_of_digits: "four-plans-of-digits",
    four_plans_of_nested_lists: "four-plans-of-nested-lists",
    two_hundred_large_patterns_of_a_schema: "200-large-patterns-of-a-schema",
    two_hundred_large_patterns_of_a_settings_schema: "200-large-patterns-of-a-settings-schema",
    two_hundred_large_patterns_of_names: "200-large-patterns-of-names",
    a_schema_of_20_levels_fails_everywhere: "a-schema-of-20-levels-fails-everywhere",
    a_settings_schema_of_20_levels_fails_everywhere: "a-settings-schema-of-20-levels-fails-everywhere",
    no_choice_of_a_schema_of_20_levels_holds: "no-choice-of-a-schema-of-20-levels-holds",
    four_values_files_of_a_million_nodes: "four-values-files-of-a-million-nodes",
    four_resource_files_of_a_million_nodes: "four-resource-files-of-a-million-nodes",
    forty_profiles_of_many_nodes: "forty-profiles-of-many-nodes",
    twenty_thousand_wrong_items_of_a_list: "20000-wrong-items-of-a-list",
    five_thousand_sites_with_a_mistake_each: "5000-sites-with-a-mistake-each",
    twenty_thousand_keys_that_come_twice: "20000-keys-that-come-twice",
    twenty_thousand_objects_that_are_none: "20000-objects-that-are-none",
    a_hundred_thousand_variables_of_no_setting: "100000-variables-of-no-setting",
    a_hundred_thousand_variables_of_a_policy_that_is_not_used: "100000-variables-of-a-policy-that-is-not-used",
    a_chart_repository_at_an_address_of_the_pod: "a-chart-repository-at-an-address-of-the-pod",
    a_registry_at_an_address_of_the_pod: "a-registry-at-an-address-of-the-pod",
    a_chart_outside_the_repo: "a-chart-outside-the-repo",
    a_chart_above_the_repo: "a-chart-above-the-repo",
    a_chart_repository_that_never_answers: "a-chart-repository-that-never-answers",
    an_allowed_chart_repository_that_never_answers: "an-allowed-chart-repository-that-never-answers",
    another_chart_repository_than_the_allowed: "another-chart-repository-than-the-allowed",
    a_chart_outside_the_repo_where_helm_is_allowed: "a-chart-outside-the-repo-where-helm-is-allowed",
    types_that_take_minutes_to_compare: "types-that-take-minutes-to-compare",
    records_that_take_minutes_to_compare: "records-that-take-minutes-to-compare",
    forty_new_policies_of_one_repo: "40-new-policies-of-one-repo",
    forty_repos_with_a_new_policy_each: "40-repos-with-a-new-policy-each",
    twenty_thousand_documents_of_values: "20000-documents-of-values",
    twenty_thousand_documents_of_a_profile: "20000-documents-of-a-profile",
    four_thousand_objects_of_one_file: "4000-objects-of-one-file",
    an_edit_of_150000_items_over_20000: "an-edit-of-150000-items-over-20000",
    lists_of_4000_variables: "lists-of-4000-variables",
    lists_of_20000_variables_that_are_the_same: "lists-of-20000-variables-that-are-the-same",
    thirty_nine_links_before_each_of_3000_sites: "39-links-before-each-of-3000-sites",
    thirty_nine_links_before_a_values_file: "39-links-before-a-values-file",
    a_password_in_a_list_that_a_schema_refuses: "a-password-in-a-list-that-a-schema-refuses",
    a_password_in_a_line_with_a_syntax_error: "a-password-in-a-line-with-a-syntax-error",
    a_password_beside_a_wrong_value: "a-password-beside-a-wrong-value",
    a_password_that_is_tagged_as_a_number: "a-password-that-is-tagged-as-a-number",
    a_url_with_a_password: "a-url-with-a-password",
    a_formatted_password_in_a_config: "a-formatted-password-in-a-config",
    a_joined_password_in_a_config: "a-joined-password-in-a-config",
    an_added_password_in_a_config: "an-added-password-in-a-config",
    a_setting_named_token: "a-setting-named-token",
    a_setting_below_a_key_named_password: "a-setting-below-a-key-named-password",
    three_hundred_streams_that_stall: "300-streams-that-stall",
    three_hundred_streams_that_drip: "300-streams-that-drip",
    fourteen_messages_of_90_mib: "14-messages-of-90-mib",
    two_hundred_messages_that_only_claim_90_mib: "200-messages-that-only-claim-90-mib",
    six_hundred_messages_of_which_one_mib_arrives: "600-messages-of-90-mib-of-which-one-arrives",
    two_million_variables_without_a_name: "two-million-variables-without-a-name",
    two_memories_in_one_component: "two-memories-in-one-component",
    thousands_connections_without_a_request: "4700-connections-without-a-request",
    thousands_connections_that_return: "5500-connections-that-return",
    thousands_prefaces_that_return: "5500-prefaces-that-return",
    eleven_hundred_calls_without_a_message: "1100-calls-without-a-message",
    sixty_new_trees_of_a_megabyte: "60-new-trees-of-a-megabyte",
    four_trees_of_links_with_long_paths: "4-trees-of-links-with-long-paths",
    twelve_waiting_calls_with_trees_of_60_mib: "12-waiting-calls-with-trees-of-60-mib",
    thirty_applications_of_a_repo_of_fleets_and_links: "30-applications-of-a-repo-of-fleets-and-links",
    a_hundred_callers_that_leave_their_zeros: "100-callers-that-leave-their-zeros",
}

#[test]
fn every_attack_has_its_test() {
    let names: Vec<_> = cases().iter().map(|case| case.name).collect();
    assert_eq!(names, TESTED);
}
