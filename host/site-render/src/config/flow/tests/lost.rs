use super::{SHAPED, STAR, lost};

/// Adds what is wrong where the statement follows a shaped `DATABASES`, in its own layer and
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
    // In another layer the merge leaves it out.
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
