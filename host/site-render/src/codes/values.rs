//! Findings on overlays, objects, final values and documents.

crate::catalog! {
    EMIT_NOTHING: Error, Emit, "emit/nothing",
        "",
        "";
    EMIT_TARGET: Error, Emit, "emit/target",
        "",
        "";
    EXPLAIN_PATH: Error, Merge, "explain/path",
        "",
        "";
    GATEWAY_SHARED_LISTENER: Error, Validate, "gateway/shared-listener",
        "",
        "";
    NAME_APPLICATION: Error, Validate, "name/application",
        "",
        "";
    NAME_SITE: Error, Validate, "name/site",
        "",
        "";
    OVERLAY_CONFLICT: Error, Overlay, "overlay/conflict",
        "",
        "";
    OVERLAY_IN_LIST: Error, Overlay, "overlay/in-list",
        "",
        "";
    OVERLAY_LIST_REPLACED: Note, Overlay, "overlay/list-replaced",
        "",
        "";
    OVERLAY_NULL: Warning, Overlay, "overlay/null",
        "",
        "";
    OVERLAY_OVERLAP: Error, Overlay, "overlay/overlap",
        "",
        "";
    OVERLAY_PATH: Error, Overlay, "overlay/path",
        "",
        "";
    OVERLAY_UNDER_SCALAR: Error, Overlay, "overlay/under-scalar",
        "",
        "";
    OVERLAY_WHOLE_DOCUMENT: Error, Overlay, "overlay/whole-document",
        "",
        "";
    POLICY_MANIFEST: Error, Resources, "policy/manifest",
        "",
        "";
    RESOURCES_ABSENT: Warning, Resources, "resources/absent",
        "",
        "";
    RESOURCES_CHANGED: Note, Resources, "resources/changed",
        "",
        "";
    RESOURCES_CONFLICT: Error, Resources, "resources/conflict",
        "",
        "";
    RESOURCES_FOLDER: Error, Resources, "resources/folder",
        "",
        "";
    RESOURCES_ITEM: Error, Resources, "resources/item",
        "",
        "";
    RESOURCES_KIND: Error, Resources, "resources/kind",
        "",
        "";
    RESOURCES_NEAR_NAME: Warning, Resources, "resources/near-name",
        "",
        "";
    RESOURCES_OBJECT: Error, Resources, "resources/object",
        "",
        "";
    RESOURCES_TOO_MANY: Error, Resources, "resources/too-many",
        "",
        "";
    SCHEMA_BROKEN: Error, Validate, "schema/broken",
        "",
        "";
    SCHEMA_CHART: Error, Validate, "schema/chart",
        "",
        "";
    SCHEMA_EXTENDED: Error, Validate, "schema/extended",
        "",
        "";
    SCHEMA_REMOTE: Note, Validate, "schema/remote",
        "",
        "";
}
