use serde_json::json;

use super::Template;
use crate::{BadRead, harness};

fn read(text: &str) -> Result<Template, BadRead> {
    let request = harness::request(json!({"settings": {"key": text}}));
    Template::read(&request.settings, "/key", "none")
}

#[test]
fn a_site_and_an_environment_are_filled_in() {
    let template = read("{{environment}}/{{site}}/{{site}}-x").unwrap();
    assert_eq!(template.fill("iad3", "dev"), "dev/iad3/iad3-x");
    assert!(template.has_site());
    assert!(!read("{{environment}}").unwrap().has_site());
    let absent = harness::request(json!({})).settings;
    assert_eq!(Template::read(&absent, "/key", "a").unwrap().fill("", ""), "a");
}

#[test]
fn anything_else_is_refused_at_its_setting() {
    for text in ["{{cluster}}", "{{ site }}", "{{site", "}}", "{{{site}}}", "{{si{{site}}te}}"] {
        let bad = read(text).unwrap_err();
        assert_eq!(bad.path, "/key");
        assert_eq!(
            bad.message,
            format!(
                "is {text}, but the only placeholders are {{{{site}}}} and {{{{environment}}}}"
            )
        );
    }
}
