//! The gateway of the global cluster serves what sites dial, by an extended schema.

use super::Promise;

pub(super) const PROMISES: &[Promise] = &[
    (
        "the schema of envoy-configs is extended by gatewayPort, 1 to 65535",
        &[
            "a_port_of_the_gateway_is_a_number_from_1_to_65535",
            "a_port_that_is_none_is_refused_where_it_stands",
            "what_the_charts_schema_refuses_is_refused_here",
        ],
    ),
    (
        "and by clientTrafficPolicy",
        &[
            "values_are_held_to_the_extended_schema",
            "a_selector_is_what_the_api_wants_and_keepalive_is_a_policy",
            "a-policy-for-clients",
        ],
    ),
    (
        "an extension that would change or drop a property is refused",
        &[
            "an_extension_may_only_add",
            "an_extension_that_changes_anything_is_refused_with_both_places",
            "a_property_is_added_and_the_others_stay",
        ],
    ),
    (
        "values of routes are held to the extended schema",
        &[
            "values_are_held_to_the_extended_schema",
            "what_the_charts_schema_refuses_is_refused_here",
        ],
    ),
    (
        "listeners pass TLS through and have no certificate",
        &[
            "a_listener_passes_tls_through_and_its_route_names_it",
            "the_same_gateway_but_for_the_differences_that_are_listed",
        ],
    ),
    (
        "gatewayPort defaults to the gateway's own port, then to 443",
        &[
            "routes_of_the_values_stay_and_listen_where_their_gateway_does",
            "names-and-ports-that-are-left-out",
        ],
    ),
    (
        "two listeners with one name are refused, with both ends",
        &[
            "listeners_that_collide_are_refused_with_both_ends",
            "listeners_that_collide_name_both_ends",
            "the_api_server_refuses_what_is_broken",
        ],
    ),
    (
        "two listeners with one port, protocol and hostname are refused",
        &[
            "listeners_that_collide_are_refused_with_both_ends",
            "the_api_server_refuses_what_is_broken",
        ],
    ),
    (
        "two environments that listen on one name are refused",
        &["two_environments_that_listen_on_one_name_are_found"],
    ),
    (
        "each TLSRoute names its listener",
        &[
            "a_listener_passes_tls_through_and_its_route_names_it",
            "one-host-on-two-ports",
            "the_same_gateway_but_for_the_differences_that_are_listed",
        ],
    ),
    (
        "a name that a site dials and no route serves is refused where the site says it",
        &[
            "a_name_that_no_route_serves_is_refused_where_the_site_says_it",
            "a_name_that_a_site_dials_and_no_route_serves_is_refused",
        ],
    ),
    ("a route that no site dials is told", &["a_route_that_no_site_dials_is_told"]),
    (
        "the API server takes what is emitted, of every version of TLSRoute",
        &[
            "the_api_server_takes_what_global_clusters_get_of_every_gateway",
            "the_api_server_takes_every_gateway_and_drops_the_charts_selector",
        ],
    ),
];
