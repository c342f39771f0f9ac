//! Certificates and secrets stay where they belong; documents and versions are true.

use super::Promise;

pub(super) const PROMISES: &[Promise] = &[
    (
        "each open site has a client Certificate of its own on the global cluster: the database user's name, client auth, ECDSA 256, three years, renewed a month before",
        &[
            "each_open_site_gets_a_certificate_of_its_own",
            "a-global-cluster-gets-routes-and-certificates",
            "cert_manager_issues_every_certificate_with_the_key_that_is_asked_for",
            "a_certificate_of_another_name_is_no_database_user",
        ],
    ),
    (
        "no two sites share its Secret",
        &["two_sites_never_share_a_secret", "a_name_that_kubernetes_refuses_is_refused"],
    ),
    (
        "a site that closes loses its Certificate, and a note says so",
        &["a_site_whose_gate_closes_loses_its_certificate_and_a_note_says_so"],
    ),
    (
        "a site that is added changes nothing of the others",
        &[
            "a_site_that_is_added_adds_its_own_objects_and_changes_no_other",
            "a_site_that_is_added_changes_nothing_of_the_others",
        ],
    ),
    (
        "the authority and its issuers are made on the global cluster",
        &["the_chain_down_to_the_issuer_can_be_made_too"],
    ),
    (
        "a literal secret in values is refused and never shown",
        &[
            "a_literal_secret_is_refused_and_never_shown",
            "a_reference_to_a_secret_is_none",
            "a_secret_in_the_clear_is_an_error",
        ],
    ),
    (
        "every command of the documents is run, and what it prints is what they show",
        &["the_readme_shows_what_happens"],
    ),
    ("so is every command of the pages under docs/", &["each_page_of_the_docs_shows_what_happens"]),
    (
        "a cluster's versions are kept in Git beside the profile, and a command refreshes them",
        &[
            "what_the_real_kubectl_hears_becomes_the_snapshot",
            "what_is_no_answer_of_a_cluster_is_refused_and_leaves_the_old",
            "a_check_tells_what_is_new_and_gone_and_writes_nothing",
        ],
    ),
    (
        "every front door uses them the same way, and helm and Argo CD are told them",
        &[
            "a_chart_makes_what_the_snapshot_has_at_every_front_door",
            "every_snapshot_of_the_example_fleet_reaches_its_application",
            "a_snapshot_in_git_is_stronger_than_what_argo_cd_says",
        ],
    ),
    (
        "a site that carries an authority's key, an Issuer or a ClusterIssuer is refused",
        &[
            "the_authoritys_key_never_reaches_a_site",
            "an_issuer_of_a_policy_of_the_environment_is_refused_too",
            "an_external_secret_that_would_fetch_it_is_refused",
        ],
    ),
    (
        "one ExternalSecret makes a site's pair and the authority's public certificate, whatever the key's encoding",
        &[
            "the_client_certificate_is_three_files_and_the_authoritys_key_is_none_of_them",
            "the_client_certificate_comes_out_whole_in_both_encodings",
            "a_site_that_looks_for_another_encoding_is_an_error",
        ],
    ),
    (
        "and others those for Django, database, Redis, registry and custom environment",
        &[
            "a_site_gets_six_secrets_of_one_store",
            "the_database_secret_says_who_logs_in",
            "the_other_secrets_hold_the_keys_that_the_worker_reads",
            "the_api_server_takes_what_sites_get",
        ],
    ),
    (
        "every Secret that a worker reads is made by exactly one of them",
        &[
            "a_secret_that_is_not_made_is_an_error_for_everyone_who_reads_it",
            "a_secret_that_is_made_twice_is_an_error",
            "a_secret_under_two_names_is_told_at_both_ends",
        ],
    ),
];
