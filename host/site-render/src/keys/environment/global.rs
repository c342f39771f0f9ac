//! The keys of a component's part on the global cluster.

use crate::keys::table::Fallback::{Nothing, Required, Rule};
use crate::keys::table::Kind::{Free, Mapping, Text, Texts};
use crate::keys::table::{Table, key};

pub(super) static GLOBAL: Table = Table {
    path: "components.<component>.global",
    about: "",
    keys: &[&[
        key(
            "namespace",
            Text,
            Rule("the component's `namespace`"),
            "The namespace of objects that do not name one.",
            "web",
        ),
        key(
            "valueFiles",
            Texts,
            Nothing,
            "Base values of the target `global`, weakest first: paths in the fleet.",
            "[base/gateway/values.yaml]",
        ),
        key(
            "schema",
            Mapping(&SCHEMA),
            Nothing,
            "The JSON Schema that the final values are validated against.",
            "{file: base/gateway/values.schema.json}",
        ),
        key(
            "policies",
            Mapping(&GLOBAL_POLICIES),
            Nothing,
            "The policies of scope global. Each is evaluated once, and sees all open sites of the \
             environment.",
            "{job-queues: {}}",
        ),
        key(
            "resources",
            Texts,
            Nothing,
            "Folders of the fleet with objects that are emitted for the global cluster, weakest \
             first. Only `{{environment}}` is replaced.",
            "[\"environments/{{environment}}/global\"]",
        ),
    ]],
    open: false,
};

static SCHEMA: Table = Table {
    path: "components.<component>.global.schema",
    about: "",
    keys: &[&[
        key(
            "file",
            Text,
            Required,
            "The schema: a path in the fleet.",
            "base/gateway/values.schema.json",
        ),
        key(
            "extensions",
            Texts,
            Nothing,
            "Files that add properties to the schema, in order: paths in the fleet.",
            "[base/gateway/routes.schema.json]",
        ),
    ]],
    open: false,
};

/// The policies of scope global and their settings.
pub(crate) static GLOBAL_POLICIES: Table = Table {
    path: "components.<component>.global.policies",
    about: "",
    keys: &[&[key(
        "<policy>",
        Free,
        Nothing,
        "The settings of a policy, under its name in `policies.lock`. `cmp policy inspect` prints \
         their schema.",
        "{queues: [{name: bulk}]}",
    )]],
    open: false,
};
