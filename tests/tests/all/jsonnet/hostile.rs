//! Jsonnet that means harm: each ends within its limit, with a code and a place.

use super::*;

/// Limits under which files that would not end do so soon.
const SHORT: &str = "jsonnet: {milliseconds: 700}\n";

/// Limits that leave every machine enough time to meet another limit first.
const LONG: &str = "jsonnet: {milliseconds: 600000}\nrender: {milliseconds: 600000}\n";

fn hostile(text: &str, words: &[&str]) -> Output {
    hostile_under(LONG, text, words)
}

fn hostile_under(limits: &str, text: &str, words: &[&str]) -> Output {
    let fleet = profile(text).with("limits.yaml", limits);
    let limits = fleet.path().join("limits.yaml");
    let output = fleet.render(BINARY, SITE, &["--limits", limits.to_str().unwrap()]).failure(1);
    let output = output.says(words).says(&[PROFILE]);
    assert!(output.stderr.len() < 8 << 10, "{} bytes", output.stderr.len());
    output
}

#[test]
fn a_loop_ends_with_its_time() {
    for text in [
        "std.foldl(function(a, b) a + b, std.range(1, 1000000000), 0)",
        "std.length(std.filter(function(x) x > 2, std.makeArray(1000000, function(i) std.length(std.range(0, i)))))",
        "std.foldl(function(a, b) std.sha3(a), std.range(1, 2000000000), 'x')",
    ] {
        let words = ["error[jsonnet/limit]", "700 milliseconds", "jsonnet.milliseconds", ":1:1"];
        hostile_under(SHORT, text, &words);
    }
}

#[test]
fn memory_without_end_ends_with_its_memory() {
    for text in [
        "std.makeArray(1e9, function(i) i)",
        "[i for i in std.range(1, 1000000000)]",
        "local d(s, n) = if n == 0 then s else d(s + s, n - 1); { a: d('x', 60) }",
        "{ a: std.repeat('0123456789', 1e9) }",
    ] {
        hostile(text, &["error[jsonnet/limit]", "jsonnet.memoryBytes", ":1:1"]);
    }
}

#[test]
fn recursion_ends_with_its_depth() {
    for text in [
        "local f(x) = 1 + f(x + 1); { a: f(1) }",
        "local f(x) = f(x) tailstrict; f(1)",
        "local a = { b: a { c: 1 }.b }; a",
        "{ a: self.b, b: self.a }",
    ] {
        let output = hostile(text, &["error[jsonnet/", PROFILE]);
        let told = ["jsonnet.stackDepth", "infinite recursion"];
        assert!(told.iter().any(|word| output.stderr.contains(word)), "{}", output.stderr);
    }
    for (open, close) in [("[", "]"), ("(", ")"), ("{a:", "}"), ("-", "")] {
        let deep = open.repeat(100_000) + "1" + &close.repeat(100_000);
        hostile(&deep, &["error[jsonnet/"]);
    }
}

#[test]
fn output_without_end_ends_with_its_size() {
    let text = "{ a: std.repeat('x', 3000000) }";
    hostile(text, &["error[jsonnet/limit]", "1048576 bytes of JSON", "jsonnet.outputBytes"]);
    let deep = "local d(n) = if n == 0 then 1 else { a: d(n - 1) }; d(200)";
    hostile(deep, &["error[jsonnet/limit]", "127 levels"]);
}

#[test]
fn there_is_no_way_to_anything_outside() {
    let undefined = ["error[jsonnet/evaluate]", "external variable is not defined: PATH", ":1:"];
    hostile("{ a: std.extVar('PATH') }", &undefined);
    hostile("{ a: std.native('exec')('id') }", &["error[jsonnet/evaluate]", "got null"]);
    hostile("function(x=1) { a: x }", &["error[jsonnet/evaluate]", "function"]);
    hostile("{ a: env }", &["error[jsonnet/syntax]", "env"]);
    let traced = profile(
        "std.trace(std.repeat('ZETA', 100000), import '../../lib/rax-dev.libsonnet').profile('rax-dev-den1')",
    );
    let output = traced.render(BINARY, SITE, &[]).success();
    assert!(!(output.stdout + &output.stderr).contains("ZETAZETA"), "a trace is nobody's");
}

#[test]
fn what_is_no_document_is_refused() {
    let wrong = ["error[key/wrong-kind]", "must be a mapping, found", ":1:1"];
    for text in ["[1]", "'text'", "1", "true"] {
        hostile(text, &wrong);
    }
    hostile("null", &["error[profile/empty]", ":1:1"]);
    hostile("", &["error[jsonnet/syntax]"]);
    hostile("{ a: function(x) x }", &["error[jsonnet/evaluate]", "function"]);
    hostile("{ a: 1,, }", &["error[jsonnet/syntax]", "profile.jsonnet:1:8"]);
    let fleet = Scratch::new().with(PROFILE, b"{ a: '\xff\xfe' }");
    refused(&fleet, &["not-utf8", PROFILE, "line 1"]);
}

#[test]
fn long_words_are_cut_and_strange_ones_escaped() {
    let output =
        hostile("{ a: error std.repeat('long ', 100000) }", &["jsonnet/evaluate", "…", ":1:6"]);
    assert!(output.stderr.len() < 2000, "{} bytes", output.stderr.len());
    let output = hostile("{ a: error 'x\\u001b[31m\\nerror[fake]: y' }", &["jsonnet/evaluate"]);
    assert!(!output.stderr.contains("\u{1b}[31m"), "{}", output.stderr);
    assert!(!output.stderr.contains("\nerror[fake]"), "{}", output.stderr);
    let trace = "{ a: { b: { c: { d: { e: { f: { g: error 'deep' } } } } } } }";
    hostile(trace, &["the trace: ", "more", ":1:"]);
}

#[test]
fn no_message_repeats_a_secret_in_any_form() {
    let many: String = (0..600).map(|n| format!("password{n}: 'sec{n:04}qqZ7',\n")).collect();
    let library = format!(
        "{{ password: 'hunterq7', name: 'no rack', escaped: {{ token: 'hunt\\u0065rq7' }},\n\
         pin:: {{ password: 91827364 }}, joined:: {{ password: 'hun' + 'terq7' }}, {many} }}"
    );
    let few = library.replace(&many, "");
    let complete = |kind: &str, site: &str| {
        format!(
            "local s = import 's.libsonnet';\n{{ apiVersion: 'site-cmp/v1', kind: {kind}, \
             metadata: {{name: '{SITE}'}}, environment: 'dev', site: {site} }}"
        )
    };
    let error =
        |value: &str| format!("error 'no ' + {}", value.replace("s.", "(import 's.libsonnet')."));
    let profiles = [
        (&few, error("s.password")),
        (&few, error("s.joined.password")),
        (&few, error("std.asciiUpper(s.password)")),
        (&few, error("std.join(' ', std.stringChars(s.password))")),
        (&few, error("s.pin.password")),
        (&few, error("std.toString(import 's.libsonnet')")),
        (&few, "{ assert false : (import 's.libsonnet').joined.password }".to_owned()),
        (&few, "{}[(import 's.libsonnet').joined.password]".to_owned()),
        (&few, "{ [(import 's.libsonnet').joined.password]: error 'x' }".to_owned()),
        (&few, "std.parseInt((import 's.libsonnet').joined.password)".to_owned()),
        (&few, complete("s.password", "{}")),
        (&few, complete("s.escaped.token", "{}")),
        (&few, complete("'SiteProfile'", "{enabled: s.password}")),
        (&few, complete("'SiteProfile'", "{[s.password]: 1}")),
        (&library, error("s.password500")),
        (&library, complete("s.password500", "{}")),
    ];
    for (library, text) in profiles {
        let library_file = PROFILE.replace("profile.jsonnet", "s.libsonnet");
        let fleet = profile(&text).with(&library_file, library);
        let output = fleet.render(BINARY, SITE, &[]);
        assert!(output.stderr.contains("profile.jsonnet:1:"), "{text}\n{}", output.stderr);
        for secret in ["hunterq7", "HUNTERQ7", "h u n", "91827364", "sec0500qqZ7"] {
            assert!(!output.stderr.contains(secret), "{text}\n{}", output.stderr);
        }
    }
    let shown = profile("local p = { password: 'x' };\n{ a: error 'no rack' }");
    refused(&shown, &["error[jsonnet/evaluate]", "no rack"]);
}

#[test]
fn a_crash_of_the_evaluator_shows_nothing_of_the_evaluator() {
    let fleet = profile("'%999999999d' % 1");
    let output = fleet.render(BINARY, SITE, &[]).failure(1).says(&["error[jsonnet/", PROFILE]);
    for word in ["panicked", "thread", ".rs:"] {
        assert!(!output.stderr.contains(word), "{}", output.stderr);
    }
}
