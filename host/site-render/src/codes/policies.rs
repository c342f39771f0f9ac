//! Findings on policies, their settings and the lock.

crate::catalog! {
    LOCK_DIGEST: Error, Policies, "lock/digest",
        "",
        "";
    LOCK_STALE: Warning, Policies, "lock/stale",
        "",
        "";
    LOCK_UNPINNED: Warning, Policies, "lock/unpinned",
        "",
        "";
    LOCK_VERSION: Error, Policies, "lock/version",
        "",
        "";
    POLICY_BAD_PROFILE: Error, Policies, "policy/bad-profile",
        "",
        "";
    POLICY_BAD_SETTINGS: Error, Policies, "policy/bad-settings",
        "",
        "";
    POLICY_BAD_VALUES: Error, Policies, "policy/bad-values",
        "",
        "";
    POLICY_COUNTERPART: Note, Policies, "policy/counterpart",
        "",
        "";
    POLICY_DIGEST: Error, Policies, "policy/digest",
        "",
        "";
    POLICY_INTERNAL: Error, Policies, "policy/internal",
        "",
        "";
    POLICY_NAME: Error, Policies, "policy/name",
        "",
        "";
    POLICY_SCHEMA: Error, Policies, "policy/schema",
        "",
        "";
    POLICY_SCOPE: Error, Policies, "policy/scope",
        "",
        "";
    POLICY_SETTINGS: Error, Policies, "policy/settings",
        "",
        "";
    POLICY_UNKNOWN: Error, Policies, "policy/unknown",
        "",
        "";
    POLICY_UNSUPPORTED: Error, Policies, "policy/unsupported",
        "",
        "";
    SETTING_AMBIGUOUS: Error, Policies, "setting/ambiguous",
        "",
        "";
    SETTING_POLICY: Error, Policies, "setting/policy",
        "",
        "";
    SETTING_TYPE: Error, Policies, "setting/type",
        "",
        "";
    SETTING_UNKNOWN: Error, Policies, "setting/unknown",
        "",
        "";
}
