use super::{SHAPED, STAR, followed, lost, unused};

/// Asserts that none of these statements removes variables from a shaped `DATABASES`, in the same
/// layer and in the next.
fn assert_none_is_lost(statements: &[&str]) {
    let base = format!("{STAR}{SHAPED}");
    let mut wrong = Vec::new();
    for statement in statements {
        let own = lost(&[&format!("{base}{statement}\n")]);
        let next = lost(&[&base, &format!("{statement}\n")]);
        if !(own.is_empty() && next.is_empty()) {
            wrong.push(format!("{statement}: {own:?} {next:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_keeps_the_variable_is_no_loss() {
    assert_none_is_lost(&[
        "DATABASES['default']['CONN_MAX_AGE'] = 60",
        "DATABASES['default']['OPTIONS']['sslcert'] = '/x'",
        "DATABASES['default']['OPTIONS'] |= {'sslcert': '/x'}",
        "DATABASES['default'].update({'CONN_MAX_AGE': 60}, HOST='x')",
        "DATABASES.update(other={})",
        "DATABASES = {**DATABASES, 'other': {}}",
        "DATABASES = DATABASES | {'other': {}}",
        "DATABASES = dict(DATABASES, other={})",
        "DATABASES = DATABASES.copy()",
        "OLD = X.get('default', {})\nDATABASES = {'default': DATABASES['default'], **X}",
        "DATABASES = {'default': {**DATABASES['default'], 'CONN_MAX_AGE': 60}}",
        "DATABASES = {'default': {'OPTIONS': DATABASES['default']['OPTIONS']}}",
        "DATABASES = {'default': {'OPTIONS': {'sslmode': os.getenv('MODE')}}}",
        "MODE = os.getenv('MODE', 'x')\nDATABASES = {'default': {'OPTIONS': {'sslmode': MODE}}}",
        "import copy\nDATABASES = copy.deepcopy(DATABASES)",
        "import x\nDATABASES = x.merged(DATABASES, {})",
        "OLD = DATABASES\nDATABASES = {}\nDATABASES.update(OLD)",
        "OPTIONS = DATABASES['default']['OPTIONS']\nDATABASES = {'default': {}}\nDATABASES['default']['OPTIONS'] = OPTIONS",
        "OPTIONS = DATABASES['default'].pop('OPTIONS')\nDATABASES['default']['OPTIONS'] = {**OPTIONS}",
        "DATABASES = {name: {**db} for name, db in DATABASES.items()}",
        "def without(db):\n    return {k: v for k, v in db.items() if k != 'x'}\nDATABASES['default'] = without(DATABASES['default'])",
    ]);
}

#[test]
fn what_cannot_be_followed_or_never_runs_is_no_loss() {
    assert_none_is_lost(&[
        "exec('DATABASES = {}')",
        "globals()['DATABASES'] = {}",
        "DATABASES[computed()] = {}",
        "configure(DATABASES)",
        "def f():\n    DATABASES = {}\nf()",
        "class C:\n    DATABASES = {}",
        "f = lambda DATABASES: {}\nf(1)",
        "X = [DATABASES for DATABASES in ({}, {})]",
        "def never():\n    global DATABASES\n    DATABASES = {}",
        "if False:\n    DATABASES = {}",
        "if A:\n    DATABASES = {}\n    raise ValueError",
        "from web.settings import DATABASES",
        "import web.settings\nweb.settings.DATABASES['default']['X'] = 1",
        "DATABASES['other'] = DATABASES['default']\ndel DATABASES['default']",
        "DATABASES = {'default': {'ENGINE': 'x'}, **DATABASES}",
        "DATABASES['default']['OPTIONS']['sslmode'] = DATABASES['default']['OPTIONS']['sslmode'].lower()",
        "DATABASES['default']['OPTIONS'] = {'a': {'b': 'c'}}[os.getenv('MODE')]",
    ]);
}

#[test]
fn where_the_variable_decides_or_comes_back_nothing_is_lost() {
    assert_none_is_lost(&[
        // The variable itself decides.
        "DATABASES = DATABASES if os.getenv('MODE') else None",
        "if os.getenv('MODE') == 'disable':\n    DATABASES['default'].pop('OPTIONS')",
        "if not os.getenv('MODE'):\n    DATABASES = {}",
        "if os.getenv('MODE'):\n    pass\nelse:\n    DATABASES = {}",
        "try:\n    DATABASES['default']['OPTIONS'] = {'sslmode': os.environ['MODE']}\nexcept KeyError:\n    DATABASES['default']['OPTIONS'] = {}",
        "if not DATABASES['default']['OPTIONS']['sslmode']:\n    del DATABASES['default']['OPTIONS']['sslmode']",
        "for name in ('default', 'other'):\n    if name == 'default':\n        continue\n    DATABASES[name] = {}",
        "for name, db in DATABASES.items():\n    if name != 'default':\n        db['OPTIONS'] = {}",
        "def reset():\n    return\n    DATABASES.clear()\nreset()",
        "for n in ('a', 'b'):\n    if n == 'a':\n        break\n    DATABASES = {}",
        "for n in ('a', 'b'):\n    break\nelse:\n    DATABASES = {}",
        "def reset():\n    for n in ('a', 'b'):\n        if n == 'a':\n            return\n    DATABASES.clear()\nreset()",
        "def reset():\n    if A:\n        return 1\n    else:\n        return 2\n    DATABASES.clear()\nreset()",
        "def reset():\n    try:\n        return 1\n    finally:\n        X = 1\n    DATABASES.clear()\nreset()",
        "def reset():\n    f = lambda: 1\n    return f()\n    DATABASES.clear()\nreset()",
        "for n in ('a', 'b'):\n    if A:\n        break\n    break\n    DATABASES = {}",
        "os.getenv('MODE') or DATABASES.clear()",
        "os.getenv('MODE') == 'disable' and DATABASES.clear()",
        "DATABASES.clear() if os.getenv('MODE') == 'disable' else None",
        "False and DATABASES.clear()",
        "True or DATABASES.clear()",
        "DATABASES.clear() if False else None",
        "DATABASES: dict = DATABASES if A else {**DATABASES}",
        "try:\n    X = os.environ['MODE']\nexcept KeyError:\n    DATABASES = {}",
        "A and DATABASES.update(other={})",
        "X = {'a': A or f(), 'b': B and g(DATABASES)}",
        "def reset(name):\n    if name == 'default':\n        return\n    DATABASES[name] = {}\nreset('default')",
        // Lost in one branch, and restored in all.
        "if A:\n    DATABASES['default']['OPTIONS'] = {}\nDATABASES['default']['OPTIONS']['sslmode'] = os.getenv('MODE')",
        "if A:\n    DATABASES = {}\n    DATABASES['x'] = os.getenv('MODE')",
    ]);
}

#[test]
fn a_condition_on_the_setting_or_on_how_the_config_is_run_may_throw_away() {
    let mut statements = Vec::new();
    for condition in [
        // `nautobot-server init` writes this one (Nautobot 3.1).
        "DATABASES['default']['ENGINE'].endswith('mysql')",
        "DATABASES['default']['ENGINE'] == 'django.db.backends.mysql'",
        "'mysql' in DATABASES['default']['ENGINE']",
        "DATABASES['default'].get('ENGINE') == 'mysql'",
        "A and DATABASES['default'].get('ENGINE', '').endswith('mysql')",
        "not DATABASES['default']['OPTIONS'].get('sslmode')",
        "__name__ == '__main__'",
        "'test' in sys.argv",
        "sys.argv[1:2] == ['test']",
        "len(sys.argv) > 1 and sys.argv[1] == 'test'",
        "any('pytest' in one for one in sys.argv)",
        "'pytest' in sys.modules",
    ] {
        for form in [
            "if <C>:\n    DATABASES['default']['OPTIONS'] = {'charset': 'utf8mb4'}",
            "if A:\n    pass\nelif <C>:\n    DATABASES = {}",
            "if <C>:\n    pass\nelse:\n    DATABASES = {}",
            "T = <C>\nif T:\n    DATABASES = {}",
            "def t():\n    return <C>\nif t():\n    DATABASES = {}",
            "DATABASES = {} if <C> else DATABASES",
            "<C> and DATABASES.clear()",
            "match <C>:\n    case True:\n        DATABASES = {}",
        ] {
            statements.push(format!("import sys\n{}", form.replace("<C>", condition)));
        }
    }
    assert_none_is_lost(&statements.iter().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn a_condition_on_what_the_setting_is_made_of_may_throw_away() {
    assert_none_is_lost(&[
        "DATABASES['default']['ENGINE'] = os.getenv('ENGINE', 'x')\nif os.getenv('ENGINE', '').endswith('mysql'):\n    DATABASES['default']['OPTIONS'] = {}",
        "E = os.getenv('ENGINE', 'x')\nDATABASES['default']['ENGINE'] = E\nif E == 'mysql':\n    DATABASES['default']['OPTIONS'] = {}",
        "E = os.getenv('ENGINE', 'x')\nM = E.endswith('mysql')\nDATABASES['default']['ENGINE'] = E\nif M:\n    DATABASES['default']['OPTIONS'] = {}",
        "db = DATABASES['default']\nif db['ENGINE'] == 'mysql':\n    db['OPTIONS'] = {}",
    ]);
}

#[test]
fn a_setting_that_the_variable_never_shaped_may_be_bound_anew() {
    let text = format!(
        "{STAR}{SHAPED}BROKER = {{}}\nBROKER = None\nOTHER = os.getenv('CA')\nOTHER = None\n"
    );
    assert!(lost(&[&text]).is_empty());
    let text = "import os\nCA = os.getenv('CA')\nif A:\n    BROKER = {'x': CA}\nelse:\n    BROKER = None\n";
    assert!(lost(&[text]).is_empty());
}

#[test]
fn every_way_into_a_setting_is_followed() {
    let mut wrong = Vec::new();
    for text in [
        "DATABASES = {'x': os.environ['MODE']}",
        "DATABASES['x'] = os.environ.get('MODE', '')",
        "DATABASES['x']['y'] = f\"{os.getenv('MODE')}\"",
        "X = os.getenv('MODE')\nY = X\nDATABASES.update(x=Y)",
        "o = DATABASES['default'].setdefault('OPTIONS', {})\no['x'] = os.getenv('MODE')",
        "o = DATABASES['default'].get('OPTIONS', {})\no['x'] = os.getenv('MODE')\nDATABASES['default']['OPTIONS'] = o",
        "o = DATABASES['default'].get('OPTIONS', {})\nDATABASES['default']['OPTIONS'] = o\no['x'] = os.getenv('MODE')",
        "DATABASES['default']['OPTIONS'] = {}\no = DATABASES['default'].get('OPTIONS', {})\no['x'] = os.getenv('MODE')",
        "DATABASES['default'].setdefault('OPTIONS', {})\no = DATABASES['default'].get('OPTIONS')\no['x'] = os.getenv('MODE')",
        "DATABASES['default']['OPTIONS']['y'] = 1\no = DATABASES['default'].get('OPTIONS', {})\no['x'] = os.getenv('MODE')",
        "DATABASES['default']['OPTIONS'] = {**DATABASES['default'].get('OPTIONS', {}), 'x': os.getenv('MODE')}",
        "db = DATABASES.get('default', {})\ndb['x'] = os.getenv('MODE')",
        "if mode := os.getenv('MODE'):\n    DATABASES['x'] = mode",
        "DATABASES |= {'x': os.getenv('MODE')}",
        "DATABASES['x'] = {**os.environ}['MODE']",
        "DATABASES['x'] = dict(os.environ)['MODE']",
        "DATABASES['x'] = (os.environ | {})['MODE']",
        "DATABASES['x'] = os.environ.copy().pop('MODE')",
        "get = os.environ.get\nDATABASES['x'] = get('MODE')",
        "from os import environ as e\nDATABASES['x'] = e['MODE']",
        "from os import getenv\nDATABASES['x'] = getenv(key='MODE')",
        "from os import *\nDATABASES['x'] = environ['MODE']",
        "DATABASES['x'] = os.environb[b'MODE'].decode()",
        "def env(n, d=None):\n    return os.environ.get(n, d)\nDATABASES['x'] = env('MODE')",
        "env = lambda n: os.environ[n]\nDATABASES['x'] = env('MODE')",
        "def tls():\n    return {'sslmode': os.getenv('MODE')}\nDATABASES['default']['OPTIONS'] = tls()",
        "def tls(db):\n    db['OPTIONS'] = {'sslmode': os.getenv('MODE')}\ntls(DATABASES['default'])",
        "def outer():\n    mode = os.getenv('MODE')\n    def inner(db):\n        db['x'] = mode\n    inner(DATABASES)\nouter()",
        "NAMES = {'sslmode': 'MODE'}\nDATABASES['x'] = {k: os.environ[v] for k, v in NAMES.items()}",
        "for k, v in {'sslmode': 'MODE'}.items():\n    DATABASES[k] = os.environ[v]",
        "for name in ('A', 'MODE'):\n    DATABASES[name] = os.environ[name]",
        "DATABASES['x'] = int(os.getenv('MODE'))",
        "DATABASES['x'] = x.is_truthy(os.getenv('MODE'))",
        "DATABASES['x'] = 'a' if os.getenv('MODE') else 'b'",
        "if os.getenv('MODE') == 'verify-ca':\n    DATABASES['x'] = 1",
        "DATABASES['x'] = [os.getenv('MODE')]",
        "DATABASES['x'].append(os.getenv('MODE'))",
    ] {
        if unused(&[&format!("{STAR}{text}\n")]) != ["CA"] {
            wrong.push(text);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_way_through_code_of_others_into_a_setting_is_followed() {
    let mut wrong = Vec::new();
    for text in [
        "from web import settings as core\ncore.DATABASES['x'] = os.getenv('MODE')",
        "from other import settings as core\ncore.DATABASES['default']['x'] = os.getenv('MODE')",
        "import other.settings\nother.settings.DATABASES = {'x': os.getenv('MODE')}",
        "import other\nother.DATABASES.update(x=os.getenv('MODE'))",
        "@once\ndef setup():\n    DATABASES['x'] = os.getenv('MODE')\nsetup()",
        "@once\ndef setup(db):\n    db['x'] = os.getenv('MODE')\nsetup(DATABASES)",
        "@x.register\ndef setup():\n    DATABASES['x'] = os.getenv('MODE')",
        "@x.cached(1)\ndef mode():\n    return os.getenv('MODE')\nDATABASES['x'] = mode()",
        "@once\ndef setup():\n    DATABASES['x'] = os.getenv('MODE')\n    DATABASES['x'] = 1\nsetup()",
        "import dataclasses\n@dataclasses.dataclass\nclass T:\n    mode: str = os.getenv('MODE', '')\nDATABASES['x'] = T().mode",
        "from dataclasses import asdict, dataclass, field\n@dataclass\nclass T:\n    mode: str = field(default_factory=lambda: os.environ['MODE'])\nDATABASES['x'] = asdict(T())",
        "class T:\n    def __init__(self):\n        self.mode = os.environ['MODE']\nDATABASES['x'] = T().mode",
        "class T:\n    @property\n    def mode(self):\n        return os.environ['MODE']\nt = T()\nDATABASES['x'] = {'y': t.mode}",
        "class T:\n    def into(self, db):\n        db['x'] = os.environ['MODE']\nT().into(DATABASES)",
        "class T:\n    mode = os.environ['MODE']\nclass U(T):\n    pass\nDATABASES['x'] = vars(U)",
        "class T:\n    @staticmethod\n    def run():\n        DATABASES['x'] = os.environ['MODE']\nT.run()",
        "X = x.Namespace()\nX.mode = os.getenv('MODE')\nDATABASES['x'] = X.mode",
        "class C:\n    mode = os.getenv('MODE')\nDATABASES['x'] = C.mode",
        "import x\nx.configure(DATABASES, os.getenv('MODE'))",
        "DATABASES['x'] = {'verify-ca': 1}[os.getenv('MODE')]",
        "DATABASES['x'] = '{}'.format(os.getenv('MODE'))",
        "DATABASES['x'] = ','.join([os.getenv('MODE')])",
        "DATABASES['x'] = dict([('sslmode', os.getenv('MODE'))])",
        "DATABASES['x'] = dict(zip(['sslmode'], [os.getenv('MODE')]))",
        "DATABASES['x'].update(**{'sslmode': os.getenv('MODE')})",
        "def f(mode=os.getenv('MODE')):\n    DATABASES['x'] = mode\nf()",
        "def f(*modes):\n    DATABASES['x'] = modes\nf(os.getenv('MODE'))",
        "match os.getenv('MODE'):\n    case 'a': DATABASES['x'] = 1",
        "os.environ['PGSSLMODE'] = os.environ['MODE']",
        "import environ\nenv = environ.Env(MODE=(str, ''))\nDATABASES['x'] = env('MODE')",
        "import environ\nenv = environ.Env()\nDATABASES['default'] = env.db('MODE')\nDATABASES['default']['x'] = 1",
        "import environ\nenv = environ.Env()\nenv.prefix = 'MO'\nDATABASES['default'] = env.str(var='DE')",
        "from environs import Env\nenv = Env()\nwith env.prefixed('MO'):\n    DATABASES['x'] = env.str('DE')",
        "from environs import env\nDATABASES['x'] = env.str('MODE', default='')",
        "from decouple import config as c\nDATABASES['x'] = c('MODE', default='')",
        "import decouple\nconfig = decouple.AutoConfig(search_path='/x')\nDATABASES['x'] = config('MODE')",
        "from decouple import Config, RepositoryEnv\nconfig = Config(RepositoryEnv('.env'))\nDATABASES['x'] = config('MODE')",
    ] {
        if unused(&[&format!("{STAR}{text}\n")]) != ["CA"] {
            wrong.push(text);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_variable_that_is_read_and_dropped_is_unused() {
    let mut wrong = Vec::new();
    for text in [
        "_ = os.environ['MODE']",
        "os.getenv('MODE')",
        "X = os.getenv('MODE')\nprint(X)",
        "def never():\n    DATABASES['x'] = os.getenv('MODE')",
        "if False:\n    DATABASES['x'] = os.getenv('MODE')",
        "if not os.getenv('MODE'):\n    raise ValueError",
        "import environ\nenv = environ.Env(MODE=(str, ''))\nDATABASES['x'] = env('X')",
        "OTHER['x'] = os.getenv('MODE')",
        // Nautobot's own `default` has no `OPTIONS` (`nautobot/core/settings.py`, 3.1).
        "o = DATABASES['default'].get('OPTIONS', {})\no['sslmode'] = os.getenv('MODE')",
        "DATABASES['default'].get('OPTIONS', {})['sslmode'] = os.getenv('MODE')",
        "db = DATABASES['default']\no = db.get('OPTIONS', None) or {}\no.update(sslmode=os.getenv('MODE'))",
        "o = DATABASES['default'].get('OPTIONS') or {}\no['sslmode'] = os.getenv('MODE')",
    ] {
        if unused(&[&format!("{STAR}{text}\n")]) != ["MODE", "CA"] {
            wrong.push(text);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_late_star_of_another_module_is_noted() {
    let base = format!("{STAR}{SHAPED}");
    assert!(followed(&[&format!("{base}from other import *\n")]).late_star.is_some());
    assert!(followed(&[&format!("from other import *\n{base}")]).late_star.is_none());
}
