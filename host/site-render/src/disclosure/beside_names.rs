//! Finds the values beside the names of secrets in a line of text, also where other entries are
//! between them: `{"name":"DB_PASSWORD","x":1,"value":"x"}`, `<add key="Password" value="x"/>`.

use std::collections::BTreeSet;

use super::assignments::Assignment;
use super::key_names::names_secret;
use super::marks::{is_name_key, is_value_key};
use super::token_shapes::end_of_word;

/// Returns which assignments of a line have the value of a secret that is named beside them.
pub(super) fn named_beside(line: &str, all: &[Assignment<'_>]) -> Vec<bool> {
    let is_name =
        |one: &Assignment<'_>| is_name_key(one.key) && names_secret(name_at(line, one.value));
    if !all.iter().any(is_name) {
        return vec![false; all.len()];
    }
    let groups = groups(line, all);
    let named: BTreeSet<usize> =
        all.iter().zip(&groups).filter(|(one, _)| is_name(one)).map(|(_, group)| *group).collect();
    all.iter()
        .zip(&groups)
        .map(|(one, group)| is_value_key(one.key) && named.contains(group))
        .collect()
}

/// Returns the name that begins at an offset of a line, without quotes.
fn name_at(line: &str, at: usize) -> &str {
    let at = at + line[at..].len() - line[at..].trim_start_matches(['\\', '"', '\'']).len();
    line[at..end_of_word(line, at)].split([',', '}', ']', ')', '/', ';']).next().unwrap_or_default()
}

/// Returns the brackets that each assignment is in, as a number.
fn groups(line: &str, all: &[Assignment<'_>]) -> Vec<usize> {
    let (mut open, mut count, mut done) = (vec![0], 0, 0);
    all.iter()
        .map(|one| {
            for byte in line[done..one.start.max(done)].bytes() {
                match byte {
                    b'{' | b'[' | b'(' | b'<' => {
                        count += 1;
                        open.push(count);
                    }
                    b'}' | b']' | b')' | b'>' if open.len() > 1 => {
                        open.pop();
                    }
                    _ => {}
                }
            }
            done = one.start.max(done);
            open.last().copied().unwrap_or_default()
        })
        .collect()
}
