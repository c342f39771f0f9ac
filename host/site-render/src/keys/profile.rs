//! The keys of `profile.yaml`, and of a bare `deploy.yaml`.

use super::header::header;
use super::table::Fallback::{Inherited, Nothing, Rule, Value};
use super::table::Kind::{Any, Bool, Free, Mapping, Text, TextOrTexts};
use super::table::{File, Key, Table, key};

/// A profile: the decisions of one site.
pub static PROFILE: File = File {
    name: "profile.yaml",
    title: "Profile of a site",
    about: "The decisions of one site, in `sites/<site>/profile.yaml`. The name of the folder is \
            the name of the site. The same keys may be written in Jsonnet, in `profile.jsonnet`. \
            A `deploy.yaml` of argocd-understack is a profile without the header.",
    null_is_absent: true,
    table: &TOP,
};

/// The keys of a profile that are not part of its body.
pub(crate) static PROFILE_HEADER: &[&[Key]] = &[&header("\"SiteProfile\""), &[ENVIRONMENT]];

static TOP: Table = Table {
    path: "",
    about: "A profile is merged over the `defaults` of its environment, so each key of the body \
            may also be written there. Keys that are neither in this table nor in `defaults` are \
            reported as unknown.",
    keys: &[&header("\"SiteProfile\""), &[ENVIRONMENT], BODY],
    open: true,
};

const ENVIRONMENT: Key = key(
    "environment",
    Text,
    Rule(
        "the environment whose `partition` is the value of the label `understack.rackspace.com/partition`",
    ),
    "The environment of the site: a folder of `environments/`.",
    "dev",
);

/// The keys of a profile's body, which may be written in an environment's `defaults` too.
pub(super) const BODY: &[Key] = &[
    key(
        "site",
        Mapping(&SITE),
        Nothing,
        "The switches of the site and of its components.",
        "{enabled: true, web: {enabled: true}}",
    ),
    key(
        "global",
        Any,
        Nothing,
        "Switches of the global cluster in a `deploy.yaml`. argocd-understack reads them; site-cmp \
         only passes them to policies.",
        "{enabled: true}",
    ),
    key(
        "appLabels",
        Mapping(&LABELS),
        Nothing,
        "Labels of the Application. Policies see them in the profile.",
        "{understack.rackspace.com/partition: dev, understack.rackspace.com/site: lab1}",
    ),
    key(
        "cluster_server",
        Text,
        Rule("`cluster_name`; one of the two is required"),
        "The API server of the site's cluster, as Argo CD knows it: `spec.destination.server` of \
         the Application. Two open sites may not have the same cluster and namespace.",
        "https://lab1.example.net:6443",
    ),
    key(
        "cluster_name",
        Text,
        Rule("`cluster_server`; one of the two is required"),
        "The name of the site's cluster in Argo CD: `spec.destination.name` of the Application.",
        "lab1",
    ),
    key(
        "deploy_path_prefix",
        Text,
        Nothing,
        "The folder of the deploy repo that contains the site's folder. `{{deploy_path}}` is \
         `<deploy_path_prefix>/<site>`, and `<site>` without a prefix.",
        "sites",
    ),
    key(
        "<source>_url",
        Text,
        Inherited,
        "The Git URL of a source of the component.",
        "https://git.example.net/fleet.git",
    ),
    key(
        "<source>_ref",
        Text,
        Value("\"HEAD\""),
        "The Git revision of a source of the component.",
        "v1.2.0",
    ),
];

static LABELS: Table = Table {
    path: "appLabels",
    about: "",
    keys: &[&[key(
        "<label>",
        Text,
        Nothing,
        "The value of a label: at most 63 letters, digits, `-`, `_` and `.`, with a letter or \
         digit first and last.",
        "lab1",
    )]],
    open: false,
};

/// The switches of a site.
pub(crate) static SITE: Table = Table {
    path: "site",
    about: "",
    keys: &[&[
        key(
            "enabled",
            Bool,
            Value("false"),
            "Enables the site. Without it all components of the site are disabled.",
            "true",
        ),
        key(
            "<component>",
            Mapping(&COMPONENT_OF_SITE),
            Nothing,
            "A component of the environment.",
            "{enabled: true}",
        ),
    ]],
    open: false,
};

/// A component, as a profile configures it. Components of other programs may have other keys.
pub(crate) static COMPONENT_OF_SITE: Table = Table {
    path: "site.<component>",
    about: "",
    keys: &[&[
        key("enabled", Bool, Value("false"), "Enables the component at this site.", "true"),
        key(
            "policies",
            Mapping(&PROFILE_POLICIES),
            Nothing,
            "Settings of policies, merged over those of the environment. A policy that the \
             environment does not list is evaluated for this site alone.",
            "{worker-placement: {nodeSelector: {example.net/hall: b}}}",
        ),
        CONFIG,
    ]],
    open: true,
};

const CONFIG: Key = key(
    "<config key>",
    TextOrTexts,
    Rule("`config.default` and `config.layers` of the environment's component"),
    "The configuration file, under the name that the environment's `config.key` defines. One \
     reference replaces `config.default`; a list of references replaces the layers too.",
    "$deploy/sites/lab1/config.py",
);

/// The settings of policies in a profile.
pub(crate) static PROFILE_POLICIES: Table = Table {
    path: "site.<component>.policies",
    about: "",
    keys: &[&[key(
        "<policy>",
        Free,
        Nothing,
        "Settings of a policy, under its name in `policies.lock`.",
        "{nodeSelector: {example.net/hall: b}}",
    )]],
    open: false,
};
