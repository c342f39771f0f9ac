use super::shorten;

#[test]
fn a_long_text_is_cut_between_two_characters() {
    assert_eq!(shorten("default"), "default");
    let long = "é".repeat(200);
    assert_eq!(shorten(&long), ["é".repeat(120), "...".to_owned()].concat());
    assert_eq!(shorten(&"a".repeat(120)), "a".repeat(120));
}
