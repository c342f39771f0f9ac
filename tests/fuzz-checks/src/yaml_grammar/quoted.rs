//! Scalars of several lines: in quotes, without quotes, and blocks.

use super::Writer;

/// The headers of block scalars.
const HEADERS: &[&str] = &[
    "|",
    "|",
    "|",
    "|-",
    "|-",
    "|+",
    "|+",
    ">",
    ">",
    ">-",
    ">+",
    "|2",
    ">2",
    "|1",
    "|4",
    "|2-",
    "|-2",
    "|+1",
    ">1+",
    "| # note",
    ">-  # note",
    "|\t",
    "|#x",
];

/// Lines of block scalars.
const LINES: &[&str] = &[
    "text",
    "text",
    "more text",
    "key: value",
    "# no comment",
    "- item",
    "  deeper",
    "   deeper still",
    "\ttab",
    "  \tblanks and a tab",
    "trailing ",
    "trailing\t",
    "{{ .Values.x }}",
    "---x",
    "\"quoted\"",
    "é",
    "%x",
    "a: b: c",
    "'",
    "...x",
];

impl Writer {
    /// Writes a scalar of any style behind a key in a column, with the end of its line.
    pub(super) fn scalar_value(&mut self, column: usize) {
        match self.random.below(10) {
            0 | 1 => self.block_scalar(column),
            2 | 3 => {
                self.quoted(column);
                self.line_end();
            }
            4 => self.folded_plain(column),
            _ => {
                self.word();
                self.line_end();
            }
        }
    }

    /// Writes a scalar in quotes, whose further lines may be in any column.
    pub(super) fn quoted(&mut self, column: usize) {
        let is_double = self.one_in(2);
        let quote = if is_double { "\"" } else { "'" };
        self.add(quote);
        let pieces = self.random.below(5);
        for _ in 0..pieces {
            match self.random.below(12) {
                0 | 1 => self.continued(column, is_double),
                2 if is_double => self.escape(),
                2 => self.add("''"),
                3 => self.pick(&[" ", "  ", "\t", " \t "]),
                4 => self.pick(&[": ", " #", ",", "[", "}", "?", "- ", "&x", "*x", "|", "%"]),
                5 => self.add(if is_double { "'" } else { "\"" }),
                _ => self.pick(&["word", "two words", "é", "1", "null", "a/b", "$(x)"]),
            }
        }
        self.add(quote);
    }

    fn escape(&mut self) {
        self.pick(&[
            "\\n",
            "\\t",
            "\\\\",
            "\\\"",
            "\\0",
            "\\a",
            "\\b",
            "\\e",
            "\\f",
            "\\r",
            "\\v",
            "\\ ",
            "\\N",
            "\\_",
            "\\L",
            "\\P",
            "\\x41",
            "\\u0041",
            "\\u00e9",
            "\\U0001F600",
            "\\'",
            "\\\t",
            "\\/",
            "\\q",
            "\\xg0",
            "\\ud800",
            "\\u12",
            "\\U00110000",
        ]);
    }

    fn continued(&mut self, column: usize, is_double: bool) {
        if is_double && self.one_in(4) {
            self.add("\\");
        }
        self.pick(&["\n", "\n", " \n", "\t\n", "\n\n", "\n  \n", "\n\t\n\n"]);
        match self.random.below(8) {
            0 => {}
            1 | 2 => self.indent(column),
            3 => self.add("\t"),
            _ => self.indent(column + 2),
        }
        if self.one_in(40) {
            self.pick(&["--- ", "...", "# note", "---x"]);
        }
    }

    /// Writes a scalar without quotes of several lines.
    fn folded_plain(&mut self, column: usize) {
        self.pick(&["some text", "word", "1", "x#", "http://x", "é", "-x", "?x", ":x"]);
        for _ in 0..self.random.below(3) {
            self.pick(&["\n", "\n", " \n", "\t\n", "\n\n", "\n  \n"]);
            match self.random.below(8) {
                0 => self.indent(column),
                1 if self.one_in(4) => self.add("\t"),
                2 => {
                    self.indent(column + 1);
                    self.add("\t");
                }
                _ => self.indent(column + 1),
            }
            self.pick(&["goes on", "2", "more, [text]", "- x", "&x", "a:b", "'it'", "%x"]);
            if self.one_in(30) {
                self.pick(&["# note", "\n# note\n", ": "]);
            }
        }
        self.line_end();
    }

    /// Writes a block scalar behind a key in a column.
    fn block_scalar(&mut self, column: usize) {
        if self.one_in(30) {
            self.pick(&["|0", "|10", "|+-", "|x", "|\t#x", "|9"]);
        } else {
            self.pick(HEADERS);
        }
        self.add("\n");
        let deeper = column + 1 + self.random.below(3);
        for _ in 0..self.random.below(5) {
            match self.random.below(12) {
                0 => self.add("\n"),
                1 => self.pick(&[" \n", "    \n", "  \n"]),
                2 if self.one_in(3) => self.pick(&["\t\n", " \t\n", "          \n"]),
                3 if self.one_in(2) => {
                    self.indent(deeper.saturating_sub(1));
                    self.pick(&["text\n", "# note\n", "\n"]);
                }
                _ => {
                    self.indent(deeper);
                    self.pick(LINES);
                    self.add("\n");
                }
            }
        }
    }
}
