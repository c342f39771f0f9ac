use super::{problems, told};
use crate::finding::Finding;

fn codes(text: &str) -> Vec<String> {
    told(&problems(text.as_bytes()))
}

#[test]
fn what_a_chart_cannot_carry_is_refused() {
    assert_eq!(codes(""), ["error config/empty layer.py:1:1"]);
    assert_eq!(codes("\n \n"), ["error config/empty layer.py:1:1"]);
    assert_eq!(codes(" # indented\nA = 1\n"), ["error config/indented layer.py:1:1"]);
    assert_eq!(codes("\n\t\nA = 1\n"), ["error config/indented layer.py:2:1"]);
    for c in ['\0', '\u{c}', '\u{7f}', '\u{85}', '\u{2028}', '\u{feff}'] {
        assert_eq!(
            codes(&format!("A = 1\n# {c}\n")),
            ["error config/control-character layer.py:2:3"]
        );
    }
    assert!(codes("\u{feff}A = 1\n").is_empty(), "a byte order mark at the start is dropped");
    assert_eq!(told(&problems(b"A = 1\n\xff")), ["error config/not-utf8 "]);
    let large = "# \n".repeat(310 << 10);
    assert_eq!(codes(&large), ["error config/size "]);
}

#[test]
fn what_python_would_not_compile_is_refused_at_its_place() {
    for (text, place) in [
        ("A = 1\nB = (\n", ""),
        ("A = 1\n\tB = 2\n", "2:"),
        ("A = = 1\n", "1:5"),
        ("A = 1\nreturn A\n", "2:1"),
        ("A = 1\nyield A\n", "2:1"),
        ("A = 1\nbreak\n", "2:1"),
        ("A = 1\nfrom __future__ import annotations\n", "2:1"),
        ("from __future__ import braces\n", "1:1"),
        ("from . import x\n", "1:1"),
        ("def f():\n    from x import *\n", "2:5"),
        ("A = 1 \\\n", "1:"),
    ] {
        let codes = codes(text);
        assert_eq!(codes.len(), 1, "{text}: {codes:?}");
        assert!(
            codes[0].starts_with(&format!("error config/syntax layer.py:{place}")),
            "{text}: {codes:?}"
        );
    }
    for text in [
        "def f():\n    return 1\n",
        "for x in y:\n    break\n",
        "# a comment \\\n",
        "x = lambda: (yield)\n",
    ] {
        assert!(codes(text).is_empty(), "{text}");
    }
}

#[test]
fn a_line_that_may_hold_a_secret_is_not_shown() {
    let findings = problems(b"PASSWORD = 'hunter2\n");
    assert_eq!(findings[0].code, "config/syntax");
    assert_eq!(shown_line(&findings[0]).unwrap(), "PASSWORD = ***");
    let findings = problems(b"A = = 1\n");
    assert_eq!(shown_line(&findings[0]).unwrap(), "A = = 1");
}

#[test]
fn a_text_that_nests_without_end_is_refused_on_a_small_stack() {
    let deep = [
        "(".repeat(400_000),
        format!("{}1{}", "(".repeat(100_000), ")".repeat(100_000)),
        format!("A = {}1\n", "not ".repeat(100_000)),
        format!("A = {}1\n", "-".repeat(400_000)),
        format!("A = 1{}\n", "+1".repeat(200_000)),
        format!("A = b{}\n", ".c".repeat(200_000)),
        format!("A = b{}\n", "()".repeat(200_000)),
        format!("A = b{}\n", "[0]".repeat(100_000)),
        format!("A = {}1\n", "lambda: ".repeat(50_000)),
        format!("A = {}1\n", "lambda a, b: ".repeat(50_000)),
        format!("A = {}1\n", "a if b else ".repeat(50_000)),
        format!("A = {}\n", "f'{".repeat(1_000)),
        (0..1_000).map(|depth| format!("{}if 1:\n", " ".repeat(depth))).collect(),
    ];
    let thread = std::thread::Builder::new().stack_size(1 << 20).spawn(move || {
        for text in deep {
            let codes = codes(&text);
            assert_eq!(codes, ["error config/too-deep "], "{}", &text[..20]);
        }
        let allowed = format!("A = {}1{}\n", "[".repeat(190), "]".repeat(190));
        assert!(codes(&allowed).is_empty());
    });
    thread.unwrap().join().unwrap();
}

#[test]
fn a_long_list_is_not_deep() {
    let list = format!("A = [\n{}]\n", "    {'a': x.y.z(1), 'b': [1, 2]},\n".repeat(2_000));
    assert!(codes(&list).is_empty());
}

const RANDOM: &str = "q7Xc9LmB2vRt4YwZ8kNf3HsJ6pDg5aQe";

/// The source line that a report shows of a finding.
fn shown_line(finding: &Finding) -> Option<String> {
    let place = finding.place.as_ref()?;
    let text = place.file.text.as_str();
    let line = text.lines().nth(place.at.line as usize - 1)?;
    let start = line.as_ptr().addr() - text.as_ptr().addr();
    Some(place.shown_line(start..start + line.len()).text)
}

/// Asserts that a text is refused as a secret unless a comment marks it, and is not shown.
fn is_refused(text: &str) {
    let findings = problems(text.as_bytes());
    assert_eq!(findings.len(), 1, "{text}: {findings:?}");
    assert_eq!(findings[0].code, "secret/literal", "{text}");
    assert_eq!(shown_line(&findings[0]), None, "{text}");
    assert!(!findings[0].message.contains("hunter2"), "{text}");
    let marked = format!("{text}  # site-cmp: not a secret: a test\n");
    assert!(problems(marked.as_bytes()).is_empty(), "{text}");
    let below = format!("{text}\n# site-cmp: not a secret\n");
    assert_eq!(problems(below.as_bytes()).len(), 1, "{text}");
}

#[test]
fn a_literal_secret_is_refused_and_not_shown() {
    for text in [
        "DB_PASSWORD = 'hunter2'",
        "x.api_token = 'hunter2'",
        "DATABASES = {'default': {'PASSWORD': 'hunter2'}}",
        "DATABASES['default']['PASSWORD'] = 'hunter2'",
        "import os\nX = os.environ.get('DB_PASSWORD', 'hunter2')",
        "connect(password='hunter2')",
        "def f(password='hunter2'): pass",
        "SECRET_KEY: str = 'hunter2'",
        "USER, PASSWORD = 'me', 'hunter2'",
        "print(PASSWORD := 'hunter2')",
        "PASSWORD = b'hunter2'",
        "A = 'ghp_0123456789abcdefghijABCDEFGHIJ012345'",
        "A = 1  # ghp_0123456789abcdefghijABCDEFGHIJ012345",
        "A = f'{x}AKIAABCDEFGHIJKLMNOP'",
        "A = '-----BEGIN PRIVATE KEY-----'",
        "A = 'redis://user:hunter2@host/0'",
        "A = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N'",
        &format!("A = '{RANDOM}'"),
        "A = '9f86d081884c7d659a2feaa0c55ad015'",
        "A = b'q7Xc9LmB2vRt4YwZ8kNf3HsJ6pDg5aQe'",
    ] {
        is_refused(text);
    }
}

#[test]
fn a_secret_that_literals_compute_is_refused() {
    for text in [
        "PASSWORD = f'hunter2'",
        "PASSWORD = f'{\"hunter2\"}'",
        "PASSWORD = f'hunter2{x}'",
        "PASSWORD = ''.join(['hun', 'ter2'])",
        "PASSWORD = ''.join(chr(c) for c in [104, 117])",
        "PASSWORD = ''.join(reversed('2retnuh'))",
        "PASSWORD = 'hun' + 'ter2'",
        "PASSWORD = ('hun' 'ter2')",
        "PASSWORD = b'hun' + b'ter2'",
        "PASSWORD = str('hunter2')",
        "PASSWORD = bytes('hunter2', 'utf8')",
        "PASSWORD = b'hunter2'.decode()",
        "PASSWORD = base64.b64decode('aHVudGVyMg==')",
        "PASSWORD = bytes.fromhex('68756e74657232').decode()",
        "PASSWORD = 'hunter2'[::-1]",
        "PASSWORD = '%s' % 'hunter2'",
        "PASSWORD = '{}ter2'.format('hun')",
        "PASSWORD = 'hunter3'.replace('3', '2')",
        "URL = 'postgres://u:%s@db.example' % 'hunter2'",
        "class A(B, password='hunter2'): pass",
        "X = [PASSWORD for PASSWORD in ['hunter2']]",
        "X = json.loads('{\"a\": [{\"password\": \"hunter2\"}]}')",
    ] {
        is_refused(text);
    }
    let choice = "match 'hunter2':\n    case PASSWORD:\n        pass\n";
    assert_eq!(codes(choice), ["error secret/literal layer.py:1:7"]);
}

#[test]
fn a_secret_that_is_one_of_several_values_is_refused() {
    for text in [
        "PASSWORD = os.environ.get('X', 'hunter2')",
        "PASSWORD = os.getenv('X', default='hunter2')",
        "PASSWORD = os.environ['X'] or 'hunter2'",
        "PASSWORD = 'hunter2' if DEBUG else os.environ['X']",
        "PASSWORD = os.environ['X'] + 'hunter2'",
        "PASSWORD += 'hunter2'",
        "D = dict(password='hunter2')",
        "D = dict([('PASSWORD', 'hunter2')])",
        "D.update(PASSWORD='hunter2')",
        "D.setdefault('PASSWORD', 'hunter2')",
        "D = {'PASS' + 'WORD': 'hunter2'}",
        "setattr(x, 'PASSWORD', 'hunter2')",
        "globals()['PASSWORD'] = 'hunter2'",
        "globals().update({'PASSWORD': 'hunter2'})",
        "[USER, PASSWORD] = ['me', 'hunter2']",
        "for PASSWORD in ['hunter2']: pass",
        "def get_password(): return 'hunter2'",
        "get_password = lambda: 'hunter2'",
        "x = 'hunter2'; PASSWORD = x",
        "A = 'host=h user=u password=hunter2'",
        "A = 'ghp_0123456789abcdefghij' + 'ABCDEFGHIJ012345'",
        "A = 'redis://user:' + 'hunter2' + '@host/0'",
    ] {
        is_refused(text);
    }
}

#[test]
fn what_only_names_a_secret_is_none() {
    for text in [
        "PASSWORD = ''",
        "PASSWORD = os.environ['DB_PASSWORD']",
        "X = {'password': 'DB_PASSWORD'}",
        "PASSWORD = '${DB_PASSWORD}'",
        "PASSWORD = os.environ.get('DB_PASSWORD', '')",
        "PASSWORD = os.environ.get('X') or None",
        "PASSWORD = f'{prefix}-{os.environ[\"X\"]}'",
        "PASSWORD = '%s' % os.environ['X']",
        "PASSWORD = open('/run/secrets/db').read()",
        "PASSWORD = {'name': 'db', 'key': 'x'}",
        "FIELDS = ['password', 'token']",
        "NAME = 'DB_PASSWORD'\nPASSWORD = os.environ[NAME]",
        "f('password', 5)",
        "PASSWORD_HASHERS = ['django.contrib.auth.hashers.Argon2PasswordHasher']",
        "A = 'django.contrib.auth.password_validation.UserAttributeSimilarityValidator'",
        "A = '/etc/nautobot/mtls/certificates/of/the/Site2/tls.crt'",
        "A = '123e4567-e89b-12d3-a456-426614174000'",
        "A = f'redis://:{password}@host:6379/0'",
        "A = 'aVeryLongNameOfSomethingThatIsWrittenInCamelCase2'",
    ] {
        assert!(codes(text).is_empty(), "{text}: {:?}", codes(text));
    }
}
