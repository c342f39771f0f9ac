use super::{is_label, is_subdomain};

#[test]
fn names_are_held_to_rfc_1123() {
    for good in ["a", "0", "a-b", "rax-dev-iad3"] {
        assert!(is_label(good) && is_subdomain(good), "{good}");
    }
    for bad in ["", "-a", "a-", "A", "a_b", "a b", "\u{e9}", "a\n"] {
        assert!(!is_label(bad) && !is_subdomain(bad), "{bad:?}");
    }
    assert!(is_subdomain("a.b-c.0") && !is_label("a.b"));
    for bad in ["a..b", ".a", "a.", "a.-b"] {
        assert!(!is_subdomain(bad), "{bad}");
    }
    assert!(is_label(&"a".repeat(63)) && !is_label(&"a".repeat(64)));
    assert!(is_subdomain(&"a".repeat(253)) && !is_subdomain(&"a".repeat(254)));
}
