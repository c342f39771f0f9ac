//! The keys of `environment.yaml`.

mod component;
mod global;

use super::header::header;
use super::profile::BODY;
use super::table::Fallback::{Nothing, Required, Value};
use super::table::Kind::{Any, Choice, Mapping, Text};
use super::table::{File, Table, key};

pub(crate) use component::POLICIES;
pub(crate) use global::GLOBAL_POLICIES;

/// An environment: the settings that its sites share.
pub static ENVIRONMENT: File = File {
    name: "environment.yaml",
    title: "Environment",
    about: "The settings that the sites of an environment share, in \
            `environments/<environment>/environment.yaml`. The same keys may be written in Jsonnet, \
            in `environment.jsonnet`.",
    null_is_absent: true,
    table: &TOP,
};

static TOP: Table = Table {
    path: "",
    about: "",
    keys: &[
        &header("\"Environment\""),
        &[
            key(
                "partition",
                Text,
                Nothing,
                "A profile without the key `environment` belongs to this environment if its label \
                 `understack.rackspace.com/partition` has this value.",
                "dev",
            ),
            key(
                "defaults",
                Mapping(&DEFAULTS),
                Nothing,
                "Default values for the keys of profiles. Each profile is merged over them, as \
                 Helm merges values files.",
                "{deploy_ref: HEAD}",
            ),
            key(
                "sources",
                Mapping(&SOURCES),
                Nothing,
                "The sources of the Application of which the fleet contains a copy. site-cmp can \
                 read `$source/path` only for these sources and for `--source NAME=DIR`.",
                "{deploy: {path: .}}",
            ),
            key(
                "unreadableValues",
                Choice(&["note", "error"]),
                Value("\"note\""),
                "The severity of the finding about a values file that site-cmp cannot read, \
                 because its source is not in `sources`. Policies do not see the values of such \
                 a file.",
                "error",
            ),
            key(
                "argoCdVersion",
                Text,
                Nothing,
                "The version of Argo CD that renders the charts, or the lowest of several. Up to 3.4 \
                 it has Helm 3, which reads only the first document of a values file and keeps nulls \
                 among a chart's defaults. Without this key, site-cmp renders as Helm 4 does and \
                 warns where Helm 3 would differ.",
                "\"3.5\"",
            ),
            key(
                "helmVersion",
                Text,
                Nothing,
                "The version of Helm, where it is not the one of `argoCdVersion`.",
                "\"4.0\"",
            ),
            key(
                "components",
                Mapping(&COMPONENTS),
                Required,
                "The components that a site can enable, at least one.",
                "",
            ),
        ],
    ],
    open: false,
};

static DEFAULTS: Table = Table {
    path: "defaults",
    about: "Every key of a profile but its header; see [profile.yaml](#profileyaml) for the \
            mappings. Other keys are allowed, and profiles may then use them without a warning.",
    keys: &[
        BODY,
        &[key("<key>", Any, Nothing, "Any other key, for policies and for other programs.", "")],
    ],
    open: true,
};

static SOURCES: Table = Table {
    path: "sources",
    about: "",
    keys: &[&[key(
        "<source>",
        Mapping(&SOURCE),
        Nothing,
        "A source, under the name that references use: `$<source>/path`.",
        "{path: base/upstream, ref: v1.2.0}",
    )]],
    open: false,
};

static SOURCE: Table = Table {
    path: "sources.<source>",
    about: "",
    keys: &[&[
        key(
            "path",
            Text,
            Required,
            "The folder of the copy, relative to the fleet's root. `.` is the fleet itself.",
            "base/upstream",
        ),
        key(
            "url",
            Text,
            Nothing,
            "The URL that was copied. The copy is used only for sites whose `<source>_url` is the \
             same. Without the key it is used for any URL.",
            "https://git.example.net/upstream.git",
        ),
        key(
            "ref",
            Text,
            Nothing,
            "The Git revision that was copied. The copy is used only for sites whose \
             `<source>_ref` is the same. Without the key it is used for any revision.",
            "v1.2.0",
        ),
        key(
            "sha256",
            Text,
            Nothing,
            "The digest of the copy's files, which `cmp sources` prints: the SHA-256 of a line for \
             each file, sorted by path, as `sha256sum` prints it. `cmp check` refuses a copy with \
             another digest.",
            "fc20a2dae6d34fccfa871a7a4ea1a7e1ac04bf4a49c28c66dd49db9c8cd54b69",
        ),
    ]],
    open: false,
};

static COMPONENTS: Table = Table {
    path: "components",
    about: "",
    keys: &[&[key(
        "<component>",
        Mapping(&component::COMPONENT),
        Required,
        "A component, under the name that profiles use: `site.<component>`.",
        "",
    )]],
    open: false,
};
