use super::Json;

fn parsed(value: &Json) -> serde_json::Value {
    serde_json::from_str(&value.to_text()).unwrap()
}

#[test]
fn every_character_below_two_hundred_and_fifty_six_survives() {
    let text: String = (0..256).filter_map(char::from_u32).collect();
    assert_eq!(parsed(&text.as_str().into()), serde_json::json!(text));
}

#[test]
fn text_beyond_the_basic_plane_survives() {
    let text = "\u{2028} \u{1f980} \u{fffd} \"\\/\u{7f}";
    assert_eq!(parsed(&text.into()), serde_json::json!(text));
}

#[test]
fn keys_are_escaped_and_keep_their_order() {
    let value = Json::map([("b\"\n", true.into()), ("a", Json::Null)]);
    assert_eq!(value.to_text(), r#"{"b\"\n":true,"a":null}"#);
}

#[test]
fn numbers_keep_their_digits() {
    assert_eq!(Json::from(u64::MAX).to_text(), "18446744073709551615");
    assert_eq!(Json::from(i64::MIN).to_text(), "-9223372036854775808");
    assert_eq!(Json::from(256_u32).to_text(), "256");
}

#[test]
fn lists_nest_and_raw_text_passes_untouched() {
    let value = Json::List(vec![
        Json::from(vec!["a", "b"]),
        Json::Raw("{\"n\": 1.50}".to_owned()),
        Json::List(Vec::new()),
    ]);
    assert_eq!(value.to_text(), r#"[["a","b"],{"n": 1.50},[]]"#);
}
