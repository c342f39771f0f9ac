//! There is one configuration file, and what would fail when it is loaded fails at the render.

use super::Promise;

pub(super) const PROMISES: &[Promise] = &[
    (
        "an empty config is refused: the chart would mount none, and the image's own would run",
        &["an_empty_config_is_refused", "what_a_chart_cannot_carry_is_refused"],
    ),
    (
        "a config is selected as $understack/... or $deploy/...",
        &[
            "a-config-from-the-deploy-repo",
            "a-config-of-the-deploy-repo-goes-out-by-reference",
            "an-open-site-gets-an-application",
        ],
    ),
    (
        "it may be built of layers: base, environment, site",
        &[
            "layers-of-a-config-become-one-module",
            "a-site-without-a-layer-of-its-own-gets-the-others",
            "a_list_of_layers_names_files_that_are_there_once",
        ],
    ),
    (
        "one layer goes out by the same reference, as a file parameter",
        &[
            "a-config-of-the-deploy-repo-goes-out-by-reference",
            "the_same_application_but_for_the_differences_that_are_listed",
        ],
    ),
    (
        "several layers go out inline, as one module",
        &["layers-of-a-config-become-one-module", "a_file_of_the_tree_goes_out_inline"],
    ),
    (
        "a layer that cannot be read is no guess",
        &[
            "a_layer_that_cannot_be_read_cannot_be_merged",
            "a-source-that-is-not-in-the-tree-is-told",
        ],
    ),
    (
        "merging keeps from __future__ first and imports Nautobot's defaults once",
        &[
            "futures_come_first_and_a_shared_star_stands_once",
            "real_nautobot_loads_the_merged_config_with_mutual_tls",
        ],
    ),
    (
        "each layer is headed by its origin and digest",
        &["each_layer_is_headed_by_its_origin_and_digest"],
    ),
    (
        "a name that a later layer binds anew is told with both places",
        &["a_name_bound_anew_is_told_with_both_places", "every_way_to_bind_a_name_counts"],
    ),
    ("merging with nothing changes nothing", &["merged_with_nothing_it_is_itself"]),
    (
        "a syntax error is told at its file and line",
        &[
            "a_layer_is_refused_at_its_line",
            "what_python_would_not_compile_is_refused_at_its_place",
        ],
    ),
    (
        "a literal secret is refused, and a false alarm can be marked",
        &[
            "a_literal_secret_is_refused_and_not_shown",
            "what_only_names_a_secret_is_none",
            "a_secret_is_not_shown_and_a_false_alarm_can_be_marked",
        ],
    ),
    (
        "a site with mutual TLS whose config never reads the SSL mode is refused: it would dial without a certificate",
        &[
            "a_config_that_never_reads_the_ssl_mode_is_refused",
            "all_layers_together_have_to_read_what_the_overlay_sets",
            "the_default_config_connects_nowhere_and_a_render_says_so_before",
        ],
    ),
    (
        "so is one that never reads the Redis CA",
        &[
            "a_config_that_never_reads_the_ssl_mode_is_refused",
            "mutual_tls_comes_with_its_variables_and_its_certificate",
        ],
    ),
    (
        "a setting turns that into a warning",
        &["settings_can_lift_the_demand_on_the_config_with_a_warning"],
    ),
    (
        "over 900 KiB is refused",
        &["a_merge_that_no_config_map_holds_is_refused", "what_a_chart_cannot_carry_is_refused"],
    ),
    (
        "what comes out is loaded by real Nautobot, with mutual TLS and without",
        &[
            "real_nautobot_loads_the_merged_config_with_mutual_tls",
            "real_nautobot_loads_the_merged_config_without_it",
        ],
    ),
];
