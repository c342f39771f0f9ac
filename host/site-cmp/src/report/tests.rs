use std::borrow::Cow;
use std::sync::Arc;

use site_render::finding::{Code, Stage};
use site_render::origin::{Position, SourceFile};

use super::*;

fn place(text: &str, line: u32, column: u32) -> Location {
    Location {
        file: Arc::new(SourceFile::new("sites/a/profile.yaml", text)),
        at: Position { line, column },
    }
}

fn plain(finding: &Finding) -> String {
    anstream::adapter::strip_str(&render_styled(&[finding])).to_string()
}

fn finding(
    severity: Severity,
    stage: Stage,
    code: impl Into<Cow<'static, str>>,
    message: &str,
) -> Finding {
    static ANY: Code =
        Code { name: "a/b", severity: Severity::Error, stage: Stage::Gate, cause: "", fix: "" };
    Finding { code: code.into(), ..ANY.finding(message).severity(severity).stage(stage) }
}

#[test]
fn a_finding_looks_like_a_compilers() {
    let finding = finding(Severity::Error, Stage::Gate, "gate/not-boolean", "the gate is a string")
        .at(place("site:\n  enabled: \"true\"\n", 2, 12))
        .hint("write true");
    assert_eq!(
        plain(&finding),
        "error[gate/not-boolean]: the gate is a string (sites/a/profile.yaml:2:12)
 --> sites/a/profile.yaml:2:12
  |
2 |   enabled: \"true\"
  |            ^^^^^^
  |
  = help: write true

"
    );
}

#[test]
fn a_finding_without_a_place_names_its_path() {
    let finding = finding(Severity::Warning, Stage::Overlay, "overlay/x", "twice").on("/a/b");
    assert_eq!(plain(&finding), "warning[overlay/x]: twice\n |\n = at: /a/b\n\n");
}

#[test]
fn nothing_from_an_input_steers_the_terminal() {
    let evil = "a\u{1b}[2Jb\u{9b}31m\u{202e}\r\nerror: forged\u{7}";
    let finding = finding(Severity::Error, Stage::Gate, evil.to_owned(), evil)
        .at(place("x: \u{1b}[31mred\u{200b}\n", 1, 4))
        .hint(evil);
    let shown = plain(&finding);
    let bad = |c: char| c != '\n' && steers_for_tests(c);
    assert!(!shown.contains(bad), "{shown:?}");
    assert!(shown.starts_with("error[a\\u{1b}[2Jb"), "{shown}");
    assert!(shown.contains("1 | x: \\u{1b}[31mred\\u{200b}"), "{shown}");
    assert_eq!(shown.lines().filter(|l| l.starts_with("error")).count(), 1);
}

fn steers_for_tests(c: char) -> bool {
    c.is_control() || ('\u{200b}'..='\u{206f}').contains(&c)
}

#[test]
fn a_long_line_is_cut_around_the_place() {
    let long = format!("{}needle {}", "x".repeat(100_000), "y".repeat(100_000));
    let shown =
        plain(&finding(Severity::Error, Stage::Inputs, "a/b", "m").at(place(&long, 1, 100_001)));
    assert!(shown.len() < 1000, "{}", shown.len());
    assert!(shown.contains("xneedle y"), "{shown}");
    assert!(shown.contains("^^^^^^\n"), "{shown}");
    assert!(shown.contains("sites/a/profile.yaml:1:100001"), "{shown}");
}

#[test]
fn a_place_beyond_the_text_is_still_named() {
    let shown = plain(&finding(Severity::Error, Stage::Inputs, "a/b", "m").at(place("a", 9, 1)));
    assert!(shown.starts_with("error[a/b]: m (sites/a/profile.yaml:9:1)\n"));
    let shown = plain(&finding(Severity::Error, Stage::Inputs, "a/b", "m").at(place("a", 1, 50)));
    assert!(shown.contains("1 | a"), "{shown}");
}

#[test]
fn text_over_the_limit_is_cut_and_says_so() {
    assert_eq!(truncate("short\n", 100, 0), "short\n");
    let long = "ä".repeat(5000);
    let shown = truncate(&long, 4096, 0);
    assert!(shown.len() <= 4096 && shown.ends_with("... (cut; `cmp check` shows all)\n"));
    assert!(shown.starts_with("ää"));
    let lines = format!("first\n{}", "a line\n".repeat(1000));
    let shown = truncate(&lines, 4096, 7);
    assert!(
        shown.len() <= 4096
            && shown.ends_with("a line\n... (cut, 7 more; `cmp check` shows all)\n")
    );
}

#[test]
fn json_keeps_what_is_known() {
    let finding =
        finding(Severity::Error, Stage::Gate, "g/x", "m\u{1b}\u{9b}").at(place("a", 1, 1));
    let json = to_json(&[FindingLine::from(&finding)]);
    let json = json.as_str();
    assert!(!json.contains(|c: char| c.is_control() && c != '\n'));
    let value: serde_json::Value = serde_json::from_str(json).unwrap();
    assert_eq!(value[0]["file"], "sites/a/profile.yaml");
    assert_eq!(value[0]["message"], "m\u{1b}\u{9b}");
    assert_eq!(value[0]["hint"], serde_json::Value::Null);
    assert_eq!(count_by_severity(&[finding]), "1 error, 0 warnings");
}
