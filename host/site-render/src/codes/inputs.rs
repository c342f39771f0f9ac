//! Findings on an environment and its values files.

crate::catalog! {
    CLUSTER_SNAPSHOT: Error, Inputs, "cluster/snapshot",
        "",
        "";
    CLUSTER_STALE: Warning, Inputs, "cluster/stale",
        "",
        "";
    COMPONENT_UNKNOWN: Error, Inputs, "component/unknown",
        "",
        "";
    ENVIRONMENT_MISSING: Error, Inputs, "environment/missing",
        "",
        "";
    ENVIRONMENT_NO_COMPONENTS: Error, Inputs, "environment/no-components",
        "",
        "";
    ENVIRONMENT_PLUGIN: Error, Inputs, "environment/plugin",
        "",
        "";
    ENVIRONMENT_TWICE: Error, Inputs, "environment/twice",
        "",
        "";
    ENVIRONMENT_UNKNOWN: Error, Inputs, "environment/unknown",
        "",
        "";
    KEY_MISSING: Error, Inputs, "key/missing",
        "",
        "";
    KEY_WRONG_VALUE: Error, Inputs, "key/wrong-value",
        "",
        "";
    REFERENCE_SOURCE: Error, Inputs, "reference/source",
        "",
        "";
    SCHEMA_EXTENSION: Error, Inputs, "schema/extension",
        "",
        "";
    SECRET_LITERAL: Error, Inputs, "secret/literal",
        "",
        "";
    SOURCE_REFERENCE: Error, Inputs, "source/reference",
        "",
        "";
    VALUES_ABSENT: Warning, Inputs, "values/absent",
        "",
        "";
    VALUES_AFTER_JSONNET: Error, Inputs, "values/after-jsonnet",
        "",
        "";
    VALUES_UNREADABLE: Note, Inputs, "values/unreadable",
        "",
        "";
}
