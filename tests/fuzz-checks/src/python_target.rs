//! The merge of Python modules, beside Python's compiler: the merged text compiles if each layer
//! does, and we refuse a layer if Python does.

use std::sync::Arc;

use serde_json::Value;
use site_render::app_config::{ConfigLayer, Module, merge_layers};
use site_render::finding::Finding;

use super::change_lines::{Language, change_lines};
use super::oracle::Oracle;

/// The line between the layers of an input.
const SEPARATOR: &str = "\n#===\n";

/// The largest number of layers.
const LAYERS: usize = 4;

/// The Python whose grammar is nearest to ours: an older one refuses what came later.
const GRAMMAR: [u64; 2] = [3, 13];

const LANGUAGE: Language = Language {
    lines: &[
        "#===",
        "A = 1",
        "B = [A]",
        "del A",
        "import os",
        "import a.b as c",
        "from a import *",
        "from a import b, c as d",
        "from __future__ import annotations",
        "from __future__ import annotations; A = 1",
        "from a import *; B = 2",
        "if A:",
        "    from a import *",
        "else:",
        "try:",
        "except E:",
        "except* E:",
        "finally:",
        "    pass",
        "for x in y:",
        "while True: break",
        "with a as b, c:",
        "def f(a, *b, c=1, **d):",
        "    return 1",
        "    yield x",
        "    nonlocal a",
        "    global A",
        "class C(B):",
        "@a",
        "async def g():",
        "    await x",
        "match a:",
        "    case [b, *_]: pass",
        "type X = int",
        "x: int = 1",
        "A += 1",
        "(a, b) = c",
        "\"\"\"doc\"\"\"",
        "'''",
        "s = f\"{a!r:>{b}}\"",
        "s = f\"{x['a']}\"",
        "b = b'\\x00'",
        "# note",
        "a = (",
        ")",
        "a = \\",
        "",
        "\tpass",
        "A = os.environ['X']",
        "A = env('X', default=1)",
        "lambda: (yield)",
        "if x := 1: pass",
        "a = 1 if b else 2",
        "*a, b = c",
        "print(*a, **b)",
        "raise E from e",
        "assert a, b",
        "def f[T](x: T): pass",
        "A: list[int]",
        "x = a[1:2, ::3]",
        "return",
        "break",
        "exec(a)",
    ],
    words: &[
        ";",
        ":",
        "=",
        "+=",
        ":=",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ",",
        ".",
        "*",
        "**",
        "@",
        "\\",
        "#",
        "'",
        "\"",
        "\"\"\"",
        "f\"",
        "rb'",
        "{a}",
        "!r",
        "->",
        "...",
        "not",
        "in",
        "is",
        "and",
        "or",
        "if",
        "else",
        "for",
        "lambda",
        "await",
        "async",
        "yield",
        "import",
        "from",
        "as",
        "del",
        "pass",
        "None",
        "True",
        "__debug__",
        "__future__",
        "annotations",
        "barry_as_FLUFL",
        "braces",
        "_",
        "match",
        "case",
        "type",
        "0",
        "01",
        "0x",
        "1_0",
        "1e",
        "1j",
        "0b2",
        "a",
        "A",
        "os.environ",
        "\u{e9}",
        "\u{aa}",
        "\t",
        "\u{c}",
        "\r",
        "\u{feff}",
        "$",
        "?",
        "!",
    ],
};

/// What we refuse although Python compiles it: a code and a part of the message, and the reason.
const REFUSALS: &[(&str, &str, &str)] = &[];

/// What we read although Python does not compile it: a part of Python's error, and the reason.
const ACCEPTED: &[(&str, &str)] = &[
    ("multiple exception types must be parenthesized", "Python 3.14 allows it"),
    (
        "compiler: ",
        "the grammar allows it. Of the errors that Python finds behind its grammar we report those \
         of statements in the wrong place; the pod reports the others when it starts",
    ),
];

/// Returns changed layers.
pub(super) fn change(layers: &str, seed: u32) -> String {
    change_lines(layers, seed, LANGUAGE)
}

/// Reads and merges layers, given as one text.
pub(super) fn check(layers: &[u8], python: &mut Oracle) {
    let Ok(text) = std::str::from_utf8(layers) else { return };
    let texts: Vec<&str> = text.split(SEPARATOR).take(LAYERS).collect();
    let (version, faults) = compile(&texts, python);
    let mut modules = Vec::new();
    for (text, fault) in texts.iter().zip(&faults) {
        let module = Module::read("layer.py", text.as_bytes());
        let refusals = match &module {
            Ok(module) => module.problems().to_vec(),
            Err(finding) => vec![Finding::clone(finding)],
        };
        check_layer(text, &refusals, fault.as_deref(), version);
        modules.extend(module.ok().filter(|_| refusals.is_empty()));
    }
    if modules.len() < texts.len() || faults.iter().any(Option::is_some) {
        return;
    }
    let layers: Vec<ConfigLayer> = modules
        .into_iter()
        .map(|module| ConfigLayer { reference: "$a/b.py".to_owned(), module: Arc::new(module) })
        .collect();
    let Ok(merged) = merge_layers(&layers) else { return };
    let (_, faults) = compile(&[&merged.text], python);
    assert_eq!(faults, [None], "the layers compile, and not the merge\n{}", merged.text);
}

/// Checks that we and Python agree whether a layer is valid.
fn check_layer(text: &str, refusals: &[Finding], fault: Option<&str>, version: [u64; 2]) {
    // A layer may be refused for more than its syntax, such as a secret.
    let syntax = refusals.iter().find(|finding| finding.code == "config/syntax");
    match (syntax, fault) {
        (Some(refusal), None) => {
            let listed = REFUSALS
                .iter()
                .any(|(code, part, _)| refusal.code == *code && refusal.message.contains(part));
            assert!(listed, "Python compiles it, and we refuse it: {}\n{text}", refusal.message);
        }
        (None, Some(fault)) if refusals.is_empty() && version >= GRAMMAR => {
            let listed = ACCEPTED.iter().any(|(part, _)| fault.contains(part));
            assert!(listed, "we read it, and Python does not compile it: {fault}\n{text}");
        }
        _ => {}
    }
}

/// Returns Python's version, and its error for each text that it does not compile.
fn compile(texts: &[&str], python: &mut Oracle) -> ([u64; 2], Vec<Option<String>>) {
    let question = serde_json::to_vec(texts).expect("texts are JSON");
    let Ok(answer) = python.ask(&question) else {
        // Texts that end the compiler are invalid for it.
        return ([0, 0], vec![Some("the compiler ended".to_owned()); texts.len()]);
    };
    let number = |index: usize| answer["version"][index].as_u64().unwrap_or_default();
    let faults = answer["faults"].as_array().into_iter().flatten();
    let faults = faults.map(|fault: &Value| fault.as_str().map(str::to_owned)).collect();
    ([number(0), number(1)], faults)
}
