use super::{SHAPED, STAR, lost};

/// Adds the wrong results for the statement after a shaped `DATABASES`, in its own layer and
/// in the next.
fn check(wrong: &mut Vec<String>, statement: &str, begins: &str) {
    let base = format!("{STAR}{SHAPED}");
    let same = lost(&[&format!("{base}{statement}\n")]);
    let next = lost(&[&base, &format!("{statement}\n")]);
    for (lost, place) in [(same, "0:"), (next, "1:")] {
        let expected = format!("{begins}{place}");
        if !matches!(&lost[..], [one] if one.starts_with(&expected)) {
            wrong.push(format!("{statement}: {lost:?}"));
        }
    }
}

#[test]
fn a_setting_bound_whole_is_lost() {
    let mut wrong = Vec::new();
    for statement in [
        "DATABASES = {'default': {'ENGINE': 'x'}}",
        "DATABASES: dict = {}",
        "(DATABASES, X) = ({}, 1)",
        "[DATABASES, X] = {}, 1",
        "X = DATABASES = {}",
        "del DATABASES",
        "print(DATABASES := {})",
        "from other import DATABASES",
        "from other import X as DATABASES",
        "import other as DATABASES",
        "def DATABASES(): pass",
        "class DATABASES: pass",
        "for DATABASES in ({}, {}): pass",
        "with open('x') as DATABASES: pass",
        "DATABASES = dict(default={})",
        "DATABASES = {'default': env('X')} | {}",
        "if A:\n    DATABASES = {}\nelse:\n    DATABASES = None",
        "if True:\n    DATABASES = {}",
        "DATABASES = {} if A else None",
        "DATABASES = {'default': env.db('URL')}",
        "(lambda: DATABASES.clear())()",
        "for name in list(DATABASES):\n    DATABASES[name] = {}",
        "with contextlib.suppress(KeyError):\n    DATABASES = {}",
        "try:\n    DATABASES = {}\nexcept Exception:\n    raise",
        "try:\n    from local import DATABASES\nexcept ImportError:\n    raise",
        "try:\n    os.stat('/x')\n    DATABASES = {}\nexcept OSError as error:\n    raise ValueError from error",
        "try:\n    os.stat('/x')\n    DATABASES = {}\nfinally:\n    pass",
        "try:\n    X = 1\n    DATABASES = {}\nexcept Exception:\n    pass",
        "with open('/x') as file:\n    DATABASES = json.load(file)",
        "with A:\n    DATABASES = {}\n    os.stat('/x')",
        "DATABASES: dict = {} if A else None",
        "DATABASES = {} if True else DATABASES",
        "DATABASES = {} if A else (None if B else {})",
        "True and DATABASES.clear()",
        "A or X\nDATABASES.clear()",
        "A and (lambda: X)()\nDATABASES.clear()",
        "for n in ('a', 'b'):\n    if n == 'a':\n        DATABASES = {}\n        break",
        "for n in ('a', 'b'):\n    X = n\nelse:\n    DATABASES = {}",
        "while True:\n    DATABASES = {}\n    break",
        "[DATABASES.pop('default') for name in ('default', 'other')]",
        "for n in A:\n    if n:\n        continue\n    X = n\nDATABASES.clear()",
        "def reset():\n    for n in ('a', 'b'):\n        break\n    DATABASES.clear()\nreset()",
        "if A:\n    raise ValueError\nelif B:\n    raise ValueError\nelse:\n    DATABASES = {}",
    ] {
        check(&mut wrong, statement, "DATABASES 0:3 ");
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_nested_part_that_is_thrown_away_is_lost() {
    let mut wrong = Vec::new();
    for statement in [
        "DATABASES['default'] = {'ENGINE': 'x'}",
        "DATABASES['default']['OPTIONS'] = {}",
        "DATABASES['default']['OPTIONS'] = {'sslmode': 'disable'}",
        "DATABASES['default']['OPTIONS']['sslmode'] = 'disable'",
        "DATABASES['default']['OPTIONS'].clear()",
        "DATABASES.clear()",
        "DATABASES['default'].update({'OPTIONS': {}})",
        "DATABASES.update(default={})",
        "DATABASES.update({'default': {}})",
        "DATABASES |= {'default': {}}",
        "DATABASES['default'].pop('OPTIONS')",
        "DATABASES.pop('default', None)",
        "del DATABASES['default']['OPTIONS']",
        "del DATABASES['default']['OPTIONS']['sslmode']",
        "db = DATABASES['default']\ndb['OPTIONS'] = {}",
        "DATABASES = {**DATABASES, 'default': {}}",
        "DATABASES = DATABASES | {'default': {}}",
        "DATABASES = {'default': {**DATABASES['default'], 'OPTIONS': {}}}",
        "KEY = 'default'\nDATABASES[KEY] = {}",
        "for name in ('default', 'other'):\n    DATABASES[name] = {}",
        "for name in DATABASES:\n    DATABASES[name]['OPTIONS'] = {}",
        "for db in DATABASES.values():\n    db['OPTIONS'] = {}",
        "for name, db in DATABASES.items():\n    db.pop('OPTIONS')",
        "def reset(name):\n    DATABASES[name] = {}\nreset('default')",
        "def reset():\n    global DATABASES\n    DATABASES = {}\nreset()",
        "def reset(db, **more):\n    db['OPTIONS'] = more\nreset(DATABASES['default'])",
        "DATABASES.__setitem__('default', {})",
        "import web.settings as base\nbase.DATABASES['default'] = {}",
        "OPTIONS = DATABASES['default']['OPTIONS']\nOPTIONS.clear()",
    ] {
        check(&mut wrong, statement, "DATABASES 0:3 ");
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn under_a_condition_it_may_be_lost() {
    let mut wrong = Vec::new();
    for statement in [
        "if os.getenv('DEBUG'):\n    DATABASES = {}",
        "if A:\n    pass\nelif B:\n    DATABASES['default'] = {}",
        "if BROKER['x'] == 'mysql':\n    DATABASES = {}",
        "if DEBUG:\n    DATABASES = {}",
        "DEBUG = os.getenv('DEBUG')\nif DEBUG == '1':\n    DATABASES = {}",
        "while A:\n    DATABASES = {}",
        "for x in A:\n    DATABASES = {}",
        "try:\n    A\nexcept Exception:\n    DATABASES = {}",
        "match A:\n    case 1: DATABASES = {}",
        "if A:\n    if B:\n        DATABASES = {}",
        "DATABASES = {} if A else DATABASES",
        "for name, db in DATABASES.items():\n    if A:\n        continue\n    db['OPTIONS'] = {}",
        "def reset():\n    if A:\n        return\n    X = 1\n    DATABASES.clear()\nreset()",
        "def reset():\n    try:\n        return A()\n    except ValueError:\n        pass\n    DATABASES.clear()\nreset()",
        "try:\n    from local import DATABASES\nexcept ImportError:\n    pass",
        "try:\n    import local\nexcept ImportError:\n    pass\nelse:\n    DATABASES = local.DATABASES",
        "try:\n    os.stat('/x')\n    DATABASES = {}\nexcept OSError:\n    pass",
        "try:\n    DATABASES = json.load(open('/x'))\nexcept OSError:\n    pass",
        "try:\n    DATABASES = LOCAL\nexcept NameError:\n    pass",
        "try:\n    X = {'a': Y.pop('a')}\n    DATABASES = {}\nexcept KeyError:\n    pass",
        "try:\n    X['a']['b'] = 1\n    DATABASES = {}\nexcept KeyError:\n    pass",
        "try:\n    A()\nexcept ValueError:\n    raise\nexcept OSError:\n    DATABASES = {}",
        "for n in A:\n    if n:\n        break\nelse:\n    DATABASES = {}",
        "for n in ('a', 'b'):\n    if A:\n        break\nelse:\n    DATABASES = {}",
        "while A:\n    if B:\n        break\nelse:\n    DATABASES = {}",
        "for n in ('a', 'b'):\n    if A:\n        break\n    DATABASES = {}",
        "for n in ('a', 'b'):\n    if n == 'b':\n        DATABASES = {}\n    elif A:\n        break",
        "def reset():\n    for n in ('a', 'b'):\n        if A:\n            return\n    DATABASES.clear()\nreset()",
        "def reset():\n    for n in A:\n        return\n    DATABASES.clear()\nreset()",
        "def reset():\n    while A:\n        if B:\n            return\n    DATABASES.clear()\nreset()",
        "def reset():\n    with open('x'):\n        if A:\n            return\n    DATABASES.clear()\nreset()",
        "with contextlib.suppress(ImportError):\n    from local import DATABASES",
        "from contextlib import suppress as s\nwith s(OSError):\n    os.stat('/x')\n    DATABASES = {}",
        "with A():\n    os.stat('/x')\n    DATABASES = {}",
        "A and DATABASES.clear()",
        "A or DATABASES.clear()",
        "A and B and DATABASES.clear()",
        "DATABASES.clear() if A else None",
        "X = None if A else DATABASES.clear()",
        "X = A and (DATABASES := {})",
        "def reset():\n    DATABASES.clear()\nA and reset()",
        "if A:\n    pass\nelif DATABASES.clear():\n    pass",
        "if A:\n    pass\nelif DATABASES.pop('default') == 1:\n    pass",
        "[DATABASES.clear() for x in A]",
        "[DATABASES.pop('default') for name in ('default', 'other') if A]",
        "X = (DATABASES.clear() for x in ('a', 'b'))",
        "DATABASES: dict = {} if A else DATABASES",
        "DATABASES = DATABASES if A else (None if B else DATABASES)",
        "match A:\n    case {'x': DATABASES}: pass",
        // It is always set there.
        "if MODE := os.getenv('MODE'):\n    DATABASES = {}",
    ] {
        check(&mut wrong, statement, "perhaps DATABASES 0:3 ");
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn where_it_was_shaped_under_a_condition_a_later_binding_loses_it() {
    let base = format!("{STAR}MODE = os.getenv('MODE')\nif MODE:\n    {SHAPED}");
    assert_eq!(lost(&[&base, "DATABASES = {}\n"]), ["DATABASES 0:5 1:1"]);
    let both = format!("{base}    DATABASES = {{}}\n");
    assert_eq!(lost(&[&both]), ["perhaps DATABASES 0:5 0:6"]);
}

#[test]
fn a_star_that_is_made_again_in_its_layer_binds_what_the_module_holds() {
    let text = format!(
        "{STAR}DATABASES = {{**DATABASES, 'x': os.getenv('MODE')}}\nfrom web.settings import *\n"
    );
    assert_eq!(lost(&[&text]), ["DATABASES 0:3 0:4"]);
    // In another layer, the merge drops it.
    let base = format!("{STAR}DATABASES = {{**DATABASES, 'x': os.getenv('MODE')}}\n");
    assert!(lost(&[&base, "from web.settings import *\n"]).is_empty());
    // The same object: what was put into it is still there.
    assert!(lost(&[&format!("{STAR}{SHAPED}from web.settings import *\n")]).is_empty());
}

#[test]
fn each_setting_and_each_statement_is_one_loss() {
    let text = "import os\nDATABASES = {'a': os.getenv('MODE'), 'b': os.getenv('CA')}\nBROKER = DATABASES\nDATABASES = {}\nBROKER = None\n";
    assert_eq!(lost(&[text]), ["DATABASES 0:2 0:4", "BROKER 0:3 0:5"]);
}
