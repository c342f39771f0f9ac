use super::short;

#[test]
fn a_long_text_is_cut_between_two_characters() {
    assert_eq!(short("default"), "default");
    let long = "é".repeat(200);
    assert_eq!(short(&long), ["é".repeat(120), "...".to_owned()].concat());
    assert_eq!(short(&"a".repeat(120)), "a".repeat(120));
}
