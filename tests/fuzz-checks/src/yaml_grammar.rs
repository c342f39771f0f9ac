//! Random YAML documents in the styles that people write: block and flow collections, each kind of
//! scalar, comments, anchors and merge keys. Some lines are changed afterwards, so that a part of
//! the documents is broken.

mod block;
mod flow;
mod quoted;
mod words;

use super::random::Random;
use super::yaml_target;

/// The deepest nesting of a document.
const DEPTH: usize = 4;

/// Returns the document of a seed.
pub(super) fn document(seed: u32) -> String {
    let mut writer = Writer {
        random: Random::of_seed(seed),
        text: String::new(),
        anchors: Vec::new(),
        names: 0,
    };
    writer.stream();
    let text = writer.text;
    if writer.random.one_in(3) { yaml_target::change(&text, seed) } else { text }
}

/// A document that is being written.
struct Writer {
    random: Random,
    text: String,
    /// The anchors so far, each with whether it is on a mapping.
    anchors: Vec<(String, bool)>,
    /// The number of keys and anchors that have a name of their own.
    names: usize,
}

impl Writer {
    /// Writes all documents of a file.
    fn stream(&mut self) {
        if self.one_in(8) {
            self.filler(0);
        }
        if self.one_in(3) {
            self.marker();
        }
        self.root();
        while self.one_in(7) {
            self.anchors.clear();
            self.marker();
            self.root();
        }
        if self.one_in(15) {
            self.add("...\n");
        }
        self.file_end();
        if self.one_in(10) {
            self.text = self.text.replace('\n', "\r\n");
        } else if self.one_in(60) {
            self.text = self.text.replacen('\n', "\r", 1 + self.random.below(3));
        }
    }

    fn marker(&mut self) {
        self.pick(&["---\n", "---\n", "--- # note\n", "---  \n", "---\t\n"]);
    }

    /// Writes the value of a document.
    fn root(&mut self) {
        match self.random.below(16) {
            0 => {
                self.properties();
                self.flow(0, 0);
                self.line_end();
            }
            1 => self.scalar_value(0),
            2 => self.value(0, 0),
            3..=5 => self.sequence(0, DEPTH, false),
            _ => self.mapping(0, DEPTH, false),
        }
    }

    /// Changes the end of the file.
    fn file_end(&mut self) {
        match self.random.below(12) {
            0 | 1 => {
                self.text.pop();
            }
            2 => self.add("\n"),
            3 => self.add("\n\n\n"),
            4 => self.add("  \n"),
            5 => self.add("   "),
            6 => self.add("# end"),
            _ => {}
        }
    }

    /// Writes lines without content.
    fn filler(&mut self, column: usize) {
        match self.random.below(40) {
            0 => self.add("\t\n"),
            1..=9 => self.add("\n"),
            10..=19 => {
                self.indent(column);
                self.add("# note\n");
            }
            20..=24 => self.add("# at the margin\n"),
            25..=29 => {
                self.indent(column + 3);
                self.add("#\n");
            }
            30..=34 => self.add("   \n\n"),
            _ => self.add("#no blank: [\n"),
        }
    }

    /// Ends a line, perhaps with a comment or blanks.
    fn line_end(&mut self) {
        match self.random.below(14) {
            0 => self.add(" # note"),
            1 => self.add("   # 'quoted': \""),
            2 => self.add(" "),
            3 => self.add("\t"),
            4 => self.add("\t# note"),
            _ => {}
        }
        self.add("\n");
    }

    fn indent(&mut self, column: usize) {
        self.text.extend(std::iter::repeat_n(' ', column));
    }

    fn add(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn pick(&mut self, texts: &[&str]) {
        let text = *self.random.pick(texts);
        self.add(text);
    }

    fn one_in(&mut self, times: usize) -> bool {
        self.random.one_in(times)
    }

    /// Returns a name that no key and no anchor has yet.
    fn new_name(&mut self) -> String {
        self.names += 1;
        format!("{}{}", ["k", "key-", "some.key_", "é", "a/b:"][self.names % 5], self.names)
    }
}
