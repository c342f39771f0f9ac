//! Phrases that a reader stumbles over do not come back: in comments, string literals (help
//! texts and messages are both), and documents.

use std::fs;

use super::lexer::{Kind, product, tokens};
use super::{files, root, sources};

/// A phrase and the standard words for it. A word may be a choice (`is|are`), `*` stands for
/// one word, and a last `!a|b` names what may not follow, a first `!a|b` what may not precede.
const BANNED: &[(&str, &str)] = &[
    ("!there is|are|was|were none", "is not a valid X / there is no X"),
    (
        "!there|where|nor is|are no !longer|more|less|fewer|different|later|other|larger|smaller|shorter|better",
        "is not a X",
    ),
    ("go|goes|going|went|gone out", "is emitted"),
    ("come|comes|came|coming to !a|an|the", "evaluates to / results in"),
    ("tell|tells|told|telling", "reports / says / shows"),
    ("asked|asks|ask for", "requested / needed"),
    ("is|are|was|were|be asked", "is evaluated / is called / is requested"),
    ("the machine|machine's", "the environment / the system"),
    ("mend|mends|mended|mending", "fix"),
    ("gravest|graver", "most severe"),
    ("near name|names", "suggestion"),
    ("lead|leads to", "connects to / causes"),
    ("stands|stand in|at|there|here|on|below|above|beside|behind|under", "is"),
    ("lies|lie in|behind|between|outside|below|beside", "is"),
    ("held|holds|hold it|them|everything to", "validates against / compares with"),
    ("held|holds|hold to", "validated against / compared with"),
    ("taken|takes|take for", "treated as"),
    ("it is said", "it is set"),
    ("at hand", "available"),
    ("has|have|had a say", "sets a value"),
    ("has|have no business", "must not be"),
    ("fleet's|global half", "global section"),
    ("counts|count then", "takes effect"),
    ("by way of", "through"),
    ("whoever", "the caller that / anyone who"),
    ("shelf|shelves", "cache"),
    ("misfit|misfits", "link error"),
    ("no less|nothing less", "exactly"),
];

/// Sentences of comments that begin so keep their subject for later.
const RIDDLES: [&str; 3] = ["What", "Who", "Whatever"];

#[test]
fn no_banned_phrase_comes_back() {
    let rules: Vec<Rule> = BANNED.iter().map(|(phrase, instead)| rule(phrase, instead)).collect();
    let mut hits = Vec::new();
    for (path, line, text) in texts() {
        for rule in &rules {
            hits.extend(
                rule.found_in(&text)
                    .map(|found| format!("{path}:{line}: `{found}`; write: {}", rule.instead)),
            );
        }
    }
    assert!(hits.is_empty(), "{} banned phrases:\n{}", hits.len(), hits.join("\n"));
}

#[test]
fn no_sentence_of_a_comment_is_a_riddle() {
    let mut hits = Vec::new();
    for (path, line, text) in comments() {
        for sentence in sentences(&text) {
            let first = sentence.split_whitespace().next().unwrap_or_default();
            if RIDDLES.contains(&first) && !sentence.ends_with('?') {
                hits.push(format!("{path}:{line}: {sentence}"));
            }
        }
    }
    assert!(hits.is_empty(), "{} sentences begin with a riddle:\n{}", hits.len(), hits.join("\n"));
}

/// Returns (path, line, text) of everything that people read.
fn texts() -> Vec<(String, usize, String)> {
    let mut texts = comments();
    for folder in ["host", "plugin"] {
        for (path, source) in sources(folder) {
            let literals =
                tokens(product(&source)).into_iter().filter(|one| one.kind == Kind::Text);
            texts.extend(literals.map(|one| (path.clone(), one.line, one.text)));
        }
    }
    for (path, text) in documents() {
        texts.extend(paragraphs(&path, &text));
    }
    texts
}

/// Returns the comments of the product, lines that follow each other as one.
fn comments() -> Vec<(String, usize, String)> {
    let mut blocks: Vec<(String, usize, String)> = Vec::new();
    for folder in ["host", "plugin"] {
        for (path, source) in sources(folder) {
            let mut last = 0;
            for token in tokens(product(&source)) {
                if token.kind == Kind::Text {
                    continue;
                }
                match blocks.last_mut().filter(|_| last + 1 == token.line && last > 0) {
                    Some((_, _, text)) if !token.text.is_empty() && !text.is_empty() => {
                        *text += " ";
                        *text += &token.text;
                    }
                    _ => blocks.push((path.clone(), token.line, token.text)),
                }
                last = token.line;
            }
        }
    }
    blocks
}

/// Returns the documents, by path.
fn documents() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for folder in ["docs", "argocd"] {
        found.extend(files(folder, &[".md", ".yaml"]));
    }
    found.extend(files("plugin/policies", &[".json", ".md"]));
    for name in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"] {
        found.push((name.to_owned(), fs::read_to_string(root().join(name)).unwrap()));
    }
    found
}

/// Returns the paragraphs of a document, each with its first line's number.
fn paragraphs(path: &str, text: &str) -> Vec<(String, usize, String)> {
    let mut found: Vec<(String, usize, String)> = Vec::new();
    let mut open = false;
    for (at, line) in text.lines().enumerate() {
        let line = line.trim().trim_start_matches('#');
        if line.is_empty() || line.starts_with('|') || line.starts_with("```") {
            open = false;
        }
        match found.last_mut().filter(|_| open) {
            Some((_, _, paragraph)) => {
                paragraph.push(' ');
                paragraph.push_str(line);
            }
            None => found.push((path.to_owned(), at + 1, line.to_owned())),
        }
        open = !(line.is_empty() || line.starts_with('|') || line.starts_with("```"));
    }
    found
}

fn sentences(text: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    for word in text.split_whitespace() {
        let last = found.last_mut().unwrap();
        last.push_str(if last.is_empty() { "" } else { " " });
        last.push_str(word);
        if word.ends_with(['.', '?', '!', ':']) {
            found.push(String::new());
        }
    }
    found
}

struct Rule {
    before: Vec<&'static str>,
    words: Vec<Vec<&'static str>>,
    after: Vec<&'static str>,
    instead: &'static str,
}

fn rule(phrase: &'static str, instead: &'static str) -> Rule {
    let mut rule = Rule { before: Vec::new(), words: Vec::new(), after: Vec::new(), instead };
    for word in phrase.split(' ') {
        let choice = || word.trim_start_matches('!').split('|').collect();
        match (word.starts_with('!'), rule.words.is_empty()) {
            (true, true) => rule.before = choice(),
            (true, false) => rule.after = choice(),
            _ => rule.words.push(choice()),
        }
    }
    rule
}

impl Rule {
    /// Returns the places of a text that the rule bans. Only white space may be between the
    /// words: a full stop or a backquote ends a phrase.
    fn found_in<'t>(&self, text: &'t str) -> impl Iterator<Item = String> + use<'_, 't> {
        let words: Vec<&str> = text.split_whitespace().collect();
        (0..words.len()).filter_map(move |at| {
            let end = at + self.words.len();
            let window = words.get(at..end)?;
            let matches =
                window.iter().zip(&self.words).enumerate().all(|(index, (word, choice))| {
                    let (first, last) = (index == 0, index + 1 == self.words.len());
                    let word = if first { word.trim_start_matches(is_opening) } else { word };
                    let word = if last { word.trim_end_matches(is_closing) } else { word };
                    *choice == ["*"] || choice.iter().any(|one| one.eq_ignore_ascii_case(word))
                });
            let is = |at: Option<&&str>, choice: &[&str]| {
                at.is_some_and(|word| {
                    choice.iter().any(|one| {
                        one.eq_ignore_ascii_case(
                            word.trim_matches(|letter: char| !letter.is_alphanumeric()),
                        )
                    })
                })
            };
            let before = at.checked_sub(1).and_then(|at| words.get(at));
            let excused = is(before, &self.before) || is(words.get(end), &self.after);
            (matches && !excused).then(|| {
                let around = at.saturating_sub(4)..(end + 4).min(words.len());
                words[around].join(" ")
            })
        })
    }
}

fn is_opening(letter: char) -> bool {
    matches!(letter, '(' | '"' | '*' | '\u{201c}')
}

fn is_closing(letter: char) -> bool {
    matches!(letter, ')' | '"' | '*' | '.' | ',' | ';' | ':' | '?' | '!' | '\u{201d}')
}

#[test]
fn a_phrase_is_banned_by_its_words() {
    let found = |phrase: &'static str, text: &str| rule(phrase, "").found_in(text).count();
    assert_eq!(found("is|are none", "which Is none, and they are none."), 2);
    assert_eq!(found("is|are none", "it is `none`; is. None"), 0);
    assert_eq!(found("!there is no !longer", "there is no file, it is no longer, x is no file"), 1);
    assert_eq!(found("hold|holds * to", "it holds them to it"), 1);
    assert_eq!(found("told", "untold, `told`, (told)"), 1);
    assert_eq!(sentences("One. What two: three").len(), 3);
}
