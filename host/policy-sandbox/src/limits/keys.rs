//! The keys of the operator's limits file that are about policies.

use site_render::keys::{Fallback, Key, Kind, Table};

/// The keys that are not numbers.
pub(super) const ACCESS: &[Key] = &[
    Key {
        name: "tier",
        kind: Kind::Choice(&["lean", "wide"]),
        default: Fallback::Value("\"lean\""),
        meaning: "The set of defaults: `lean` for policies in Rust, C and Go, `wide` for policies \
                  in JavaScript and Python too.",
        example: "wide",
    },
    Key {
        name: "allowedDigests",
        kind: Kind::Texts,
        default: Fallback::Rule("any policy may be loaded"),
        meaning: "The SHA-256 digests of the policies that may be loaded, as `policies.lock` \
                  contains them.",
        example: "[e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855]",
    },
    Key {
        name: "projects",
        kind: Kind::Mapping(&PROJECTS),
        default: Fallback::Rule("every project may use every policy"),
        meaning: "The policies that each Argo CD project may use.",
        example: "{sites: [worker-placement]}",
    },
];

static PROJECTS: Table = Table {
    path: "projects",
    about: "A project that is not listed may use no policy.",
    keys: &[&[Key {
        name: "<project>",
        kind: Kind::Texts,
        default: Fallback::Nothing,
        meaning: "The names of the policies that the project may use.",
        example: "[worker-placement]",
    }]],
    open: false,
};
