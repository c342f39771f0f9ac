//! Values files that use each part of the YAML reader.

use super::{Input, lines, values};
use crate::codes;

inputs! {
    "brackets that are open", 40_000, codes::YAML_DEPTH.name, |n| values(&format!("a: {}", "[".repeat(n)));
    "brackets that are open, on lines", 40_000, codes::YAML_DEPTH.name, |n| values(&format!("a: {}", "[\n".repeat(n)));
    "brackets on one line", 4_000, "rendered", |n| values(&format!("a: [{}]", "[[{}]], ".repeat(n)));
    "dashes on one line", 40_000, codes::YAML_DEPTH.name, |n| values(&"- ".repeat(n));
    "keys in brackets on one line", 4_000, "rendered", |n| values(&format!("a: [{}]", "{b: [c: d]}, ".repeat(n)));
    "a key that is too long", 100_000, codes::YAML_SYNTAX.name, |n| values(&format!("a: 1\n{}: 2\n", "k".repeat(n)));
    "keys without a colon", 100_000, codes::YAML_SYNTAX.name, |n| values(&format!("a: 1\n{}", "k\n".repeat(n)));
    "anchors and aliases", 2_000, "rendered", |n| values(&lines(n, |i| format!("k{i}: &a{i} 1\nl{i}: *a{i}\n")));
    "one anchor many times", 4_000, "rendered", |n| values(&lines(n, |i| format!("k{i}: &a 1\n")));
    "tags", 2_000, "rendered", |n| values(&lines(n, |i| format!("k{i}: !a%41(b) 1\n")));
    "comments", 100_000, "rendered", |n| values(&format!("a: 1\n{}b: 2\n", "# c\n".repeat(n)));
    "tabs in brackets", 100_000, "rendered", |n| values(&format!("a: [{}]\n", "\t\t# c\n".repeat(n)));
    "tabs behind a key", 400_000, "rendered", |n| values(&format!("a: {}b\n", "\t".repeat(n)));
    "words of one text", 100_000, "rendered", |n| values(&format!("a: {}\n", "x ".repeat(n)));
    "lines of one text", 50_000, "rendered", |n| values(&format!("a: x\n{}", "  é\n\n".repeat(n)));
    "colons of one text", 100_000, "rendered", |n| values(&format!("a: {}\n", "x:".repeat(n) + "x"));
    "lines in quotes", 50_000, "rendered", |n| values(&format!("a: \"{}\"\n", "x \\\n y\n\n".repeat(n)));
    "quotes that are open", 100_000, codes::YAML_SYNTAX.name, |n| values(&format!("a: \"{}", "x\n".repeat(n)));
    "escapes", 50_000, "rendered", |n| values(&format!("a: \"{}\"\n", "\\x41\\n".repeat(n)));
    "quotes in quotes", 50_000, "rendered", |n| values(&format!("a: '{}'\n", "x''".repeat(n)));
    "empty lines of a block", 100_000, "rendered", |n| values(&format!("a: |+\n  x\n{}", "\n  \n".repeat(n)));
    "lines of a folded block", 50_000, "rendered", |n| values(&format!("a: >\n{}", "  x\n   y\n".repeat(n)));
    "texts with wide characters", 4_000, "rendered", |n| values(&lines(n, |i| format!("é{i}: {{ü: ö}}\n")));
    "lines that begin documents", 20_000, "rendered", |n| values(&format!("a: 1\n{}", "---\n".repeat(n)));
    "documents that Helm does not split", 2_000, "rendered", |n| values(&format!("a: 1\n---\nb: 1{}", "\r---\rb: 1".repeat(n)));
    "lines that end documents", 50_000, "rendered", |n| values(&format!("a: 1\n{}", "...\n".repeat(n)));
}
