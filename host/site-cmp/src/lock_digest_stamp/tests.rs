use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use super::*;

const OLD: &str = "1111111111111111111111111111111111111111111111111111111111111111";
const NEW: &str = "7777777777777777777777777777777777777777777777777777777777777777";

fn names() -> Vec<String> {
    ["site-cmp@v1", "site-cmp-v1"].map(str::to_owned).to_vec()
}

/// What becomes of a text; the same text where nothing has to.
fn after(text: &str) -> Result<String, String> {
    let names = names();
    let stamp = Stamp { plugins: &names, digest: NEW };
    match file_change(Path::new("a.yaml"), text.as_bytes(), stamp) {
        Ok(Some(change)) => {
            // A second stamp finds nothing to do.
            assert!(
                super::file_change(Path::new("a.yaml"), change.text.as_bytes(), stamp)
                    .unwrap()
                    .is_none()
            );
            Ok(change.text)
        }
        Ok(None) => Ok(text.to_owned()),
        Err(finding) => Err(finding.code.to_string()),
    }
}

/// An Application with this below its source, indented by four.
fn application(source: &str) -> String {
    let source = source.replace('\n', "\n    ");
    format!(
        "# kept\napiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: a}}   # kept too\nspec:\n  source:\n    {source}\n  project:   default\n"
    )
}

fn check(before: &str, wanted: &str) {
    assert_eq!(after(&application(before)).unwrap(), application(wanted), "{before}");
}

#[test]
fn a_digest_is_replaced_however_it_is_written() {
    for (old, rest) in [
        (OLD.to_owned(), ""),
        (format!("\"{OLD}\""), "   # the lock"),
        (format!("'{OLD}'"), ""),
        ("not yet, or ever".to_owned(), " # why"),
        ("'it''s old'".to_owned(), ""),
        (r#""a \" b""#.to_owned(), ""),
        ("12".to_owned(), ""),
    ] {
        let with = |said: &str| {
            format!(
                "plugin:\n  name: site-cmp@v1\n  parameters:\n  - name: policies-lock\n    string: {said}{rest}\n  - name: site\n    string: a\npath: x"
            )
        };
        check(&with(&old), &with(&format!("\"{NEW}\"")));
        let flow = |said: &str| {
            format!(
                "plugin: {{name: site-cmp-v1, parameters: [{{name: policies-lock, string: {said}}}, {{name: site, string: a}}]}}"
            )
        };
        if !old.contains(',') {
            check(&flow(&old), &flow(&format!("\"{NEW}\"")));
        }
    }
}

#[test]
fn a_parameter_is_added_in_the_style_of_the_file() {
    check(
        "plugin:\n  name: site-cmp@v1\npath: x",
        &format!(
            "plugin:\n  name: site-cmp@v1\n  parameters:\n    - name: policies-lock\n      string: \"{NEW}\"\npath: x"
        ),
    );
    check(
        "plugin:\n  name: site-cmp@v1\n  parameters:\n      # the site\n      -   name: site\n          string: a # here\n\npath: x",
        &format!(
            "plugin:\n  name: site-cmp@v1\n  parameters:\n      # the site\n      -   name: site\n          string: a # here\n      -   name: policies-lock\n          string: \"{NEW}\"\n\npath: x"
        ),
    );
    check(
        "plugin: {name: site-cmp@v1}",
        &format!(
            "plugin: {{parameters: [{{name: policies-lock, string: \"{NEW}\"}}], name: site-cmp@v1}}"
        ),
    );
    for (empty, filled) in [
        ("[]", "[ITEM]"),
        ("null", "[ITEM]"),
        ("[{name: site, string: a}]", "[ITEM, {name: site, string: a}]"),
    ] {
        let with = |list: &str| format!("plugin:\n  parameters: {list}\n  name: site-cmp@v1");
        let item = format!("{{name: policies-lock, string: \"{NEW}\"}}");
        check(&with(empty), &with(&filled.replace("ITEM", &item)));
    }
    check(
        "plugin:\n  name: site-cmp@v1\n  parameters:\npath: x",
        &format!(
            "plugin:\n  name: site-cmp@v1\n  parameters:\n    - name: policies-lock\n      string: \"{NEW}\"\npath: x"
        ),
    );
    check(
        "plugin:\n  name: site-cmp@v1\n  parameters:\n  - name: policies-lock",
        &format!(
            "plugin:\n  name: site-cmp@v1\n  parameters:\n  - name: policies-lock\n    string: \"{NEW}\""
        ),
    );
}

#[test]
fn a_text_of_many_lines_stays_whole() {
    for text in ["|\n      a\n\n      b", ">-\n      a\n      b", "\"a\n\n      b\"", "a\n      b"]
    {
        let before = application(&format!(
            "plugin:\n  name: site-cmp@v1\n  parameters:\n  - name: site\n    string: {text}\npath: x"
        ));
        let now = after(&before).unwrap();
        let item = format!("      - name: policies-lock\n        string: \"{NEW}\"\n");
        assert_eq!(now.replacen(&item, "", 1), before, "{text}");
    }
}

#[test]
fn the_last_line_needs_no_end_and_lines_may_end_as_windows_has_them() {
    let text =
        application("plugin:\n  name: site-cmp@v1\n  parameters:\n  - name: site\n    string: a");
    let (text, _) = text.split_once("\n  project").unwrap();
    let now = after(text).unwrap();
    assert_eq!(now, format!("{text}\n      - name: policies-lock\n        string: \"{NEW}\""));
    let windows = format!("\u{feff}{}", text.replace('\n', "\r\n"));
    assert_eq!(after(&windows).unwrap(), format!("\u{feff}{}", now.replace('\n', "\r\n")));
}

#[test]
fn every_source_of_every_document_is_stamped_and_nothing_else() {
    let plugin = |name: &str, lock: &str| {
        format!(
            "plugin: {{name: {name}, parameters: [{{name: policies-lock, string: \"{lock}\"}}]}}"
        )
    };
    let text = |lock: &str| {
        format!(
            "# one\n{}---\napiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nspec:\n  generators:\n  - git: {{}}\n    template: {{spec: {{source: {{{}}}}}}}\n  template:\n    metadata: {{name: \"{{{{ .path.basename }}}}\"}}\n    spec:\n      sources:\n      - repoURL: \"{{{{.url}}}}\"\n        {}\n      - {}\n      - {}\n---\nkind: ConfigMap\ndata:\n  source: {{{}}}\n---\nkind: List\nitems:\n- {{apiVersion: argoproj.io/v1alpha1, kind: Application, spec: {{source: {{{}}}}}}}\n",
            application(&plugin("site-cmp@v1", lock)),
            plugin("site-cmp-v1", lock),
            plugin("site-cmp@v1", lock),
            plugin("another", OLD),
            plugin("site-cmp@v1", "{{ .lock }}"),
            plugin("site-cmp@v1", OLD),
            plugin("site-cmp@v1", lock),
        )
    };
    assert_eq!(after(&text(OLD)).unwrap(), text(NEW));
    assert_eq!(after(&text(NEW)).unwrap(), text(NEW));
}

#[test]
fn what_cannot_be_edited_safely_is_refused() {
    // The anchor's list is another Application's list too.
    let shared = "x: &p\n- {name: site, string: a}\nplugin: {name: site-cmp@v1, parameters: *p}";
    assert_eq!(after(&application(shared)), Err("stamp/layout".to_owned()));
    let block = "plugin:\n  name: site-cmp@v1\n  parameters:\n  - name: policies-lock\n    string: |\n      old";
    assert_eq!(after(&application(block)), Err("stamp/layout".to_owned()));
    assert_eq!(
        after(&application("plugin: {name: site-cmp@v1, parameters: x}")),
        Err("stamp/layout".to_owned())
    );
    let array = "plugin: {name: site-cmp@v1, parameters: [{name: policies-lock, array: []}]}";
    assert!(after(&application(array)).is_ok_and(|text| text.contains(NEW)));
    assert!(after("kind: [site-cmp@v1").is_err());
    // Two that share a plugin are stamped by one edit.
    let both = "x: &p {name: site-cmp@v1, parameters: []}\nplugin: *p";
    assert!(after(&application(both)).is_err(), "x is no source, and would change");
}

#[test]
fn links_are_not_followed_and_git_is_not_entered() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("apps");
    fs::create_dir_all(root.join("deep/.git")).unwrap();
    let text = application("plugin: {name: site-cmp@v1}");
    let outside = folder.path().join("outside.yaml");
    for path in
        [&outside, &root.join("deep/a.yml"), &root.join("deep/.git/b.yaml"), &root.join("c.txt")]
    {
        fs::write(path, &text).unwrap();
    }
    fs::write(root.join("chart.yaml"), "{{ if }}: [").unwrap();
    symlink("../outside.yaml", root.join("link.yaml")).unwrap();
    symlink("..", root.join("up")).unwrap();
    symlink(".", root.join("loop")).unwrap();
    fs::set_permissions(root.join("deep/a.yml"), fs::Permissions::from_mode(0o640)).unwrap();
    let names = names();
    let found = find_changes(&root, Stamp { plugins: &names, digest: NEW }).unwrap();
    let paths: Vec<_> = found.iter().map(|change| change.path.clone()).collect();
    assert_eq!(paths, [root.join("deep/a.yml")]);
    assert_eq!(fs::read_to_string(&paths[0]).unwrap(), text, "nothing is written yet");
    found[0].write().unwrap();
    assert!(fs::read_to_string(&paths[0]).unwrap().contains(NEW));
    assert_eq!(fs::metadata(&paths[0]).unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(fs::read_to_string(outside).unwrap(), text);
}

#[test]
fn a_file_that_is_too_large_is_refused_and_all_others_stay() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.yaml"), application("plugin: {name: site-cmp@v1}")).unwrap();
    let huge = fs::File::create(folder.path().join("huge.yaml")).unwrap();
    huge.set_len(TEXT_BYTES + 1).unwrap();
    let names = names();
    let stopped = find_changes(folder.path(), Stamp { plugins: &names, digest: NEW });
    let Err(CommandError::Problems(problems)) = stopped else { panic!("{stopped:?}") };
    assert!(problems.0[0].message.contains("huge.yaml"), "{problems:?}");
}
