use super::{hidden, plain};

#[test]
fn ordinary_words_of_any_language_are_not_hidden() {
    assert_eq!(hidden("off: the web server stays global"), None);
    assert_eq!(hidden("größer als 3 – ja"), None);
}

#[test]
fn control_characters_and_direction_marks_are_hidden() {
    assert_eq!(hidden("\u{1b}[31mred"), Some('\u{1b}'));
    assert_eq!(hidden("two\nlines"), Some('\n'));
    assert_eq!(hidden("c1 \u{9b}31m"), Some('\u{9b}'));
    assert_eq!(hidden("abc \u{202e}cba"), Some('\u{202e}'));
}

#[test]
fn a_quotation_shows_what_is_hidden_and_ends_somewhere() {
    assert_eq!(plain("\u{1b}[0m"), "\\u{1b}[0m");
    assert_eq!(plain(&"a".repeat(1000)).len(), 203);
}
