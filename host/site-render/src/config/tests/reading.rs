use super::variables;

#[test]
fn every_way_to_read_a_variable_is_seen() {
    for text in [
        "import os\nos.environ['A']",
        "import os\nos.environ.get('A', '')",
        "import os\nos.environ.get(key='A')",
        "import os\nos.getenv('A')",
        "import os as o\no.environ['A']",
        "from os import environ\nenviron['A']",
        "from os import environ as e\ne.get('A')",
        "from os import getenv as g\nX = {'y': [g('A')]}",
        "from os import *\nenviron['A']",
        "import os\nenv = os.environ\nenv.setdefault('A', '1')",
        "import os\nenv = dict(os.environ)\nenv['A']",
        "import os\nenv = os.environ.copy()\nenv.pop('A')",
        "import os\nget = os.environ.get\nget('A')",
        "import os\nX = f\"{os.environ['A']}\"",
        "import os\ndef f(x=os.getenv('A')): pass",
        "import os\nKEY = 'A'\nos.environ[KEY]",
        "import os\nfor name in ('A',):\n    os.environ[name]",
        "import os\nNAMES = {'x': 'A'}\nX = {k: os.environ[v] for k, v in NAMES.items()}",
        "import os\ndef env(name, default=None):\n    return os.environ.get(name, default)\nenv('A')",
        "import os\ndef env(name):\n    return os.environ[name]\nenv(name='A')",
        "import os\ndef f(n):\n    return os.getenv(n)\ndef g(d, n):\n    return f(n) or d\ng(1, 'A')",
    ] {
        assert!(variables(&[text]).contains(&"A".to_owned()), "{text}");
    }
}

#[test]
fn what_only_looks_like_a_read_is_none() {
    for text in [
        "# os.environ['A']\nX = 1",
        "X = \"os.environ['A']\"",
        "import os\nos.environ['A'] = '1'",
        "import os\ndel os.environ['A']",
        "environ = {}\nenviron['A']",
        "X = {}\nX.get('A')",
        "import os\nos.getenv('B_A')[0:1]",
        "def getenv(name):\n    return 1\ngetenv('A')",
    ] {
        assert!(!variables(&[text]).contains(&"A".to_owned()), "{text}");
    }
}

#[test]
fn a_layer_reads_with_what_another_imports() {
    assert_eq!(variables(&["import os\nenv = os.environ\n", "X = env['A']\n"]), ["A"]);
    assert_eq!(variables(&["X = 1\n", "import os\nos.getenv('B')\nos.getenv('A')\n"]), ["A", "B"]);
}
