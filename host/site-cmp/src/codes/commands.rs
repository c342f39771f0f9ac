//! Findings of the commands.

site_render::catalog! {
    ARGOCD_PARAMETER: Error, Sources, "argocd/parameter",
        "",
        "";
    ARGOCD_SITE: Error, Sources, "argocd/site",
        "",
        "";
    CERTS_AMBIGUOUS: Error, Inputs, "certs/ambiguous",
        "",
        "";
    CERTS_AUTHORITY_EXPIRED: Error, Inputs, "certs/authority-expired",
        "",
        "";
    CERTS_DURATION: Warning, Inputs, "certs/duration",
        "",
        "";
    CERTS_FOLDER: Error, Inputs, "certs/folder",
        "",
        "";
    CERTS_NO_GLOBAL: Error, Inputs, "certs/no-global",
        "",
        "";
    CERTS_PRIVATE_KEY: Warning, Inputs, "certs/private-key",
        "",
        "";
    CERTS_STRANGER: Warning, Inputs, "certs/stranger",
        "",
        "";
    CERTS_TWICE: Warning, Inputs, "certs/twice",
        "",
        "";
    CERTS_UNREADABLE: Error, Inputs, "certs/unreadable",
        "",
        "";
    CLI_HANDOVER: Error, Sources, "cli/handover",
        "",
        "";
    CLUSTER_DISCOVERY: Error, Inputs, "cluster/discovery",
        "",
        "";
    CLUSTER_KUBECTL: Error, Inputs, "cluster/kubectl",
        "",
        "";
    CLUSTER_OUTDATED: Error, Inputs, "cluster/outdated",
        "",
        "";
    CLUSTER_WRITE: Error, Inputs, "cluster/write",
        "",
        "";
    DOCTOR_APPLICATION: Error, Sources, "doctor/application",
        "",
        "";
    DOCTOR_ENVIRONMENT: Error, Sources, "doctor/environment",
        "",
        "";
    EMIT_FILE: Error, Emit, "emit/file",
        "",
        "";
    EMIT_HELM: Error, Emit, "emit/helm",
        "",
        "";
    EMIT_HELM_MISSING: Error, Emit, "emit/helm-missing",
        "",
        "";
    EMIT_OUTPUT: Error, Emit, "emit/output",
        "",
        "";
    EMIT_TOO_LARGE: Error, Emit, "emit/too-large",
        "",
        "";
    GATE_CLOSED: Note, Gate, "gate/closed",
        "",
        "";
    INPUTS_CHART: Error, Inputs, "inputs/chart",
        "",
        "";
    INPUTS_VALUES_FILE: Error, Inputs, "inputs/values-file",
        "",
        "";
    JSONNET_WORKER: Error, Sources, "jsonnet/worker",
        "",
        "";
    LOCK_NAME: Error, Policies, "lock/name",
        "",
        "";
    LOCK_OUTDATED: Error, Policies, "lock/outdated",
        "",
        "";
    LOCK_UNREADABLE: Error, Policies, "lock/unreadable",
        "",
        "";
    LOCK_WRITE: Error, Policies, "lock/write",
        "",
        "";
    OPERATOR_LIMITS: Error, Sources, "operator/limits",
        "",
        "";
    POLICY_BUILD: Error, Policies, "policy/build",
        "",
        "";
    POLICY_CACHE: Error, Policies, "policy/cache",
        "",
        "";
    POLICY_COMPILER: Error, Policies, "policy/compiler",
        "",
        "";
    POLICY_PRELOAD: Error, Policies, "policy/preload",
        "",
        "";
    POLICY_UNREADABLE: Error, Policies, "policy/unreadable",
        "",
        "";
    PROFILE_FILE: Error, Profile, "profile/file",
        "",
        "";
    PROFILE_SITE: Error, Profile, "profile/site",
        "",
        "";
    PROGRAM_BUG: Error, Sources, "program/bug",
        "",
        "";
    SOURCES_FOLDER: Error, Sources, "sources/folder",
        "",
        "";
    SOURCES_NO_FLEET: Error, Sources, "sources/no-fleet",
        "",
        "";
    SOURCES_NO_SITE: Error, Sources, "sources/no-site",
        "",
        "";
    STAMP_LAYOUT: Error, Sources, "stamp/layout",
        "",
        "";
    STAMP_OUTDATED: Error, Policies, "stamp/outdated",
        "",
        "";
    STAMP_UNREADABLE: Error, Sources, "stamp/unreadable",
        "",
        "";
    STAMP_WRITE: Error, Emit, "stamp/write",
        "",
        "";
}
