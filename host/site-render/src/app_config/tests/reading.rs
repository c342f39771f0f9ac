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
        "import os\n{**os.environ}['A']",
        "import os\n(os.environ | {'B': '1'})['A']",
        "import os\ndict(os.environ).get('A')",
        "import os\nos.environ.copy()['A']",
        "import os\nos.environb[b'A']",
        "import os\nos.getenvb(b'A')",
        "import environ\nenv = environ.Env()\nenv('A', default='')",
        "import environ\nenv = environ.Env(A=(str, ''))\nenv('A')",
        "import environ\nenviron.Env().str('A')",
        "from environ import Env as E\ne = E()\ne.bool(var='A')",
        "import environ\nenv = environ.Env()\nDATABASES = {'default': env.db('A')}",
        "import environ\nenv = environ.Env()\nenv.prefix = 'P_'\nenv('A')",
        "from environs import Env\nenv = Env()\nenv.str('A', default='')",
        "from environs import env\nenv.int('A')",
        "import environs\nenvirons.env('A')",
        "from decouple import config\nconfig('A', default='')",
        "from decouple import config as c\nc('A', cast=bool)",
        "import decouple\ndecouple.config(option='A')",
        "from decouple import AutoConfig\nconfig = AutoConfig(search_path='/x')\nconfig('A')",
        "from decouple import *\nconfig('A')",
        "import environ\nenv = environ.Env()\ndef get(name):\n    return env(name)\nget('A')",
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
        "import environ\nenv = environ.Env(A=(str, ''))",
        "import environ\nenviron.Env.read_env('A')",
        "from environs import Env\nenv = Env()\nenv.prefixed('A')",
        "from other import config\nconfig('A')",
    ] {
        assert!(!variables(&[text]).contains(&"A".to_owned()), "{text}");
    }
}

#[test]
fn a_layer_reads_with_what_another_imports() {
    assert_eq!(variables(&["import os\nenv = os.environ\n", "X = env['A']\n"]), ["A"]);
    assert_eq!(variables(&["X = 1\n", "import os\nos.getenv('B')\nos.getenv('A')\n"]), ["A", "B"]);
}

#[test]
fn a_prefix_is_put_before_the_names_that_its_reader_reads() {
    let environs =
        "from environs import Env\nenv = Env()\nwith env.prefixed('APP_'):\n    env('A')\n";
    assert_eq!(variables(&[environs]), ["A", "APP_A"]);
    let django = "import environ\nclass E(environ.Env):\n    pass\nenv = environ.Env()\nenv.prefix = 'APP_'\nenv('A')\n";
    assert_eq!(variables(&[django]), ["A", "APP_A"]);
    let none = "import os\nx.prefix = 'APP_'\nos.getenv('A')\n";
    assert_eq!(variables(&[none]), ["A"]);
}

#[test]
fn two_hundred_lambdas_in_a_row_are_not_deep() {
    let text = format!("import os\n{}os.getenv('A')\n", "f = lambda a, b: a\n".repeat(1_000));
    assert_eq!(variables(&[&text]), ["A"]);
}
