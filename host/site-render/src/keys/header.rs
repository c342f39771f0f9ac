//! The header of a document: `apiVersion`, `kind` and `metadata`, as Kubernetes writes them.

use super::table::Fallback::{Nothing, Rule, Value};
use super::table::Kind::{Literal, Mapping, Text};
use super::table::{Key, Table, key};

static METADATA: Table = Table {
    path: "metadata",
    about: "",
    keys: &[&[key(
        "name",
        Text,
        Rule("the folder's name"),
        "The name of the folder that holds the file. Any other name is an error.",
        "dev",
    )]],
    open: false,
};

/// Returns the header of a kind of document, which is written as JSON.
pub(super) const fn header(kind: &'static str) -> [Key; 3] {
    let version = "\"site-cmp/v1\"";
    [
        key("apiVersion", Literal(version), Value(version), "The version of the format.", ""),
        key("kind", Literal(kind), Value(kind), "The kind of the document.", ""),
        key("metadata", Mapping(&METADATA), Nothing, "The document's name.", "{name: dev}"),
    ]
}
