use super::*;

fn file(text: &str) -> Arc<SourceFile> {
    Arc::new(SourceFile::new("a.jsonnet", text))
}

#[test]
fn a_byte_is_a_line_and_a_column_of_characters() {
    for (offset, line, column) in
        [(0, 1, 1), (1, 1, 2), (3, 1, 3), (4, 2, 1), (99, 2, 2), (2, 1, 2)]
    {
        assert_eq!(position_of("aé\nb", offset), Position { line, column }, "{offset}");
    }
}

#[test]
fn an_import_is_found_in_its_file() {
    let file = file("{}\n + (import 'x.libsonnet')\n + import \"y\"");
    assert_eq!(place_of_import(&file, "x.libsonnet").at, Position { line: 2, column: 12 });
    assert_eq!(place_of_import(&file, "y").at, Position { line: 3, column: 11 });
    assert_eq!(place_of_import(&file, "z").at, Position { line: 1, column: 1 });
}

#[test]
fn a_trace_is_short_and_names_no_file_that_is_none() {
    let step = |file: &str, what: &str| TraceStep {
        at: Some((file.to_owned(), 3)),
        what: what.to_owned(),
    };
    let message = Failure {
        kind: FailureKind::Evaluate,
        message: "no\n  such\u{1b}[31m field".to_owned(),
        computed: None,
        trace: vec![step("/etc/passwd", "x"), step("a.jsonnet", "import"), step("a.jsonnet", "f")],
        more: 7,
    };
    let file = file("ab\ncd");
    let described = failure_finding(&message, &[&file], &Limits::default());
    assert_eq!(described.message, r"no such\u{1b}[31m field");
    assert_eq!(described.place.unwrap().to_string(), "a.jsonnet:2:1");
    let hint = described.hint.unwrap();
    assert_eq!(hint, "the trace: x, import at a.jsonnet:2:1, f at a.jsonnet:2:1, and 7 more");
}

#[test]
fn a_long_text_is_cut() {
    assert_eq!(escape_text(&"x".repeat(MESSAGE + 9)).chars().count(), MESSAGE + 1);
}

#[test]
fn a_cut_text_has_no_part_of_a_secret() {
    let token = format!("ghp_{}", "a1B2".repeat(9));
    let url = format!("https://user:{}@h.example/x", "a1B2".repeat(9));
    for length in MESSAGE - 60..MESSAGE {
        for secret in [&token, &url] {
            let text = escape_text(&format!("{} {secret}", "x".repeat(length)));
            assert!(!text.contains("a1"), "{text}");
        }
    }
}
