//! Lists the lines that a change removes from a file and adds to it.
//!
//! The order of lines is ignored: the files it is used for have each line about once.

use std::collections::BTreeSet;

/// The number of lines shown; the others are counted.
const SHOWN_LINES: usize = 40;

/// Returns the removed lines, then the added ones.
pub(crate) fn changed_lines(old: &str, new: &str) -> String {
    let removed = lines_not_in(old, new, '-');
    let added = lines_not_in(new, old, '+');
    let count = removed.len() + added.len();
    let mut shown: Vec<String> = removed.into_iter().chain(added).take(SHOWN_LINES).collect();
    if count > SHOWN_LINES {
        shown.push(format!("and {} more", count - SHOWN_LINES));
    }
    shown.join("\n")
}

/// Returns the lines of one text that another does not have, each with a mark; a list item
/// without its dash.
fn lines_not_in(text: &str, other: &str, mark: char) -> Vec<String> {
    let others: BTreeSet<&str> = other.lines().collect();
    let own = text.lines().filter(|line| !others.contains(line)).map(str::trim);
    own.map(|line| format!("{mark} {}", line.strip_prefix("- ").unwrap_or(line))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_gone_stands_before_what_is_new() {
        assert_eq!(
            changed_lines("a: 1\n- b\n- c\n", "a: 2\n- b\n- d\n"),
            "- a: 1\n- c\n+ a: 2\n+ d"
        );
        assert_eq!(changed_lines("a\n", "a\n"), "");
    }

    #[test]
    fn of_many_lines_the_rest_is_counted() {
        let many: String = (0..60).map(|line| format!("{line}\n")).collect();
        assert!(changed_lines("", &many).ends_with("+ 39\nand 20 more"));
    }
}
