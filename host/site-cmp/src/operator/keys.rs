//! The keys of the operator's limits file.

use site_render::deploy_rules;
use site_render::keys::{Fallback, File, Key, Kind, Table};

use crate::{helm, render_limits, server_limits};

/// The operator's limits file.
pub static LIMITS: File = File {
    name: "limits.yaml",
    title: "Limits of the operator",
    about: "The limits of policies, of Jsonnet, of helm and of the server, and what a fleet may \
            deploy. `--limits` or the environment variable `SITE_CMP_LIMITS` names the file, which may \
            have any name. Nothing in a rendered repository can change a limit. An unknown key is an \
            error.",
    null_is_absent: false,
    table: &TOP,
};

static TOP: Table = Table {
    path: "",
    about: "Limits of policies. Where two defaults are listed, `tier` selects one of them. All \
            sizes are in bytes.",
    keys: &[policy_sandbox::LIMIT_KEYS[0], policy_sandbox::LIMIT_KEYS[1], BLOCKS],
    open: false,
};

const BLOCKS: &[Key] = &[
    Key {
        name: "deploy",
        kind: Kind::Mapping(&DEPLOY),
        default: Fallback::Nothing,
        meaning: "What a fleet may deploy.",
        example: "{projects: [understack]}",
    },
    Key {
        name: "helm",
        kind: Kind::Mapping(&HELM),
        default: Fallback::Nothing,
        meaning: "Whether and how helm renders charts, for the target `manifests`.",
        example: "{enabled: true, repositories: [https://charts.example.org]}",
    },
    Key {
        name: "jsonnet",
        kind: Kind::Mapping(&JSONNET),
        default: Fallback::Nothing,
        meaning: "Limits of Jsonnet.",
        example: "{workers: 2}",
    },
    Key {
        name: "render",
        kind: Kind::Mapping(&RENDER),
        default: Fallback::Nothing,
        meaning: "Limits of one render.",
        example: "{milliseconds: 20000}",
    },
    Key {
        name: "server",
        kind: Kind::Mapping(&SERVER),
        default: Fallback::Nothing,
        meaning: "Limits of `cmp serve`.",
        example: "{renders: 2}",
    },
];

static DEPLOY: Table = Table {
    path: "deploy",
    about: "A fleet chooses the project of its Applications and writes its own objects, so these keys \
            limit both.",
    keys: &[deploy_rules::KEYS],
    open: false,
};

static HELM: Table = Table {
    path: "helm",
    about: "A repository that Argo CD hands to `cmp serve` or `cmp generate` chooses the chart, so \
            helm is off there by default. Only the target `manifests` runs helm. The limits of the \
            block `render` include it.",
    keys: &[helm::KEYS],
    open: false,
};

static JSONNET: Table =
    Table { path: "jsonnet", about: "", keys: &[jsonnet_worker::LIMIT_KEYS], open: false };

static RENDER: Table =
    Table { path: "render", about: "", keys: &[render_limits::KEYS], open: false };

static SERVER: Table =
    Table { path: "server", about: "", keys: &[server_limits::KEYS], open: false };
