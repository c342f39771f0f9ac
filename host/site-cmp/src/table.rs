//! Formats text as a table with aligned columns.

use site_render::disclosure::clip_text;

/// A table of text, with columns as wide as their widest cell.
#[derive(Debug)]
pub(crate) struct TextTable {
    rows: Vec<Vec<String>>,
}

impl TextTable {
    /// Returns a table with these headings.
    pub(crate) fn new(head: &[&str]) -> Self {
        Self { rows: vec![head.iter().map(ToString::to_string).collect()] }
    }

    /// Adds a row. Its cells must have no control characters except those of colours.
    pub(crate) fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// Returns the lines of the table, without trailing blanks.
    pub(crate) fn text(&self) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| display_width(cell)).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        let mut text = String::new();
        for row in &self.rows {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(&widths) {
                line.push_str(cell);
                let gap = width - display_width(cell) + 2;
                line.extend(std::iter::repeat_n(' ', gap));
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}

/// Returns the width of a cell, without the control characters of colours.
fn display_width(cell: &str) -> usize {
    anstream::adapter::strip_str(cell).map(|part| part.chars().count()).sum()
}

/// Shortens a text to `limit` characters with the mark of the cut, without its secrets.
pub(crate) fn clip(text: &str, limit: usize) -> String {
    let whole = clip_text(text, limit);
    if whole.chars().count() <= limit { whole } else { clip_text(text, limit.saturating_sub(1)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let mut table = TextTable::new(&["A", "LONG", "B"]);
        table.row(vec!["wide".into(), "ä".into(), String::new()]);
        assert_eq!(table.text(), "A     LONG  B\nwide  ä\n");
        assert_eq!(clip("abcdef", 4), "abc…");
        assert_eq!(clip("abcd", 4), "abcd");
    }

    #[test]
    fn no_cell_has_a_part_of_a_secret() {
        let token = format!("owner is ghp_{}", "a1B2".repeat(9));
        let url = format!("https://user:{}@h.example/x", "a1B2".repeat(9));
        for limit in 1..80 {
            for text in [&token, &url] {
                let cell = clip(text, limit);
                assert!(!cell.contains("a1") && cell.chars().count() <= limit, "{cell}");
            }
        }
    }
}
