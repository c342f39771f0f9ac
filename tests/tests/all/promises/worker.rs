//! A site runs its worker and nothing else, and the worker reaches the global cluster.

use super::Promise;

pub(super) const PROMISES: &[Promise] = &[
    (
        "of base values with everything on, the worker and what belongs to it is left: Deployment, ServiceAccount, two ConfigMaps, Secret, and with metrics a headless Service and a ServiceMonitor",
        &["exactly_the_worker_is_left_of_everything", "the_api_server_takes_the_rendered_chart"],
    ),
    (
        "the worker is named after the site label, which need not be the folder's name",
        &[
            "exactly_the_worker_is_left_of_everything",
            "the_sites_worker_serves_its_queue_and_the_extra_ones",
            "the-folder-and-the-label-differ",
        ],
    ),
    (
        "it serves the queue of that name, and after it the extra queues of the settings",
        &[
            "the_sites_worker_serves_its_queue_and_the_extra_ones",
            "extra-queues-join-the-sites-own",
            "every_open_sites_worker_connects_with_what_is_emitted_for_it",
        ],
    ),
    (
        "every web instance of the base values is switched off by its name",
        &[
            "every_web_server_of_the_base_values_goes_off_by_name",
            "one_that_runs_under_another_name_is_reported",
        ],
    ),
    (
        "every other worker of the base values is switched off by its name and told",
        &[
            "other_workers_go_off_by_name_and_are_reported_unless_off_already",
            "what_was_switched_off_by_other_names_is_told",
        ],
    ),
    (
        "what the policy does not know and the base values switch on is told",
        &[
            "what_the_policy_does_not_know_is_reported_when_it_is_on",
            "a_key_of_the_other_major_is_unknown",
            "extra_objects_are_counted",
        ],
    ),
    (
        "extraObjects are left out, and told",
        &["extra_objects_become_an_empty_list", "what_was_switched_off_by_other_names_is_told"],
    ),
    (
        "disruption budgets, init Job, superuser, Redis, PostgreSQL, ingress, route, network policy and roles are off",
        &[
            "every_switch_is_off_in_the_majors_that_know_it_and_absent_in_others",
            "base_values_do_not_change_what_is_switched_off",
            "exactly_the_worker_is_left_of_everything",
        ],
    ),
    ("off is a value and never a null", &["off_is_never_a_null_and_never_a_removal"]),
    (
        "metrics of the worker stay on and are really served",
        &[
            "metrics_are_on_by_default_and_really_served",
            "every_open_sites_worker_connects_with_what_is_emitted_for_it",
        ],
    ),
    (
        "metrics of nginx and uWSGI are off",
        &["every_switch_is_off_in_the_majors_that_know_it_and_absent_in_others"],
    ),
    (
        "a site label that makes a name too long is refused; how long it may be follows from the release, from what overrides its name and from metrics",
        &[
            "the_longest_label_depends_on_the_release_and_on_metrics",
            "a_service_that_is_too_long_is_named_with_what_to_shorten",
            "names_follow_from_the_release_and_what_overrides_it",
            "a_site_label_may_be_as_long_as_the_api_server_takes_and_no_longer",
        ],
    ),
    (
        "a name of an object that Kubernetes refuses is an error where it is chosen",
        &["a_name_that_kubernetes_refuses_is_an_error_where_it_is_chosen"],
    ),
    (
        "a command or argument that serves other queues than the site's is refused at its line",
        &[
            "a_command_for_another_queue_is_refused_at_its_line",
            "every_spelling_of_another_queue_is_an_error",
            "a_command_without_a_queue_serves_the_global_one",
            "a_shells_script_is_read",
            "a_worker_beside_the_worker_serves_the_sites_queues_too",
            "another_queue_by_variable_is_an_error_and_the_same_is_left_out",
        ],
    ),
    (
        "a command whose queues cannot be read is reported as such",
        &["what_cannot_be_read_is_a_warning_that_says_so"],
    ),
    (
        "a command that starts no worker is refused",
        &["a_program_that_serves_nothing_is_an_error", "words_that_kubernetes_refuses_are_errors"],
    ),
    (
        "an argument that beats the setting concurrency is reported with both values",
        &[
            "an_argument_that_beats_the_setting_is_a_warning_with_both",
            "an_argument_that_beats_a_setting_is_reported_with_both",
        ],
    ),
    (
        "a base value wins over a default of the policy, and a setting over both",
        &[
            "a_default_never_beats_a_base_value",
            "a_base_value_wins_over_a_default_and_a_setting_over_both",
            "where_the_base_values_mount_the_secret_is_where_the_variables_lead",
            "a_certificate_at_our_path_stays_unless_a_setting_names_another",
        ],
    ),
    (
        "a base value that breaks mutual TLS is refused",
        &[
            "a_mode_that_does_not_insist_on_tls_is_an_error",
            "a_redis_that_nobody_verifies_is_an_error",
            "what_hides_the_certificate_is_an_error",
        ],
    ),
    (
        "a variable that beats a setting, or that is there twice, is refused",
        &[
            "a_variable_that_beats_a_setting_is_an_error_at_its_line",
            "a_name_that_is_there_twice_is_an_error_at_the_second",
            "a_variable_that_beats_a_setting_or_is_there_twice_is_refused",
        ],
    ),
    (
        "with mutual TLS a config that cannot be checked is refused",
        &[
            "a_config_map_that_nobody_checks_is_an_error_with_mutual_tls",
            "a_config_at_another_place_is_an_error_with_mutual_tls",
            "a_config_that_nobody_can_check_is_refused_with_mutual_tls",
        ],
    ),
    (
        "a key that the worker's user cannot read is reported",
        &[
            "a_key_that_only_root_may_read_needs_a_group",
            "a_key_that_the_worker_cannot_read_is_reported",
        ],
    ),
    (
        "a site label with a dot or an upper-case letter is refused before helm sees it",
        &[
            "labels_that_kubernetes_would_refuse_are_errors",
            "a_site_label_names_a_worker",
            "differs-a-site-label-that-kubernetes-refuses",
        ],
    ),
    (
        "an open site without a site label is refused",
        &["a_missing_label_is_an_error_that_says_what_would_happen", "differs-no-site-label"],
    ),
    (
        "database and Redis are dialled at the names of the environment's gateway",
        &[
            "hosts_and_ports_are_the_gateways",
            "the_worker_listens_on_its_queue_and_dials_the_gateway_with_a_certificate",
            "every_open_sites_worker_connects_with_what_is_emitted_for_it",
        ],
    ),
    (
        "a chart 3.x takes the database user from the Secret's key username",
        &[
            "the_user_is_set_on_2_and_reported_as_ignored_on_3",
            "every_open_sites_worker_connects_with_what_is_emitted_for_it",
        ],
    ),
    (
        "the SSL mode is verify-ca, or verify-full",
        &[
            "mutual_tls_comes_with_its_variables_and_its_certificate",
            "another_mount_path_is_told_to_the_config",
            "every_open_sites_worker_connects_with_what_is_emitted_for_it",
        ],
    ),
    (
        "Redis gets its TLS variables",
        &[
            "mutual_tls_comes_with_its_variables_and_its_certificate",
            "without_a_certificate_of_the_authority_nothing_connects",
            "a_worker_talks_to_no_server_of_another_authority",
        ],
    ),
    (
        "the client certificate is mounted read only at /etc/nautobot/mtls with mode 0400, and its user can read it",
        &[
            "the_worker_listens_on_its_queue_and_dials_the_gateway_with_a_certificate",
            "every_open_sites_worker_connects_with_what_is_emitted_for_it",
        ],
    ),
    (
        "NAUTOBOT_CONFIG names the one path of the config",
        &[
            "the_worker_listens_on_its_queue_and_dials_the_gateway_with_a_certificate",
            "mutual_tls_comes_with_its_variables_and_its_certificate",
        ],
    ),
    (
        "TLS is negotiated directly only with an SSL mode of require or stronger",
        &[
            "direct_is_fine_with_every_mode_on_offer_and_others_are_refused",
            "mtls_can_be_off_but_then_nothing_is_negotiated_directly",
        ],
    ),
];
