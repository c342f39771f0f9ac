//! Block collections, and the values of their entries.

use super::{DEPTH, Writer};

impl Writer {
    /// Writes a mapping at a column. Its first line may be begun already.
    pub(super) fn mapping(&mut self, column: usize, depth: usize, mut is_begun: bool) {
        for _ in 0..=self.random.below(4) {
            if !is_begun {
                while self.one_in(6) {
                    self.filler(column);
                }
                self.indent(column);
            }
            is_begun = false;
            self.entry(column, depth);
        }
    }

    fn entry(&mut self, column: usize, depth: usize) {
        match self.random.below(20) {
            0 | 1 => {
                self.merge_key();
                self.line_end();
            }
            2 => {
                self.add("? ");
                self.scalar_value(column);
                if !self.one_in(5) {
                    self.indent(column);
                    self.add(":");
                    self.value(column, depth);
                }
            }
            _ => {
                self.key();
                self.pick(&[":", ":", ":", ":", ":", " :"]);
                self.value(column, depth);
            }
        }
    }

    fn key(&mut self) {
        if self.one_in(12) {
            let name = self.new_name().replace(['.', ':', '/', 'é'], "_");
            self.add(&format!("&{name} "));
            self.anchors.push((name, false));
        }
        if self.one_in(20) {
            self.add("!!str ");
        }
        match self.random.below(10) {
            0 => self.word(),
            1 => {
                let name = self.new_name();
                self.add(&format!("'{name}'"));
            }
            2 => {
                let name = self.new_name();
                self.add(&format!("\"{name}\\x41\""));
            }
            3 => self.alias(),
            _ => {
                let name = self.new_name();
                self.add(&name);
            }
        }
    }

    fn merge_key(&mut self) {
        let maps: Vec<String> =
            self.anchors.iter().filter(|(_, map)| *map).map(|(name, _)| name.clone()).collect();
        if maps.is_empty() {
            self.add("<<: {m: 1, n: 2}");
            return;
        }
        let first = self.random.pick(&maps).clone();
        let second = self.random.pick(&maps).clone();
        match self.random.below(4) {
            0 => self.add(&format!("<<: [*{first}, *{second}]")),
            1 => self.add(&format!("<<: [*{first}, {{m: 3}}]")),
            _ => self.add(&format!("<<: *{first}")),
        }
    }

    /// Writes a list at a column. Its first line may be begun already.
    pub(super) fn sequence(&mut self, column: usize, depth: usize, mut is_begun: bool) {
        for _ in 0..=self.random.below(4) {
            if !is_begun {
                while self.one_in(7) {
                    self.filler(column);
                }
                self.indent(column);
            }
            is_begun = false;
            self.add("-");
            match self.random.below(8) {
                0 | 1 if depth > 0 => {
                    let blanks = 1 + self.random.below(3);
                    self.indent(blanks);
                    self.mapping(column + 1 + blanks, depth - 1, true);
                }
                2 if depth > 0 => {
                    self.add(" ");
                    self.sequence(column + 2, depth - 1, true);
                }
                _ => self.value_below(column, depth, false),
            }
        }
    }

    /// Writes a value behind the colon of a key in a column.
    pub(super) fn value(&mut self, column: usize, depth: usize) {
        self.value_below(column, depth, true);
    }

    fn value_below(&mut self, column: usize, depth: usize, is_of_key: bool) {
        if depth > 0 && self.one_in(4) {
            let anchor = self.block_properties();
            self.line_end();
            while self.one_in(8) {
                self.filler(column);
            }
            let deeper = column + 1 + self.random.below(4);
            if self.one_in(2) {
                self.mapping(deeper, depth - 1, false);
                if let Some(name) = anchor {
                    self.anchors.push((name, true));
                }
            } else {
                let column = if is_of_key && self.one_in(2) { column } else { deeper };
                self.sequence(column, depth - 1, false);
            }
            return;
        }
        if self.one_in(9) {
            self.line_end();
            return;
        }
        // A tab behind a dash is an error.
        if self.one_in(if is_of_key { 8 } else { 60 }) {
            self.pick(&["\t", " \t"]);
        } else {
            self.pick(&[" ", " ", "  "]);
        }
        if self.one_in(10) {
            self.alias();
            self.line_end();
        } else if self.one_in(5) {
            let anchor = self.properties();
            let is_map = self.flow(column, DEPTH - depth);
            if let Some(name) = anchor {
                self.anchors.push((name, is_map));
            }
            self.line_end();
        } else {
            if let Some(name) = self.properties() {
                self.anchors.push((name, false));
            }
            self.scalar_value(column);
        }
    }

    /// Writes an anchor before a block collection.
    fn block_properties(&mut self) -> Option<String> {
        if !self.one_in(4) {
            return None;
        }
        let name = format!("m{}", self.names);
        self.names += 1;
        self.add(&format!(" &{name}"));
        Some(name)
    }

    /// Writes an anchor and a tag, each perhaps. Returns the anchor.
    pub(super) fn properties(&mut self) -> Option<String> {
        if self.one_in(12) {
            self.pick(&[
                "!!str ",
                "!!int ",
                "!!float ",
                "!!binary ",
                "!!timestamp ",
                "!own ",
                "! ",
            ]);
        }
        if !self.one_in(8) {
            return None;
        }
        let name = format!("a{}", self.names);
        self.names += 1;
        self.add(&format!("&{name} "));
        Some(name)
    }

    /// Writes an alias, or a word where there is no anchor.
    pub(super) fn alias(&mut self) {
        if self.anchors.is_empty() {
            self.word();
            return;
        }
        let name = self.random.pick(&self.anchors).0.clone();
        self.add(&format!("*{name} "));
    }
}
