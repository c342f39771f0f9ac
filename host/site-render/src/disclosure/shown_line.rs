//! Shows one line of a file without its secrets.

use std::ops::Range;

use super::shown_text::HIDDEN;

/// A line of a file without its secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownLine {
    /// The text, without the end of the line.
    pub text: String,
    /// The column of the place in the text, in characters from 1. It is not the column in the file
    /// if something before it is hidden.
    pub column: usize,
}

/// Returns a line without the ranges of its file that must not be shown. `start` is the offset of
/// the line in the file, and `column` counts its characters from 1.
pub(crate) fn without_ranges(
    line: &str,
    start: usize,
    column: u32,
    hidden: &[Range<usize>],
) -> ShownLine {
    let column = column as usize;
    let at = line.char_indices().nth(column.saturating_sub(1)).map_or(line.len(), |(at, _)| at);
    let end = start + line.len();
    let first = hidden.partition_point(|range| range.end <= start);
    let mut shown = ShownLine { text: String::new(), column };
    let (mut done, mut is_placed) = (0, false);
    for range in hidden[first..].iter().take_while(|range| range.start < end) {
        let (from, to) = (range.start.saturating_sub(start), range.end.min(end) - start);
        if at < from && !is_placed {
            shown.column = shown.text.chars().count() + line[done..at].chars().count() + 1;
            is_placed = true;
        }
        shown.text.push_str(&line[done..from]);
        if at < to && !is_placed {
            shown.column = shown.text.chars().count() + 1;
            is_placed = true;
        }
        shown.text.push_str(HIDDEN);
        done = to;
    }
    if done > 0 && !is_placed {
        let beyond = column.saturating_sub(line.chars().count() + 1);
        let before = line[done..at.max(done)].chars().count();
        shown.column = shown.text.chars().count() + before + 1 + beyond;
    }
    shown.text.push_str(&line[done..]);
    shown
}

#[cfg(test)]
mod tests {
    use super::without_ranges;

    fn shown(column: u32) -> (String, usize) {
        let line = without_ranges("a: {é: secret, b: c}", 10, column, &[2..4, 18..24, 99..100]);
        (line.text, line.column)
    }

    #[test]
    fn the_mark_stays_at_its_place() {
        let text = "a: {é: ***, b: c}";
        assert_eq!(shown(1), (text.into(), 1));
        assert_eq!(shown(5), (text.into(), 5));
        assert_eq!(shown(9), (text.into(), 8), "in the hidden part");
        assert_eq!(shown(16), (text.into(), 13), "behind it");
        assert_eq!(shown(21), (text.into(), 18), "at the end");
    }
}
