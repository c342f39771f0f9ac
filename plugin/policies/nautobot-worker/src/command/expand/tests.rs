use super::{Environment, Word};

fn expand(text: &str) -> (String, bool) {
    let known = [("A", Some("x")), ("B", Some("y z")), ("GONE", None)];
    let known = known.map(|(name, text)| (name.to_owned(), text.map(str::to_owned)));
    let environment = Environment::new(None, known);
    let word = environment.expand_word(Word::new(text));
    (word.text, word.is_known)
}

#[test]
fn references_are_replaced_as_the_kubelet_does() {
    for (text, expected) in [
        ("plain", "plain"),
        ("$(A)", "x"),
        ("-$(A)-$(B)-", "-x-y z-"),
        ("$$(A)", "$(A)"),
        ("$$$(A)", "$x"),
        ("$A", "$A"),
        ("$(A", "$(A"),
        ("$", "$"),
        ("a$", "a$"),
        ("é$(A)é", "éxé"),
    ] {
        assert_eq!(expand(text), (expected.to_owned(), true), "{text}");
    }
}

#[test]
fn what_is_not_known_stays_and_makes_the_word_unknown() {
    for text in ["$(GONE)", "$(NOWHERE)", "a $(hostname -s) b", "$()"] {
        assert_eq!(expand(text), (text.to_owned(), false), "{text}");
    }
}
