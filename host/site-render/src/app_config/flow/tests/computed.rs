use super::{STAR, followed, unused};

#[test]
fn a_name_that_is_put_together_of_known_texts_is_read() {
    let mut wrong = Vec::new();
    for text in [
        "P = 'MO'\nDATABASES['x'] = os.getenv(f'{P}DE')",
        "P = 'MO'\nDATABASES['x'] = os.environ[f\"{P}\" 'DE']",
        "DATABASES['x'] = os.environ['MO' + 'DE']",
        "P = 'MO'\nDATABASES['x'] = os.environ.get(P + 'DE', '')",
        "N = 'MO'\nN += 'DE'\nDATABASES['x'] = os.environ[N]",
        "P = 'MO'\nDATABASES['x'] = os.environ['%sDE' % P]",
        "DATABASES['x'] = os.environ['%s%s' % ('MO', 'DE')]",
        "DATABASES['x'] = os.environ['{}DE'.format('MO')]",
        "DATABASES['x'] = os.environ['{0}{1}'.format('MO', 'DE')]",
        "DATABASES['x'] = os.environ['{p}DE'.format(p='MO')]",
        "DATABASES['x'] = os.environ[''.join(['MO', 'DE'])]",
        "DATABASES['x'] = os.environ['mode'.upper()]",
        "for n in ('X', 'DE'):\n    DATABASES[n] = os.environ[f'MO{n}']",
        "DATABASES['x'] = {n: os.environ['MO' + n] for n in ('X', 'DE')}",
        "def env(n):\n    return os.environ.get(f'MO{n}')\nDATABASES['x'] = env('DE')",
        "env = lambda n, p='MO': os.environ[p + n]\nDATABASES['x'] = env('DE')",
        "def env(*given, **more):\n    return os.environ.get(*given, **more)\nDATABASES['x'] = env('MODE')",
        "import functools\n@functools.lru_cache(maxsize=None)\ndef env(n):\n    return os.environ[n]\nDATABASES['x'] = env('MODE')",
        "@cached\ndef env(n):\n    return os.environ[n]\nDATABASES['x'] = env('MODE')",
        "import functools\nget = functools.partial(os.environ.get)\nDATABASES['x'] = get('MODE')",
        "from functools import partial\nget = partial(os.getenv, default='')\nDATABASES['x'] = get('MODE')",
        "from collections import ChainMap\nE = ChainMap(os.environ, {'MODE': 'x'})\nDATABASES['x'] = E['MODE']",
        "import collections\nE = collections.ChainMap({}, os.environ)\nDATABASES['x'] = E.get('MODE')",
        "import environ\nclass Env(environ.Env): pass\nenv = Env()\nDATABASES['x'] = env('MODE')",
        "from environ import Env\nclass E(Env):\n    '''Ours.'''\nDATABASES['x'] = E().str('MODE')",
        "DATABASES['x'] = list(map(os.environ.get, ['MODE']))",
    ] {
        let text = format!("{STAR}{text}\n");
        let followed = followed(&[&text]);
        if !followed.read.contains_key("MODE") || unused(&[&text]) != ["CA"] {
            wrong.push(text);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_read_by_a_name_that_is_not_known_is_noted() {
    let mut wrong = Vec::new();
    for text in [
        "X = os.environ[x]",
        "X = os.getenv(f'{x}_MODE')",
        "X = os.getenv('MO%s' % x)",
        "for k, v in os.environ.items():\n    DATABASES[k] = v",
        "for k in os.environ:\n    X = k",
        "X = {k: v for k, v in os.environ.items()}",
        "X = [os.environ[k] for k in sorted(os.environ)]",
        "class Env:\n    def __call__(self, n):\n        return os.environ[n]\nenv = Env()\nX = env('MODE')",
        "class Env:\n    def get(self, n):\n        return os.environ.get('MO' + n)\nX = Env().get('DE')",
        "import environ\nclass Env(environ.Env):\n    def mode(self):\n        return self('MODE')\nX = Env().mode()",
        "from pydantic_settings import BaseSettings\nclass S(BaseSettings):\n    mode: str = ''\nX = S().mode",
        "X = Settings(os.environ)",
        "X = read_with(os.environ.get)",
        "globals().update(os.environ)",
    ] {
        if followed(&[&format!("{STAR}{text}\n")]).computed.is_none() {
            wrong.push(text);
        }
    }
    for text in [
        "X = os.environ['MODE']",
        "X = os.getenv('X', x)",
        "def never(n):\n    return os.environ[n]",
        "def env(n):\n    return os.environ[n]\nX = env('MODE')",
        "X = {**os.environ}['MODE']",
        "os.environ[x] = 'y'",
        "X = Y[x]",
        "class C:\n    mode = os.environ['X']",
    ] {
        if followed(&[&format!("{STAR}{text}\n")]).computed.is_some() {
            wrong.push(text);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
