//! The findings of this crate.

site_render::catalog! {
    JSONNET_BROKEN: Error, Sources, "jsonnet/broken",
        "The evaluator crashed on the file.",
        "Write the expression in another way. The crashed process has been replaced, so no restart is needed.";
    JSONNET_EVALUATE: Error, Sources, "jsonnet/evaluate",
        "The evaluation failed: an `error` expression, a type mismatch or a missing field. The hint is the stack trace.",
        "Fix the expression at the place that the message names.";
    JSONNET_IMPORT: Error, Sources, "jsonnet/import",
        "The file may not be imported: it does not exist, is outside its tree, is not UTF-8, or the path is absolute.",
        "Import a file of the fleet by a path relative to the importing file.";
    JSONNET_LIMIT: Error, Sources, "jsonnet/limit",
        "The evaluation exceeded a limit: time, memory, nested calls, output, or imports.",
        "Look for a recursion or a list that grows without end, or let the operator raise the key under `jsonnet` in the limits file.";
    JSONNET_SYNTAX: Error, Sources, "jsonnet/syntax",
        "The file is not valid Jsonnet, or uses a name that is not defined.",
        "Fix the syntax at the place that the message names.";
    JSONNET_WORKER: Error, Sources, "jsonnet/worker",
        "The process that evaluates Jsonnet could not be started, or the system killed it.",
        "Check that the program can start itself, and that the container has enough memory for `jsonnet.memoryBytes`.";
}

/// Returns all codes of this crate.
pub fn all() -> impl Iterator<Item = &'static site_render::finding::Code> {
    ALL.iter().copied()
}
