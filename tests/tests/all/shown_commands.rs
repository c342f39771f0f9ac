//! Each `cmp …` that a help text, a hint or a document shows exists, and works on the example.
//!
//! The commands of `console` blocks are run by `documents.rs`, with their output. Here are the
//! others: the examples of `--help` and the commands of other blocks are run beside a copy of
//! `site-profiles`; a command named in a sentence or a hint must exist, with its options.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;

use site_cmp_tests::{Command, Output, Scratch, repo};

use crate::tidy::lexer::{Kind, product, tokens};
use crate::tidy::{files, sources};
use crate::{BINARY, cmp};

/// Commands that cannot run here: (fragment, reason). They must exist all the same.
const NOT_RUN: &[(&str, &str)] = &[
    ("kubectl", "needs a cluster"),
    ("--context", "needs a cluster"),
    (" serve", "runs until it is ended"),
    ("cmp health", "needs a server that runs"),
    ("policy build", "needs a WASM toolchain"),
    (".tgz", "the example has no chart"),
];

/// Commands that end with exit code 1 where they find something: (fragment, reason).
const MAY_FIND: &[(&str, &str)] = &[
    ("--from secrets", "the folder has no certificate"),
    ("--now", "the folder has no certificate"),
    ("doctor", "it looks for what could be better"),
];

/// Options of every command that take a value, and may stand before the command's name.
const OF_ALL_WITH_VALUE: [&str; 3] = ["--limits", "--cache-dir", "--color"];

/// Words of a sentence that begins with the name of the program.
const SENTENCES: [&str; 2] = ["diffutils' `cmp`", "another `cmp`"];

const SEEN: &str = r#"{"gitVersion":"v1.33.4"} {"kind":"APIResourceList","groupVersion":"v1","resources":[{"kind":"Pod"}]}"#;
const APPLICATION: &str = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\nspec:\n  source:\n    path: sites/rax-dev-iad3\n    plugin:\n      name: site-cmp@v1\n";

/// Returns the help text of each command, by its words.
fn helps() -> BTreeMap<String, String> {
    let mut helps = BTreeMap::new();
    let mut next = vec![Vec::<String>::new()];
    while let Some(words) = next.pop() {
        let help = cmp().args(&words).arg("--help").run().success().stdout;
        let (_, commands) = help.split_once("\nCommands:\n").unwrap_or_default();
        let names = commands.lines().take_while(|line| !line.is_empty());
        let names = names.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
        let names = names.filter_map(|line| line.split_whitespace().next());
        next.extend(
            names
                .filter(|name| *name != "help")
                .map(|name| [&words[..], &[name.to_owned()]].concat()),
        );
        helps.insert(words.join(" "), help);
    }
    assert!(helps.len() > 12, "only {} commands", helps.len());
    helps
}

/// Returns the examples of a help text, without what is said of each.
fn examples(help: &str) -> Vec<String> {
    let Some((_, examples)) = help.split_once("\nEXAMPLES:\n") else { return Vec::new() };
    // A command may continue on the next line.
    let examples = examples.replace("&&\n    ", "&& ");
    let lines = examples.lines().filter_map(|line| line.strip_prefix(' '));
    let lines = lines.map(|line| line.strip_prefix(' ').unwrap_or(line));
    let lines = lines.filter(|line| !line.starts_with(' ') && line.contains("cmp "));
    let is_example = |line: &&str| {
        let first = line.split_whitespace().next().unwrap_or_default();
        first.ends_with("cmp") || first.contains('=') || ["cd", "kubectl"].contains(&first)
    };
    lines
        .filter(is_example)
        .map(|line| line.split("  ").next().unwrap_or_default().to_owned())
        .collect()
}

/// Returns the part of a command line that is ours: no pipes, no output to a file.
fn own_part(line: &str) -> &str {
    line.split(" | ")
        .find(|part| part.contains("cmp "))
        .unwrap_or(line)
        .split(" > ")
        .next()
        .unwrap()
}

/// A copy of the example with the files that examples name.
fn scratch() -> Scratch {
    let fleet = Scratch::example();
    let bin = fleet.outside().join(".bin");
    fs::create_dir(&bin).unwrap();
    for name in ["cmp", "site-cmp"] {
        symlink(BINARY, bin.join(name)).unwrap();
    }
    let example = repo().join("site-profiles");
    for folder in [fleet.outside().to_owned(), fleet.path()] {
        let at = |name: &str| folder.join(name);
        fs::create_dir_all(at("secrets")).unwrap();
        fs::write(at("seen.json"), SEEN).unwrap();
        for folder in ["apps", "argocd"] {
            fs::create_dir_all(at(folder)).unwrap();
            fs::write(at(folder).join("a.yaml"), APPLICATION).unwrap();
        }
        fs::write(at("application.yaml"), APPLICATION).unwrap();
        fs::copy(example.join("sites/uc-syd2-prod/deploy.yaml"), at("deploy.yaml")).unwrap();
        fs::copy(example.join("policies/worker-placement.wasm"), at("policy.wasm")).unwrap();
    }
    fleet
}

/// Runs a command line: beside the fleet if it names its folder, else in it.
fn run(line: &str) -> Output {
    let fleet = scratch();
    let dir =
        if line.contains("site-profiles") { fleet.outside().to_owned() } else { fleet.path() };
    let dir = if line.contains("cmp generate") && !line.contains("cd ") {
        fleet.path().join("sites/rax-dev-iad3")
    } else {
        dir
    };
    let path =
        format!("{}:{}", fleet.outside().join(".bin").display(), std::env::var("PATH").unwrap());
    let line = line.replace("cargo run --release -- ", "cmp ");
    Command::new("sh").args(["-c", &line]).env("PATH", path).dir(dir).run()
}

/// Checks that a command exists and has the options that a text gives it.
fn exists(line: &str, helps: &BTreeMap<String, String>) -> Result<(), String> {
    let (_, words) = line.split_once("cmp ").ok_or("it is not a command")?;
    let mut words = words.split_whitespace().peekable();
    let mut command = Vec::new();
    let mut options = Vec::new();
    while let Some(word) = words.next_if(|word| {
        word.starts_with('-') || helps.contains_key(&[&command[..], &[*word]].concat().join(" "))
    }) {
        if word.starts_with('-') {
            options.push(word);
            if OF_ALL_WITH_VALUE.contains(&word) {
                words.next();
            }
        } else {
            command.push(word);
        }
    }
    let rest: Vec<&str> = words.collect();
    let command = command.join(" ");
    let help = &helps[&command];
    let is_group = help.contains("\nCommands:\n");
    if let Some(first) = rest.first().filter(|_| is_group) {
        return Err(format!("there is no command `cmp {command} {first}`"));
    }
    options.extend(rest.into_iter().filter(|word| word.starts_with('-') && word.len() > 1));
    for option in options {
        let option = option.split('=').next().unwrap_or_default();
        let known = |end: char| help.contains(&format!("{option}{end}"));
        if !option.contains('{') && !['\n', ' ', ','].into_iter().any(known) {
            return Err(format!("`cmp {command}` has no option {option}"));
        }
    }
    Ok(())
}

/// Whether a command has a word that the reader replaces: `SITE`, `<name>`, `{option}`.
fn has_placeholder(line: &str) -> bool {
    let is_upper = |word: &str| word.len() > 2 && word.chars().all(|c| c.is_ascii_uppercase());
    line.contains(['<', '{', '\u{2026}']) && !line.contains("PARAMETERS")
        || line.split_whitespace().any(is_upper)
}

/// Returns a complaint where a command that is shown does not work.
fn complaint(line: &str, helps: &BTreeMap<String, String>, is_hint: bool) -> Option<String> {
    let line = own_part(line.trim()).trim();
    if let Err(why) = exists(line, helps) {
        return Some(format!("`{line}`: {why}"));
    }
    // Without a file to read from, it asks a cluster.
    let is_of_cluster = line.contains("cluster snapshot") && !line.contains("--from");
    let is_not_run = NOT_RUN.iter().any(|(fragment, _)| line.contains(fragment));
    if has_placeholder(line) || is_of_cluster || is_not_run {
        return None;
    }
    let output = run(line);
    let finds = MAY_FIND.iter().any(|(fragment, _)| line.contains(fragment));
    match output.code {
        Some(0) => None,
        Some(1) if finds => None,
        // A hint may leave a value to its reader: "run `cmp policy lock --stamp` with its folder".
        Some(2) if is_hint && output.stderr.contains("required") => None,
        code => {
            let first = output.stderr.lines().next().unwrap_or_default().to_owned();
            Some(format!("`{line}` ends with {code:?}: {first}"))
        }
    }
}

/// Returns the commands between backquotes of a text.
fn quoted(text: &str) -> Vec<String> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = SENTENCES.iter().fold(text, |text, sentence| text.replace(sentence, ""));
    text.split('`')
        .skip(1)
        .step_by(2)
        .filter(|one| one.starts_with("cmp "))
        .map(str::to_owned)
        .collect()
}

/// Returns the documents that users read, by path.
fn documents() -> Vec<(String, String)> {
    let mut found = files("docs", &[".md"]);
    found.extend(files("argocd", &[".md"]));
    for name in ["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md"] {
        found.push((name.to_owned(), fs::read_to_string(repo().join(name)).unwrap()));
    }
    found
}

/// Returns the commands in blocks that are not run with their output.
fn of_blocks(text: &str) -> Vec<String> {
    let blocks = text.split("\n```").skip(1).step_by(2);
    let blocks = blocks.filter(|block| !block.starts_with("console"));
    let lines = blocks.flat_map(|block| block.lines().skip(1));
    lines
        .filter(|line| line.starts_with("cmp ") || line.starts_with("cargo run --release -- "))
        .map(|line| {
            line.split(" # ").next().unwrap_or_default().split("  ").next().unwrap().to_owned()
        })
        .collect()
}

fn no_complaints(complaints: &[String]) {
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn each_example_of_a_help_text_works() {
    let helps = helps();
    let mut complaints = Vec::new();
    for (command, help) in &helps {
        let shown = examples(help);
        if shown.is_empty() {
            complaints.push(format!("`cmp {command} --help` shows no example"));
        }
        complaints.extend(shown.iter().filter_map(|line| complaint(line, &helps, false)));
    }
    no_complaints(&complaints);
}

#[test]
fn each_command_of_a_document_works() {
    let helps = helps();
    let mut complaints = Vec::new();
    for (path, text) in documents() {
        let wrong = of_blocks(&text).into_iter().filter_map(|line| {
            let line = line.replace("cargo run --release -- ", "cmp ");
            complaint(&line, &helps, false)
        });
        complaints.extend(wrong.map(|wrong| format!("{path}: {wrong}")));
        for line in quoted(&text) {
            let wrong = exists(&line, &helps).err();
            complaints.extend(wrong.map(|wrong| format!("{path}: `{line}`: {wrong}")));
        }
    }
    no_complaints(&complaints);
}

/// Hints are texts of the program; its comments name commands too.
#[test]
fn each_command_that_the_program_names_exists() {
    let helps = helps();
    let mut complaints = Vec::new();
    for (path, source) in ["host", "plugin"].into_iter().flat_map(sources) {
        for token in tokens(product(&source)) {
            for line in quoted(&token.text) {
                let runs =
                    token.kind == Kind::Text && token.text.contains(&format!("run `{line}`"));
                let wrong = if runs {
                    complaint(&line, &helps, true)
                } else {
                    exists(&line, &helps).err().map(|why| format!("`{line}`: {why}"))
                };
                complaints.extend(wrong.map(|wrong| format!("{path}:{}: {wrong}", token.line)));
            }
        }
    }
    no_complaints(&complaints);
}
