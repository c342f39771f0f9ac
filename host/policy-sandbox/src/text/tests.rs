use super::{escape_controls, first_hidden_char};

#[test]
fn ordinary_words_of_any_language_are_not_hidden() {
    assert_eq!(first_hidden_char("off: the web server stays global"), None);
    assert_eq!(first_hidden_char("größer als 3 – ja"), None);
}

#[test]
fn control_characters_and_direction_marks_are_hidden() {
    assert_eq!(first_hidden_char("\u{1b}[31mred"), Some('\u{1b}'));
    assert_eq!(first_hidden_char("two\nlines"), Some('\n'));
    assert_eq!(first_hidden_char("c1 \u{9b}31m"), Some('\u{9b}'));
    assert_eq!(first_hidden_char("abc \u{202e}cba"), Some('\u{202e}'));
}

#[test]
fn a_quotation_shows_what_is_hidden_and_ends_somewhere() {
    assert_eq!(escape_controls("\u{1b}[0m"), "\\u{1b}[0m");
    assert_eq!(escape_controls(&"a".repeat(1000)).len(), 203);
}
