//! The findings of this crate.

site_render::catalog! {
    JSONNET_BROKEN: Error, Sources, "jsonnet/broken",
        "",
        "";
    JSONNET_EVALUATE: Error, Sources, "jsonnet/evaluate",
        "",
        "";
    JSONNET_IMPORT: Error, Sources, "jsonnet/import",
        "",
        "";
    JSONNET_LIMIT: Error, Sources, "jsonnet/limit",
        "",
        "";
    JSONNET_SYNTAX: Error, Sources, "jsonnet/syntax",
        "",
        "";
    JSONNET_WORKER: Error, Sources, "jsonnet/worker",
        "",
        "";
}

/// Returns all codes of this crate.
pub fn all() -> impl Iterator<Item = &'static site_render::finding::Code> {
    ALL.iter().copied()
}
