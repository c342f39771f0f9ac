//! The keys of a component of an environment.

use super::global::GLOBAL;
use crate::keys::table::Fallback::{Nothing, Required, Rule, Value};
use crate::keys::table::Kind::{Bool, Choice, Free, Mapping, Text, Texts};
use crate::keys::table::{Key, Table, key};

pub(super) static COMPONENT: Table = Table {
    path: "components.<component>",
    about: "In `valueFiles`, `config.default`, `config.layers`, `sources.<source>.path`, \
            `plugin.path` and `resources`, `{{site}}` is replaced by the site's name, \
            `{{environment}}` by the environment's, and `{{deploy_path}}` by the site's folder in \
            its deploy repo (`deploy_path_prefix` and the site's name). A values file, a layer or \
            a folder of resources whose reference contains `{{site}}` or `{{deploy_path}}` may be \
            absent.",
    keys: &[APPLICATION, INPUTS, DECISIONS],
    open: false,
};

const APPLICATION: &[Key] = &[
    key("chart", Mapping(&CHART), Required, "The Helm chart.", ""),
    key("release", Text, Required, "The name of the Helm release.", "web"),
    key("namespace", Text, Required, "The namespace of the release.", "web"),
    key("project", Text, Required, "The Argo CD project of the Application.", "sites"),
    key(
        "suffix",
        Text,
        Rule("the component's name, with `-` in place of `_`"),
        "The end of the Application's name, which is `<site>-<suffix>`.",
        "web",
    ),
];

const INPUTS: &[Key] = &[
    key(
        "valueFiles",
        Texts,
        Nothing,
        "References to values files, `$source/path`, weakest first. They are written into the \
         Application, and policies see the merged values. Files in Jsonnet come last. Variables of \
         Argo CD's build environment that are known before a sync, such as `${ARGOCD_APP_NAME}`, are \
         replaced; a file that is listed twice counts at its first position; the files of a pattern \
         (`*`, `?`, `[`) are not read here.",
        "[$upstream/web/values.yaml, \"$deploy/{{deploy_path}}/web/values.yaml\"]",
    ),
    key("config", Mapping(&CONFIG), Nothing, "The component's configuration file, in Python.", ""),
    key(
        "sources",
        Mapping(&SOURCES),
        Nothing,
        "The sources of the Application beside the chart. A profile sets `<source>_url` and \
         `<source>_ref` of each.",
        "{upstream: {}, deploy: {}}",
    ),
    key(
        "plugin",
        Mapping(&PLUGIN),
        Nothing,
        "A source of the Application that site-cmp itself renders, as an Argo CD plugin: the \
         objects that the chart does not create.",
        "",
    ),
];

const DECISIONS: &[Key] = &[
    key(
        "policies",
        Mapping(&POLICIES),
        Nothing,
        "The policies that are evaluated for each site, in this order.",
        "{worker-placement: {}}",
    ),
    key(
        "resources",
        Texts,
        Nothing,
        "Folders of the fleet with objects that are emitted beside the chart, weakest first.",
        "[\"environments/{{environment}}/resources\", \"sites/{{site}}/resources\"]",
    ),
    key(
        "global",
        Mapping(&GLOBAL),
        Nothing,
        "The part of the component that runs on the environment's global cluster, for all open \
         sites: those at which the component is enabled.",
        "",
    ),
];

static CHART: Table = Table {
    path: "components.<component>.chart",
    about: "",
    keys: &[&[
        key("name", Text, Required, "The name of the chart.", "web"),
        key(
            "repository",
            Text,
            Required,
            "The Helm repository of the chart.",
            "https://charts.example.net/",
        ),
        key("version", Text, Required, "The version of the chart.", "3.1.2"),
        key(
            "skipSchemaValidation",
            Bool,
            Value("false"),
            "Whether Argo CD skips the chart's schema: `helm.skipSchemaValidation` of the \
             Application. Needed where the schema refers to addresses that the repo-server cannot \
             reach, because Argo CD then renders nothing. `cmp check --chart` validates with the \
             rest of the schema in either case.",
            "true",
        ),
    ]],
    open: false,
};

static CONFIG: Table = Table {
    path: "components.<component>.config",
    about: "See [config.md](config.md).",
    keys: &[&[
        key(
            "parameter",
            Text,
            Required,
            "The Helm value that receives the text of the file, as for `--set-file`.",
            "web.config",
        ),
        key(
            "key",
            Text,
            Required,
            "The key below `site.<component>` of a profile that names another file instead.",
            "web_config",
        ),
        key(
            "default",
            Text,
            Required,
            "The file, as `$source/path` or as a path in the fleet.",
            "$upstream/web/config.py",
        ),
        key(
            "layers",
            Texts,
            Nothing,
            "Files that are merged over `default`, weakest first.",
            "[\"$deploy/{{deploy_path}}/web/config.py\"]",
        ),
    ]],
    open: false,
};

static SOURCES: Table = Table {
    path: "components.<component>.sources",
    about: "",
    keys: &[&[key(
        "<source>",
        Mapping(&SOURCE),
        Nothing,
        "A source, under its `ref` in the Application.",
        "{path: components/web}",
    )]],
    open: false,
};

static SOURCE: Table = Table {
    path: "components.<component>.sources.<source>",
    about: "",
    keys: &[&[
        key(
            "path",
            Text,
            Nothing,
            "The folder that Argo CD renders. Without it other sources can refer to the files of \
             this source, and nothing of it is rendered.",
            "\"{{deploy_path}}/web\"",
        ),
        key(
            "configMaps",
            Mapping(&CONFIG_MAPS),
            Nothing,
            "ConfigMaps in the folder whose data Argo CD replaces with the values of labels of \
             the site.",
            "{cluster-data: {SITE: example.net/site}}",
        ),
    ]],
    open: false,
};

static CONFIG_MAPS: Table = Table {
    path: "components.<component>.sources.<source>.configMaps",
    about: "",
    keys: &[&[key(
        "<ConfigMap>",
        Mapping(&CONFIG_MAP),
        Nothing,
        "The name of a ConfigMap.",
        "{SITE: example.net/site}",
    )]],
    open: false,
};

static CONFIG_MAP: Table = Table {
    path: "components.<component>.sources.<source>.configMaps.<ConfigMap>",
    about: "",
    keys: &[&[key(
        "<key>",
        Text,
        Required,
        "A key of the ConfigMap's data, and the label whose value replaces its value.",
        "example.net/site",
    )]],
    open: false,
};

static PLUGIN: Table = Table {
    path: "components.<component>.plugin",
    about: "",
    keys: &[&[
        key("name", Text, Required, "The name of the plugin in Argo CD.", "site-cmp@v1"),
        key(
            "source",
            Text,
            Required,
            "The name of the source, one of `sources`, whose Git repo contains the fleet.",
            "deploy",
        ),
        key("path", Text, Required, "The site's folder in that repo.", "\"{{deploy_path}}\""),
        key(
            "target",
            Choice(&["resources"]),
            Value("\"resources\""),
            "The target that the plugin renders. Only `resources` is valid, because the chart is \
             a source already.",
            "",
        ),
    ]],
    open: false,
};

/// The policies of a component and their settings.
pub(crate) static POLICIES: Table = Table {
    path: "components.<component>.policies",
    about: "",
    keys: &[&[key(
        "<policy>",
        Free,
        Nothing,
        "The settings of a policy, under its name in `policies.lock`. `cmp policy inspect` prints \
         their schema.",
        "{nodeSelector: {example.net/hall: b}}",
    )]],
    open: false,
};
