//! Shows one line of a file without its secrets.

use std::ops::Range;

use super::known_values::repeated_in_line;
use super::shown_text::HIDDEN;
use super::source_text::merge_ranges;

/// A line of a file without its secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownLine {
    /// The text, without the end of the line.
    pub text: String,
    /// The column of the place in the text, in characters from 1. It is not the column in the file
    /// if something before it is hidden.
    pub column: usize,
}

/// How far from the column of a long line values are looked for, in bytes: the rest is not shown.
const AROUND: usize = 32 << 10;

/// Returns a line without the ranges of its file that must not be shown, and without values of the
/// file that it repeats. `start` is the offset of
/// the line in the file, and `column` counts its characters from 1.
pub(crate) fn without_ranges(
    line: &str,
    start: usize,
    column: u32,
    hidden: &[Range<usize>],
    values: &[&str],
) -> ShownLine {
    let repeated = repeated_near(line, column, values);
    if repeated.is_empty() {
        return replace_ranges(line, start, column, hidden);
    }
    let end = start + line.len();
    let in_line = hidden.iter().filter(|range| range.end > start && range.start < end).cloned();
    let repeated = repeated.into_iter().map(|range| range.start + start..range.end + start);
    replace_ranges(line, start, column, &merge_ranges(in_line.chain(repeated).collect()))
}

/// Returns the ranges near a column of a line that repeat values.
fn repeated_near(line: &str, column: u32, values: &[&str]) -> Vec<Range<usize>> {
    if line.len() <= AROUND {
        return repeated_in_line(line, values);
    }
    let at = offset_of(line, column as usize);
    let from = line.floor_char_boundary(at.saturating_sub(AROUND));
    let near = &line[from..line.floor_char_boundary(at + AROUND)];
    let found = repeated_in_line(near, values).into_iter();
    found.map(|range| range.start + from..range.end + from).collect()
}

/// Returns the offset of a column.
fn offset_of(line: &str, column: usize) -> usize {
    line.char_indices().nth(column.saturating_sub(1)).map_or(line.len(), |(at, _)| at)
}

/// Replaces ranges of the file in a line.
fn replace_ranges(line: &str, start: usize, column: u32, hidden: &[Range<usize>]) -> ShownLine {
    let column = column as usize;
    let at = offset_of(line, column);
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
        let line =
            without_ranges("a: {é: secret, b: c}", 10, column, &[2..4, 18..24, 99..100], &[]);
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

    #[test]
    fn a_line_does_not_repeat_a_hidden_value() {
        let values = ["hunter2", "hunter", "true", "word"];
        let shown = |line: &str, hidden| without_ranges(line, 10, 1, &[hidden], &values).text;
        let line = "<<: {password: hunter2, replicas: [hunter2]}";
        assert_eq!(shown(line, 25..32), "<<: {password: ***, replicas: [***]}");
        assert_eq!(shown("hunter: true, \"word\": [word]", 0..1), "hunter: true, \"word\": [***]");
        let long = format!("[{}, hunter2]", "é".repeat(60_000));
        let line = without_ranges(&long, 10, 60_004, &[], &values);
        assert!(line.text.ends_with(", ***]") && line.column == 60_004, "{}", line.column);
    }
}
