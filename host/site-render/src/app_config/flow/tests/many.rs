use super::super::state::{STEPS, STEPS_PER_BYTE};
use super::followed;

/// Returns texts that would take time in the square of their length, or more.
fn hostile(times: usize) -> Vec<String> {
    let numbered = |one: fn(usize) -> String| (0..times).map(one).collect::<String>();
    vec![
        // Each statement contains all before it, and may remove something from them.
        numbered(|n| format!("DATABASES['k{n}'] = {{'x': DATABASES}}\nDATABASES['k{n}'] = os.getenv('MODE')\n")),
        "DATABASES = {'x': DATABASES, 'm': os.getenv('MODE')}\n".repeat(times),
        "X = {**X, **X}\nX['a'] = X\n".repeat(times),
        format!("{}f{times}()\n", numbered(|n| format!("def f{}():\n    f{n}()\n    f{n}()\n", n + 1))),
        "for a in (1, 2, 3, 4, 5, 6, 7, 8):\n for b in (1, 2, 3, 4, 5, 6, 7, 8):\n  for c in (1, 2, 3, 4, 5, 6, 7, 8):\n   for d in (1, 2, 3, 4, 5, 6, 7, 8):\n    for e in (1, 2, 3, 4, 5, 6, 7, 8):\n     for f in (1, 2, 3, 4, 5, 6, 7, 8):\n      DATABASES[f] = {}\n".repeat(times / 100 + 1),
        numbered(|n| format!("from m{n} import *\nX{n} = Y{n}\n")),
        "X = X.a.b.c\n".repeat(times),
        "X = f(X)\nX = X | X\n".repeat(times),
        format!("def f(d):\n{}    f(d)\n    f(d)\nf(DATABASES)\n", "    d['x'] = d\n".repeat(20)),
        format!("if A:\n{}", numbered(|n| format!("    DATABASES['k{n}'] = X\n"))),
        numbered(|n| format!("if A{n}:\n    DATABASES['k{n}'] = {{}}\nelse:\n    DATABASES = {{'k{n}': DATABASES}}\n")),
        "X = [X, X, X]\nfor Y in X: X.append(Y)\n".repeat(times),
        format!("def f():\n{}for a in (1, 2, 3, 4, 5, 6, 7, 8):\n    for b in (1, 2, 3, 4, 5, 6, 7, 8):\n        f()\n", format!("    X['{0}'] = {0}\n", "long".repeat(times)).repeat(9)),
        "X = copy.deepcopy(X)\nX['x'] = [X]\n".repeat(times),
    ]
}

#[test]
fn steps_are_limited_by_the_length_of_the_text() {
    for text in hostile(600) {
        let text = format!("import copy, os\nfrom web import *\n{text}");
        let followed = followed(&[&text]);
        let most = STEPS + STEPS_PER_BYTE * text.len();
        // The step that is one too many may be that of a whole container.
        assert!(followed.steps <= 2 * most, "{} of {most}: {}", followed.steps, &text[..120]);
    }
}

#[test]
fn chains_and_nests_fit_a_small_stack() {
    let chain = |statement: &str| format!("{}DATABASES = X\n", statement.repeat(10_000));
    let ifs = |begin: &str, end: &str| {
        let nested: String = (1..90).map(|depth| format!("{}if A:\n", " ".repeat(depth))).collect();
        format!("{begin}{nested}{}{end}", " ".repeat(90))
    };
    let texts = [
        chain("X = {'x': X}\n"),
        chain("X = X.get\n"),
        chain("X = [X]\n"),
        chain("X = lambda: X\n"),
        ifs("def f():\n", "f()\nf()\n"),
        ifs("for A in A:\n", "DATABASES = A\n"),
        format!("def f():\n    X = {}f(){}\nf()\n", "[".repeat(150), "]".repeat(150)),
        format!("f = lambda: {}f(){}\nf()\n", "(1, ".repeat(80), ")".repeat(80)),
        format!("X = A{}\n", " + A".repeat(190)),
    ];
    let thread = std::thread::Builder::new().stack_size(1 << 20).spawn(move || {
        for text in texts {
            followed(&[&format!("import os\n{text}")]);
        }
    });
    thread.unwrap().join().unwrap();
}

#[test]
fn a_long_config_is_followed_to_its_end() {
    let filler = "OTHER['key'] = {'a': x.y(1), 'b': [1, 2, 'text'], 'c': f'{A}'}\n".repeat(10_000);
    let text = format!(
        "import os\nfrom web import *\nDATABASES['x'] = os.getenv('MODE')\n{filler}DATABASES = {{}}\n"
    );
    let followed = followed(&[&text]);
    assert!(followed.whole);
    assert_eq!(followed.losses.len(), 1);
}
