//! Findings on files, YAML and keys.

crate::catalog! {
    FILE_MISSING: Error, Sources, "file/missing",
        "",
        "";
    FILE_NOT_A_FILE: Error, Sources, "file/not-a-file",
        "",
        "";
    FILE_OUTSIDE: Error, Sources, "file/outside",
        "",
        "";
    FILE_TOO_LARGE: Error, Sources, "file/too-large",
        "",
        "";
    FILE_UNREADABLE: Error, Sources, "file/unreadable",
        "",
        "";
    FLEET_LAYOUT: Error, Sources, "fleet/layout",
        "",
        "";
    KEY_UNKNOWN: Warning, Sources, "key/unknown",
        "",
        "";
    KEY_WRONG_KIND: Error, Sources, "key/wrong-kind",
        "",
        "";
    PATH_OUTSIDE: Error, Sources, "path/outside",
        "",
        "";
    YAML_ALIASES: Error, Sources, "yaml/aliases",
        "",
        "";
    YAML_CONTROL_CHARACTER: Error, Sources, "yaml/control-character",
        "",
        "";
    YAML_DEPTH: Error, Sources, "yaml/depth",
        "",
        "";
    YAML_DIRECTIVE: Error, Sources, "yaml/directive",
        "",
        "";
    YAML_DOCUMENT_MARKER: Error, Sources, "yaml/document-marker",
        "",
        "";
    YAML_DUPLICATE_KEY: Warning, Sources, "yaml/duplicate-key",
        "",
        "";
    YAML_IGNORED_DOCUMENT: Warning, Sources, "yaml/ignored-document",
        "",
        "";
    YAML_KEY: Error, Sources, "yaml/key",
        "",
        "";
    YAML_LINE_BREAK: Error, Sources, "yaml/line-break",
        "",
        "";
    YAML_MERGE_KEY: Error, Sources, "yaml/merge-key",
        "",
        "";
    YAML_MERGE_ORDER: Warning, Sources, "yaml/merge-order",
        "",
        "";
    YAML_NOT_UTF8: Error, Sources, "yaml/not-utf8",
        "",
        "";
    YAML_NULL_KEY: Error, Sources, "yaml/null-key",
        "",
        "";
    YAML_NUMBER: Error, Sources, "yaml/number",
        "",
        "";
    YAML_SIZE: Error, Sources, "yaml/size",
        "",
        "";
    YAML_SYNTAX: Error, Sources, "yaml/syntax",
        "",
        "";
    YAML_TABS: Error, Sources, "yaml/tabs",
        "",
        "";
    YAML_TAG: Error, Sources, "yaml/tag",
        "",
        "";
}
