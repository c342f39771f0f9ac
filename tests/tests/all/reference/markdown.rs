//! The reference as Markdown, from the tables of keys.

use std::fmt::Write as _;

use site_render::json_schema::one_line;
use site_render::keys::{FILES, Fallback, File, Key, Kind, Table};

const HEAD: &str = "\
# Reference

Every key of every file, with its type, default, meaning and an example. A name in angle brackets
is a name that you choose. `cmp schema` prints the same as JSON Schema, for editors.

This page is generated from the tables by which site-cmp parses these files. Do not edit it; run
`UPDATE_DOCS=1 cargo test -q -p site-cmp-tests --test all reference`.
";

/// Returns the whole page.
pub(super) fn reference() -> String {
    let mut page = HEAD.to_owned();
    let files = FILES.iter().copied().chain([&site_cmp::LIMITS]);
    for file in files {
        writeln!(page, "\n## {}\n\n{}", file.name, one_line(file.about)).unwrap();
        section(&mut page, file, file.table);
    }
    page
}

/// Writes the table of a mapping, then the tables of the mappings in it.
fn section(page: &mut String, file: &File, table: &'static Table) {
    if !table.path.is_empty() {
        writeln!(page, "\n### `{}` of {}", table.path, file.name).unwrap();
    }
    if !table.about.is_empty() {
        writeln!(page, "\n{}", one_line(table.about)).unwrap();
    }
    page.push_str("\n| key | type | default | meaning | example |\n|---|---|---|---|---|\n");
    for key in table.keys() {
        let cells = [code(key.name), kind(key), default(key), one_line(key.meaning), example(key)];
        writeln!(page, "| {} |", cells.map(|cell| cell.replace('|', "\\|")).join(" | ")).unwrap();
    }
    for key in table.keys() {
        // A table that another file shares is listed there, under its own path.
        if let Some(below) = below(key).filter(|below| below.path.starts_with(table.path)) {
            section(page, file, below);
        }
    }
}

fn below(key: &Key) -> Option<&'static Table> {
    match key.kind {
        Kind::Mapping(below) => Some(below),
        _ => None,
    }
}

fn code(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("`{text}`") }
}

fn kind(key: &Key) -> String {
    match key.kind {
        Kind::Text => "string".to_owned(),
        Kind::Choice(words) => words.iter().map(|word| code(word)).collect::<Vec<_>>().join(" or "),
        Kind::Literal(value) => code(value.trim_matches('"')),
        Kind::Bool => "boolean".to_owned(),
        Kind::Number => "integer".to_owned(),
        Kind::Texts => "list of strings".to_owned(),
        Kind::TextOrTexts => "string, or list of strings".to_owned(),
        Kind::Mapping(_) | Kind::Free => "mapping".to_owned(),
        Kind::Any => "any".to_owned(),
    }
}

fn default(key: &Key) -> String {
    match key.default {
        Fallback::Required => "required".to_owned(),
        Fallback::Inherited => "required, in the profile or in `defaults`".to_owned(),
        Fallback::Value(value) => code(value.trim_matches('"')),
        Fallback::Number(number) => amount(key, number),
        Fallback::Tiers(lean, wide) if lean == wide => amount(key, lean),
        Fallback::Tiers(lean, wide) => {
            format!("lean: {}<br>wide: {}", amount(key, lean), amount(key, wide))
        }
        Fallback::Rule(rule) => rule.to_owned(),
        Fallback::Nothing => "none".to_owned(),
    }
}

/// Returns a number, with its binary unit where it is a number of bytes.
fn amount(key: &Key, number: u64) -> String {
    let units = [(30, "GiB"), (20, "MiB"), (10, "KiB")];
    let unit = units.iter().find(|(bits, _)| number > 0 && number.trailing_zeros() >= *bits);
    match unit.filter(|_| key.name.ends_with("Bytes")) {
        Some((bits, unit)) => format!("`{number}` ({} {unit})", number >> bits),
        None => format!("`{number}`"),
    }
}

fn example(key: &Key) -> String {
    match (key.example, key.default) {
        ("", Fallback::Number(number) | Fallback::Tiers(number, _)) => {
            code(&format!("{}: {number}", key.name))
        }
        ("", Fallback::Value(value)) => code(&format!("{}: {value}", key.name)),
        ("", _) => match key.kind {
            Kind::Mapping(_) => "see below".to_owned(),
            _ => String::new(),
        },
        (example, _) => code(&format!("{}: {example}", key.name)),
    }
}
