//! Findings on profiles and gates.

crate::catalog! {
    ENVIRONMENT_NO_GLOBAL: Error, Gate, "environment/no-global",
        "",
        "";
    EXPLAIN_CLOSED: Error, Gate, "explain/closed",
        "",
        "";
    GATE_CLOSED: Note, Gate, "gate/closed",
        "",
        "";
    GATE_MISSPELT: Error, Gate, "gate/misspelt",
        "",
        "";
    GATE_NOT_BOOLEAN: Error, Gate, "gate/not-boolean",
        "",
        "";
    KEY_HEADER: Error, Profile, "key/header",
        "",
        "";
    KEY_NAME: Error, Profile, "key/name",
        "",
        "";
    LABEL_VALUE: Error, Profile, "label/value",
        "",
        "";
    PROFILE_EMPTY: Error, Profile, "profile/empty",
        "",
        "";
    PROFILE_ENVIRONMENT: Error, Profile, "profile/environment",
        "",
        "";
    PROFILE_MISSING: Error, Profile, "profile/missing",
        "",
        "";
    PROFILE_TWICE: Error, Profile, "profile/twice",
        "",
        "";
    SITE_LABEL_SHARED: Warning, Profile, "site/label-shared",
        "",
        "";
    SITE_UNKNOWN: Error, Profile, "site/unknown",
        "",
        "";
}
