//! Findings on policies, their settings and the lock.

crate::catalog! {
    LOCK_DIGEST: Error, Policies, "lock/digest",
        "A `sha256` in policies.lock is not a SHA-256 digest in lower-case hex.",
        "Write the lock again with `cmp policy lock`.";
    LOCK_STALE: Warning, Policies, "lock/stale",
        "The `policies-lock` parameter of an Application is not the digest of the current policies.lock, so Argo CD may show output that older policies rendered.",
        "Write the new digest into the Applications with `cmp policy lock --stamp DIR` and commit them.";
    LOCK_UNPINNED: Warning, Policies, "lock/unpinned",
        "A .wasm file in `policies/` is not pinned in policies.lock, so no site can use it.",
        "Pin it with `cmp policy lock`, or delete the file.";
    LOCK_VERSION: Error, Policies, "lock/version",
        "The version of policies.lock is missing or not supported.",
        "Write the lock again with `cmp policy lock`.";
    POLICY_BAD_PROFILE: Error, Policies, "policy/bad-profile",
        "A policy needs a value of the profile that is missing or not valid.",
        "Correct the value at the path in the message.";
    POLICY_BAD_SETTINGS: Error, Policies, "policy/bad-settings",
        "The settings of a policy satisfy its schema, but the policy cannot use them.",
        "Correct the setting at the path in the message. `cmp policy inspect` shows every setting.";
    POLICY_BAD_VALUES: Error, Policies, "policy/bad-values",
        "A policy needs something in the values that is missing or not valid.",
        "Correct the values file that sets the path in the message; `cmp explain` shows which one does.";
    POLICY_COUNTERPART: Note, Policies, "policy/counterpart",
        "Sites use a policy that needs another policy on the global cluster, and the environment's `global` section does not use that one.",
        "Add the policy that the message names to the `global` section, or configure the global cluster by hand.";
    POLICY_DIGEST: Error, Policies, "policy/digest",
        "The artifact of a policy is not the file that policies.lock pins.",
        "Restore the artifact. If the change is intended, run `cmp policy lock`.";
    POLICY_INTERNAL: Error, Policies, "policy/internal",
        "A policy reported an internal error.",
        "Report this bug to the author of the policy.";
    POLICY_NAME: Error, Policies, "policy/name",
        "The lock pins a policy under a name that is not its own.",
        "Run `cmp policy lock`, or rebuild the policy with the intended name.";
    POLICY_SCHEMA: Error, Policies, "policy/schema",
        "A policy describes its settings with a schema that is not valid JSON Schema.",
        "Report this bug to the author of the policy.";
    POLICY_SCOPE: Error, Policies, "policy/scope",
        "A policy is used for another component than it serves, or for a site or global cluster that it does not support.",
        "Remove the policy from this component, or move it to the section that it supports. `cmp policy inspect` shows its component and scopes.";
    POLICY_SETTINGS: Error, Policies, "policy/settings",
        "The settings of a policy do not satisfy its schema.",
        "Correct the setting at the path in the message. `cmp policy inspect` shows every setting.";
    POLICY_UNKNOWN: Error, Policies, "policy/unknown",
        "A profile or an environment uses a policy that policies.lock does not pin.",
        "Correct the name, or put the .wasm file of the policy into `policies/` and run `cmp policy lock`.";
    POLICY_UNSUPPORTED: Error, Policies, "policy/unsupported",
        "A policy does not support this chart, this version or this scope.",
        "Use a version of the policy that supports it, or remove the policy.";
    SETTING_AMBIGUOUS: Error, Policies, "setting/ambiguous",
        "An environment variable could set more than one setting.",
        "Set the value as a parameter of the plugin, where the full name of the setting is written.";
    SETTING_POLICY: Error, Policies, "setting/policy",
        "A parameter or variable sets a setting of a policy that this site does not use.",
        "Correct the name of the policy, or remove the parameter.";
    SETTING_TYPE: Error, Policies, "setting/type",
        "The value of a parameter or variable is not of the type that the setting has.",
        "Write a value of the type in the message. A text parameter can contain a number, a boolean or JSON.";
    SETTING_UNKNOWN: Error, Policies, "setting/unknown",
        "A parameter or variable names a setting that the policy does not have.",
        "Correct the name. `cmp parameters` lists every setting of a site.";
}
