use crate::disclosure::shown_text::replace_ranges;
use crate::disclosure::source_text::{Language, hidden_ranges_of};

#[test]
fn what_belongs_to_a_secret_is_hidden_on_every_line() {
    for text in [
        "D = {\n  'PASSWORD': os.environ.get('X')\n  or 'HIDE' 1,\n  'USER': 'KEEP',\n}\n",
        "D = {\n  'PASSWORD': 'abc'\n  'HIDE' 1,\n  'USER': 'KEEP',\n}\n",
        "D = {\n  'PASSWORD': 'a' if A\n  else 'HIDE' 1}\nU = 'KEEP'\n",
        "X = {'PASSWORD'\n     : 'HIDE' 1}\nU = 'KEEP'\n",
        "X = {'get_password': lambda: 'x' +\\\n'HIDE' 1}\n",
        "X = {'PASSWORD': {\n'a':\n 'HIDE' 1}}\n",
        "SECRETS = {\n  'a': 'HIDE' 1,\n}\nU = 'KEEP'\n",
        "def db_password():\n    x = 1\n    return 'HIDE' 1\nU = 'KEEP'\n",
        "class Password:\n    value = 'HIDE' 1\nclass User:\n    value = 'KEEP'\n",
        "class A:\n    U = 'KEEP'\n    PASSWORD = \\\n    'HIDE' 1\n    V = 'KEEP'\n",
        "PASSWORD, X = 91827364, 1 1\n".replace("91827364", "77HIDE").as_str(),
        "X = dict(zip(['USER', 'PASSWORD'],\n  ['u', 'HIDE'])) 1\nU = 'KEEP'\n",
        "X = (('DB_PASSWORD',\n  'HIDE'),) 1\n",
        "setattr(X,\n'PASSWORD',\n'HIDE' 1)\nU = 'KEEP'\n",
        "globals()['PASS' 'WORD'] = \\\n 'HIDE' 1\n",
        "X = {'users': {'pass\\\nword': 'HIDE' 1}}\n",
        "{\n  password: if x then 'a'\n  else 'HIDE' y,\n  user: 'KEEP',\n}\n",
        "{\n  ['pass' + 'word']:\n    'HIDE' y,\n  user: 'KEEP',\n}\n",
        "{ kind: 'Secret', metadata: { name: 'x' },\n  data: {\n    a: 'HIDE' 1 } }\n",
        "{ a: { kind: 'Secret', data: {a: 'HIDE' y } },\n b: 'KEEP' }\n",
        "{ env: [\n  { name: 'DB_PASSWORD', x: 1,\n    other: 2,\n    value: 'HIDE' y }],\n  u: 'KEEP' }\n",
        "{ env: [{\n value: 'HIDE' y,\n    name: 'DB_PASSWORD' }] }\n",
        "{ a: [env('DB_PASSWORD',\n 'HIDE' y)], b: 'x' }\n",
        "local creds =\n'HIDE' y;\n{ a: 'KEEP' }\n",
        "{ password: local a = 'x'; a +\n |||\n  HIDE\n ||| y,\n  a: 'KEEP' }\n",
    ] {
        let shown = replace_ranges(text, hidden_ranges_of(text, Language::Code));
        assert!(!shown.contains("HIDE"), "{text}\n{shown}");
        let kept = |text: &str| text.matches("KEEP").count();
        assert_eq!(kept(&shown), kept(text), "{text}\n{shown}");
    }
}

#[test]
fn reading_is_linear_and_never_fails() {
    for part in ["(", "(]", "'é", "{password:", "\\", "|||", "a\n ", "'a' + ", "\"\"\"é\n", "7.é"]
    {
        let text = part.repeat(20_000);
        for range in hidden_ranges_of(&text, Language::Code) {
            assert!(text.is_char_boundary(range.start) && text.is_char_boundary(range.end));
        }
    }
}
