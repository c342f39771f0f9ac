//! Configs that throw away what they read, and configs that only seem to: what a render says
//! of each, beside the settings that real Nautobot ends with.

use site_cmp_tests::{Scratch, peer};

use super::{Process, SITE, Value, delivered_by, nautobot, program, run};
use crate::BINARY;

const PROFILE: &str = "sites/rax-dev-iad3/profile.yaml";
const BASE: &str = "base/understack/components/nautobot/nautobot_config.py";

/// Runs each config in a process of its own, as Nautobot does, and tells what is left in the
/// settings: Nautobot's own module is imported once.
const TELL: &str = "
import importlib.util, json, os, sys
import nautobot.core.settings
for file in sys.argv[1:]:
    if os.fork() == 0:
        spec = importlib.util.spec_from_file_location('config', file)
        config = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(config)
        database = config.DATABASES.get('default', {}).get('OPTIONS', {})
        cache = config.CACHES['default']['OPTIONS'].get('CONNECTION_POOL_KWARGS', {})
        broker = getattr(config, 'CELERY_BROKER_USE_SSL', None) or {}
        left = {
            'DATABASES': [database.get('sslmode'), database.get('sslnegotiation')],
            'CACHES': [cache.get('ssl_ca_certs')],
            'CELERY_BROKER_USE_SSL': [broker.get('ssl_ca_certs')],
        }
        print(json.dumps(left), flush=True)
        os._exit(0)
    if os.wait()[1]:
        sys.exit(file)
";

/// What a render says.
#[derive(Clone, Copy, PartialEq)]
enum Says {
    Nothing,
    /// An error, with the places where it was shaped and where it is lost.
    Lost(&'static str, &'static str),
    Warning(&'static str),
}
use Says::{Lost, Nothing, Warning};

/// A layer over the example's config, what a render says, and the settings that are without
/// what the variables are for.
const OVER_THE_EXAMPLE: &[(&str, Says, &[&str])] = &[
    (
        "import os\nDATABASES = {'default': {'ENGINE': 'django.db.backends.postgresql', 'NAME': os.getenv('NAUTOBOT_DB_NAME', 'x')}}\n",
        Lost("nautobot_config.py:16:5", "own.py:2:1"),
        &["DATABASES"],
    ),
    ("DATABASES = {'default': {**DATABASES['default'], 'CONN_MAX_AGE': 5}}\n", Nothing, &[]),
    (
        "DATABASES['default']['OPTIONS'] = {'connect_timeout': 5}\n",
        Lost("nautobot_config.py:16:5", "own.py:1:1"),
        &["DATABASES"],
    ),
    (
        "DATABASES['default'].update({'CONN_MAX_AGE': 5, 'OPTIONS': {}})\n",
        Lost("nautobot_config.py:16:5", "own.py:1:1"),
        &["DATABASES"],
    ),
    ("DATABASES['default']['OPTIONS'].update({'connect_timeout': 5})\n", Nothing, &[]),
    (
        "options = DATABASES['default'].pop('OPTIONS')\n",
        Lost("nautobot_config.py:16:5", "own.py:1:1"),
        &["DATABASES"],
    ),
    (
        "options = DATABASES['default'].pop('OPTIONS')\nDATABASES['default']['OPTIONS'] = dict(options, connect_timeout=5)\n",
        Nothing,
        &[],
    ),
    (
        "import os\nif os.getenv('NAUTOBOT_NO_DATABASE'):\n    DATABASES = {}\n",
        Warning("warning[config/thrown-away]"),
        &[],
    ),
    (
        "def tuned(db):\n    return {**db, 'CONN_MAX_AGE': 0}\nDATABASES = {name: tuned(db) for name, db in DATABASES.items()}\n",
        Nothing,
        &[],
    ),
    (
        "def reset(settings):\n    for one in settings.values():\n        one['OPTIONS'] = {}\nreset(DATABASES)\n",
        Lost("nautobot_config.py:16:5", "own.py:3:9"),
        &["DATABASES"],
    ),
    ("from nautobot.core.settings import DATABASES\n", Nothing, &[]),
    (
        "from django.conf.global_settings import DATABASES\n",
        Lost("nautobot_config.py:16:5", "own.py:1:1"),
        &["DATABASES"],
    ),
    (
        "CACHES['default']['OPTIONS'] = {'CLIENT_CLASS': 'django_redis.client.DefaultClient'}\n",
        Lost("nautobot_config.py:34:5", "own.py:1:1"),
        &["CACHES"],
    ),
    (
        "CELERY_BROKER_USE_SSL = None\n",
        Lost("nautobot_config.py:35:5", "own.py:1:1"),
        &["CELERY_BROKER_USE_SSL"],
    ),
    ("CELERY_BROKER_USE_SSL |= {'ssl_check_hostname': True}\n", Nothing, &[]),
];

/// What reads the variables with a library, as the whole config, with `read` as its reader.
const READERS: &[&str] = &[
    "import environ\nread = environ.Env()\n",
    "import environ\nread = environ.Env(NAUTOBOT_DB_SSLMODE=(str, '')).str\n",
    "from environs import Env\nread = Env()\n",
    "from environs import env\nread = env.str\n",
    "from environs import Env\nenv = Env()\nwith env.prefixed('NAUTOBOT_'):\n    read = {'NAUTOBOT_DB_SSLMODE': env('DB_SSLMODE'), 'NAUTOBOT_DB_SSLNEGOTIATION': env('DB_SSLNEGOTIATION'), 'NAUTOBOT_REDIS_SSL_CA_CERTS': env.str('REDIS_SSL_CA_CERTS')}.get\n",
    "from decouple import config as read\n",
    "import decouple\nread = decouple.AutoConfig(search_path='/nowhere')\n",
    "import os\nread = {**os.environ}.get\n",
    "import os\nread = lambda name: os.environ[name]\n",
    "import os\nread = {'NAUTOBOT_DB_SSLMODE': os.environb[b'NAUTOBOT_DB_SSLMODE'].decode()}.get\nread = {**os.environ}.__getitem__\n",
];

const READING: &str = "
from nautobot.core.settings import *
DATABASES['default']['OPTIONS'] = {
    'sslmode': read('NAUTOBOT_DB_SSLMODE'),
    'sslnegotiation': read('NAUTOBOT_DB_SSLNEGOTIATION'),
}
CELERY_BROKER_USE_SSL = {'ssl_ca_certs': read('NAUTOBOT_REDIS_SSL_CA_CERTS')}
CACHES['default']['OPTIONS']['CONNECTION_POOL_KWARGS'] = CELERY_BROKER_USE_SSL
";

/// The example fleet, whose site has these layers and, `unchecked`, a policy that asks nothing
/// of them.
fn fleet(layers: &str, own: &str, unchecked: bool) -> Scratch {
    let allowed =
        "    policies: {nautobot-worker: {connections: {mtls: {requireConfig: false}}}}\n";
    let settings = if unchecked { allowed } else { "" };
    let chosen = format!("    enabled: true\n{settings}    nautobot_config: {layers}");
    Scratch::new().changed(PROFILE, "    enabled: true", &chosen).with("own.py", own)
}

/// Renders the config, holds the render to what it has to say, and returns what is delivered.
fn delivered(layers: &str, own: &str, says: Says) -> (String, Vec<(String, String)>) {
    let render = |unchecked| {
        let more = ["--target", "application", "-o", "json"];
        fleet(layers, own, unchecked).render(BINARY, SITE, &more)
    };
    let output = render(false);
    let is_said = |code: &str| output.stderr.contains(code);
    match says {
        Lost(shaped, lost) => {
            let words = ["error[config/thrown-away]", shaped, lost];
            output.failure(1).says(&words);
            return delivered_by(&render(true).success());
        }
        Warning(words) => assert!(is_said(words), "{own}\n{}", output.stderr),
        Nothing => {
            for code in ["config/thrown-away", "config/no-effect", "config/must-read"] {
                assert!(!is_said(code), "{own}\n{}", output.stderr);
            }
        }
    }
    delivered_by(&output.success())
}

/// What real Nautobot has in its settings at the end of each config.
fn left(bin: &std::path::Path, configs: &[(String, Vec<(String, String)>)]) -> Vec<Value> {
    let root = tempfile::tempdir().unwrap();
    let mut process = program(&bin.join("python"), root.path(), &configs[0].1);
    process.args(["-c", TELL]);
    for (number, (config, _)) in configs.iter().enumerate() {
        let file = root.path().join(format!("{number}.py"));
        std::fs::write(&file, config).unwrap();
        process.arg(file);
    }
    run(&mut process).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Asserts which settings are without what the variables are for.
fn assert_left(config: &str, left: &Value, without: &[&str]) {
    for (setting, values) in left.as_object().unwrap() {
        let there = values.as_array().unwrap().iter().all(|value| !value.is_null());
        assert_eq!(there, !without.contains(&setting.as_str()), "{config}: {left}");
    }
}

#[test]
fn what_a_layer_throws_away_is_gone_in_real_nautobot_and_what_it_keeps_is_there() {
    let layers = format!("[{BASE}, own.py]");
    let configs: Vec<_> =
        OVER_THE_EXAMPLE.iter().map(|(own, says, _)| delivered(&layers, own, *says)).collect();
    let Some(bin) = nautobot() else { return };
    let left = left(&bin, &configs);
    assert_eq!(left.len(), OVER_THE_EXAMPLE.len());
    for ((own, _, without), left) in OVER_THE_EXAMPLE.iter().zip(&left) {
        assert_left(own, left, without);
    }
}

#[test]
fn readers_of_the_environment_give_real_nautobot_the_mode() {
    let dropped = "import os\nfrom nautobot.core.settings import *\n_ = os.environ['NAUTOBOT_DB_SSLMODE'], os.environ['NAUTOBOT_DB_SSLNEGOTIATION'], os.environ['NAUTOBOT_REDIS_SSL_CA_CERTS']\n";
    let read = READERS.iter().map(|reader| (format!("{reader}{READING}"), Nothing));
    let last = (dropped.to_owned(), Warning("warning[config/no-effect]"));
    let texts: Vec<(String, Says)> = read.chain([last]).collect();
    let configs: Vec<_> =
        texts.iter().map(|(own, says)| delivered("[own.py]", own, *says)).collect();
    let Some(bin) = nautobot() else { return };
    let python = Some(bin.join("python")).filter(|python| {
        let output =
            Process::new(python).args(["-c", "import environ, environs, decouple"]).output();
        output.is_ok_and(|output| output.status.success())
    });
    let hint = "`pip install django-environ environs python-decouple` beside Nautobot";
    if peer("django-environ, environs and python-decouple", python, hint).is_none() {
        return;
    }
    let left = left(&bin, &configs);
    let everything = ["DATABASES", "CACHES", "CELERY_BROKER_USE_SSL"];
    for ((own, says), left) in texts.iter().zip(&left) {
        let without = if *says == Nothing { &[][..] } else { &everything };
        assert_left(own, left, without);
    }
}
