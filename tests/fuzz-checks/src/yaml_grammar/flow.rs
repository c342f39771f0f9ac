//! Flow collections, on one line or on several.

use super::{DEPTH, Writer};

impl Writer {
    /// Writes a flow collection below a column. Returns whether it is a mapping.
    pub(super) fn flow(&mut self, column: usize, depth: usize) -> bool {
        let is_mapping = self.one_in(2);
        let is_long = self.one_in(3);
        self.add(if is_mapping { "{" } else { "[" });
        let count = self.random.below(4);
        for index in 0..count {
            self.flow_break(column + 2, is_long);
            if is_mapping {
                self.flow_entry(column, depth);
            } else {
                self.flow_item(column, depth);
            }
            if index + 1 < count || self.one_in(6) {
                self.pick(&[",", ", ", ",", " , "]);
            }
        }
        // The closing bracket is often in the column of the key.
        self.flow_break(column, is_long);
        self.add(if is_mapping { "}" } else { "]" });
        is_mapping
    }

    fn flow_break(&mut self, column: usize, is_long: bool) {
        if !is_long {
            self.pick(&["", "", " ", "\t"]);
            return;
        }
        if self.one_in(8) {
            self.add(" # note");
        }
        self.add("\n");
        if self.one_in(10) {
            self.pick(&["\n", "  # note\n", "\t\n"]);
        }
        match self.random.below(10) {
            0 => self.add("\t"),
            1 => {}
            _ => self.indent(column),
        }
    }

    fn flow_entry(&mut self, column: usize, depth: usize) {
        if self.one_in(25) {
            self.pick(&["? ", "?"]);
        }
        match self.random.below(6) {
            0 => {
                let name = self.new_name();
                self.add(&format!("\"{name}\""));
                self.pick(&[":", ": ", " : "]);
            }
            1 => {
                self.word();
                self.pick(&[": ", ":", ""]);
            }
            _ => {
                let name = self.new_name();
                self.add(&name);
                self.pick(&[": ", ": ", ": ", ":\t", ":  ", ""]);
            }
        }
        if !self.one_in(8) {
            self.flow_value(column, depth);
        }
    }

    fn flow_item(&mut self, column: usize, depth: usize) {
        if self.one_in(10) {
            self.flow_entry(column, depth);
        } else {
            self.flow_value(column, depth);
        }
    }

    fn flow_value(&mut self, column: usize, depth: usize) {
        match self.random.below(8) {
            0 | 1 if depth < DEPTH => {
                self.flow(column + 2, depth + 1);
            }
            2 => self.quoted(column),
            3 => self.alias(),
            4 if self.one_in(3) => {
                self.word();
                self.add("\n");
                self.indent(column + 1);
                self.add("goes on");
            }
            _ => {
                self.properties();
                self.word();
            }
        }
    }
}
