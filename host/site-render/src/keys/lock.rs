//! The keys of `policies.lock`.

use super::table::Fallback::{Nothing, Required};
use super::table::Kind::{Literal, Mapping, Text};
use super::table::{File, Table, key};

/// The policies that a fleet may use.
pub static LOCK: File = File {
    name: "policies.lock",
    title: "Lock of policies",
    about: "The policies that a fleet may use, each pinned by its SHA-256. `cmp policy lock` \
            writes it. The folder that holds it is the root of the fleet.",
    null_is_absent: true,
    table: &TOP,
};

static TOP: Table = Table {
    path: "",
    about: "",
    keys: &[&[
        key("version", Literal("1"), Required, "The version of the format.", "1"),
        key("policies", Mapping(&PINS), Nothing, "The pinned policies, by name.", "{}"),
    ]],
    open: false,
};

static PINS: Table = Table {
    path: "policies",
    about: "",
    keys: &[&[key(
        "<policy>",
        Mapping(&PIN),
        Nothing,
        "One policy, under the name that the policy itself reports.",
        "{path: policies/worker-placement.wasm, sha256: …}",
    )]],
    open: false,
};

static PIN: Table = Table {
    path: "policies.<policy>",
    about: "",
    keys: &[&[
        key(
            "path",
            Text,
            Required,
            "The path of the artifact, relative to the fleet's root.",
            "policies/worker-placement.wasm",
        ),
        key(
            "sha256",
            Text,
            Required,
            "The SHA-256 of the artifact: 64 lower-case hex digits.",
            HEX,
        ),
        key(
            "source",
            Text,
            Nothing,
            "The SHA-256 of the sources that the artifact was built from, where the artifact \
             contains it.",
            HEX,
        ),
    ]],
    open: false,
};

const HEX: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
