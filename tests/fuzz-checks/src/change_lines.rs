//! Changes of a text by lines, which keep most of its syntax.

use super::random::Random;

/// Words that occur in the language of a target.
#[derive(Clone, Copy, Debug)]
pub(super) struct Language {
    /// Whole lines.
    pub(super) lines: &'static [&'static str],
    /// Parts of a line.
    pub(super) words: &'static [&'static str],
}

/// Returns the text with one to four changes.
pub(super) fn change_lines(text: &str, seed: u32, language: Language) -> String {
    let mut random = Random::of_seed(seed);
    let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
    for _ in 0..=random.below(4) {
        change_once(&mut lines, &mut random, language);
    }
    lines.join("\n")
}

/// Changes one line, or the order or number of lines.
fn change_once(lines: &mut Vec<String>, random: &mut Random, language: Language) {
    let at = random.below(lines.len());
    match random.below(12) {
        0 => drop(lines.remove(at)),
        1 => lines.insert(at, lines[at].clone()),
        2 => {
            let other = random.below(lines.len());
            lines.swap(at, other);
        }
        3 => {
            let from = random.below(lines.len());
            let moved = lines[from].clone();
            lines.insert(at, moved);
        }
        4 | 5 => {
            let line = indentation(&lines[at]).to_owned() + *random.pick(language.lines);
            lines.insert(at + 1, line);
        }
        6 => indent_from(lines, at, random),
        7 => {
            let end = char_boundary(&lines[at], random);
            lines[at].truncate(end);
        }
        8 => {
            let next = lines.get(at + 1).cloned().unwrap_or_default();
            lines[at] += &next;
        }
        _ => change_words(&mut lines[at], random, language.words),
    }
    if lines.is_empty() {
        lines.push(String::new());
    }
}

/// Returns the blanks that a line begins with.
fn indentation(line: &str) -> &str {
    &line[..line.len() - line.trim_start_matches(' ').len()]
}

/// Moves one or several lines to the right or to the left.
fn indent_from(lines: &mut [String], at: usize, random: &mut Random) {
    let (count, right) = (1 + random.below(4), random.one_in(2));
    let blanks = " ".repeat(1 + random.below(4));
    for line in lines.iter_mut().skip(at).take(count) {
        *line = match line.strip_prefix(&*blanks) {
            Some(rest) if !right => rest.to_owned(),
            _ => format!("{blanks}{line}"),
        };
    }
}

/// Puts a word into a line, or in place of one of its words.
fn change_words(line: &mut String, random: &mut Random, words: &[&str]) {
    let word = *random.pick(words);
    if random.one_in(3) {
        line.insert_str(char_boundary(line, random), word);
        return;
    }
    let mut parts: Vec<&str> = line.split(' ').collect();
    let at = random.below(parts.len());
    if random.one_in(3) {
        parts.insert(at, word);
    } else {
        parts[at] = word;
    }
    *line = parts.join(" ");
}

/// Returns the offset of one of a line's characters, or its end.
fn char_boundary(line: &str, random: &mut Random) -> usize {
    let at = random.below(line.len() + 1);
    (at..=line.len()).find(|at| line.is_char_boundary(*at)).unwrap_or(line.len())
}
