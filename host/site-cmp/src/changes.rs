//! What a file would lose and gain, a line each; for files that have each line once, near
//! enough, so that no order is needed to read it.

use std::collections::BTreeSet;

/// More lines than that are counted and not shown.
const MOST: usize = 40;

/// The lines that are gone, then those that are new.
pub(crate) fn lines(old: &str, new: &str) -> String {
    let gone = without(old, new, '-');
    let come = without(new, old, '+');
    let count = gone.len() + come.len();
    let mut shown: Vec<String> = gone.into_iter().chain(come).take(MOST).collect();
    if count > MOST {
        shown.push(format!("and {} more", count - MOST));
    }
    shown.join("\n")
}

/// The lines of one text that another has not, marked; an item of a list without its dash.
fn without(text: &str, other: &str, mark: char) -> Vec<String> {
    let others: BTreeSet<&str> = other.lines().collect();
    let own = text.lines().filter(|line| !others.contains(line)).map(str::trim);
    own.map(|line| format!("{mark} {}", line.strip_prefix("- ").unwrap_or(line))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_gone_stands_before_what_is_new() {
        assert_eq!(lines("a: 1\n- b\n- c\n", "a: 2\n- b\n- d\n"), "- a: 1\n- c\n+ a: 2\n+ d");
        assert_eq!(lines("a\n", "a\n"), "");
    }

    #[test]
    fn of_many_lines_the_rest_is_counted() {
        let many: String = (0..60).map(|line| format!("{line}\n")).collect();
        assert!(lines("", &many).ends_with("+ 39\nand 20 more"));
    }
}
