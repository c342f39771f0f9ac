//! Secrets in places of a fleet, each with an input that provokes an error or a warning beside it.

use site_cmp_tests::Scratch;

/// A secret without a shape: only its key marks it.
pub(super) const TOKEN: &str = "hunterNNxq7Zk";
/// A secret that its shape marks, wherever it is.
pub(super) const GITHUB: &str = "ghp_NNa1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8";

/// One secret in one place.
#[derive(Clone, Default)]
pub(super) struct Plant {
    /// The place, in words.
    pub(super) place: &'static str,
    /// The file; `SITE` is the site's folder. Of a call, the name of its parameter.
    pub(super) file: &'static str,
    /// The text of the file or its change; `SECRET` is the secret, `PROFILE` the site's profile.
    pub(super) text: &'static str,
    /// The text that it replaces in the file; without it, the file is written anew.
    pub(super) replaces: &'static str,
    /// The code of the finding that it provokes, or other words of an output that show that the
    /// place was read.
    pub(super) code: &'static str,
    /// The secret.
    pub(super) secret: String,
    /// Whether documents of the render have it as their own value.
    pub(super) in_documents: bool,
}

impl Plant {
    pub(super) fn content(&self) -> String {
        self.text.replace("SECRET", &self.secret)
    }

    /// Writes it into a fleet.
    pub(super) fn plant(&self, fleet: Scratch, site: &str, profile: &str) -> Scratch {
        let file = self.file.replace("SITE", &format!("sites/{site}"));
        let text = self.content().replace("PROFILE", profile);
        let fleet = if self.file == CONFIG {
            let choice = format!("    nautobot_config: $deploy/sites/{site}/nautobot_config.py\n");
            fleet.with(&format!("sites/{site}/profile.yaml"), format!("{profile}{choice}"))
        } else if self.file.ends_with(".jsonnet") {
            fleet.without(&format!("sites/{site}/profile.yaml"))
        } else {
            fleet
        };
        match self.replaces {
            "" => fleet.with(&file, text),
            replaced => fleet.changed(&file, replaced, &text),
        }
    }

    fn in_documents(self) -> Self {
        Self { in_documents: true, ..self }
    }

    fn replacing(self, replaces: &'static str) -> Self {
        Self { replaces, ..self }
    }
}

/// Numbers the secrets of a list.
fn numbered(plants: Vec<Plant>, from: usize) -> Vec<Plant> {
    let number = |(at, plant): (usize, Plant)| {
        let secret = plant.secret.replace("NN", &format!("{:02}", from + at));
        Plant { secret, ..plant }
    };
    plants.into_iter().enumerate().map(number).collect()
}

fn keyed(place: &'static str, file: &'static str, text: &'static str, code: &'static str) -> Plant {
    Plant { place, file, text, code, secret: TOKEN.to_owned(), ..Plant::default() }
}

fn shaped(
    place: &'static str,
    file: &'static str,
    text: &'static str,
    code: &'static str,
) -> Plant {
    Plant { secret: GITHUB.to_owned(), ..keyed(place, file, text, code) }
}

const PROFILE: &str = "SITE/profile.yaml";
const VALUES: &str = "SITE/nautobot-worker/values.yaml";
const CONFIG: &str = "SITE/nautobot_config.py";
const ENVIRONMENT: &str = "environments/dev/environment.yaml";

/// Plants in the files of one site.
pub(super) fn of_sites() -> Vec<Plant> {
    let mut plants = of_profiles();
    plants.extend(of_values());
    plants.extend(of_resources());
    plants.extend(of_configs());
    numbered(plants, 0)
}

fn of_profiles() -> Vec<Plant> {
    vec![
        keyed(
            "a line with a syntax error",
            PROFILE,
            "PROFILEpassword: \"SECRET\" x\n",
            "yaml/syntax",
        ),
        keyed(
            "beside an unknown key",
            PROFILE,
            "PROFILE    policies: {nautobot-worker: {password: SECRET, unknwon: 1}}\n",
            "policy/settings",
        ),
        keyed(
            "a number that is none",
            PROFILE,
            "PROFILE    policies: {nautobot-worker: {password: !!int SECRET}}\n",
            "yaml/tag",
        ),
        keyed(
            "a list that a schema refuses",
            PROFILE,
            "PROFILE    policies:\n      nautobot-worker:\n        extraQueues:\n          - password: SECRET\n",
            "policy/settings",
        ),
        shaped(
            "a text that a schema refuses",
            PROFILE,
            "PROFILE    policies: {nautobot-worker: {replicas: SECRET}}\n",
            "policy/settings",
        ),
        keyed(
            "a URL that a schema refuses",
            PROFILE,
            "PROFILE    policies: {nautobot-worker: {replicas: 'https://u:SECRET@h'}}\n",
            "policy/settings",
        ),
        shaped("a key", PROFILE, "PROFILE    SECRET: 1\n", "key/unknown"),
        keyed(
            "the address of a repo",
            PROFILE,
            "PROFILEdeploy_url: https://u:SECRET@git.example.net/x.git\n",
            "yaml/duplicate-key",
        )
        .in_documents(),
        keyed(
            "an error of Jsonnet",
            "SITE/profile.jsonnet",
            "local p = { password: 'SECRET', x: error 'no ' + self.password }; p\n",
            "sources/",
        ),
    ]
}

fn of_values() -> Vec<Plant> {
    vec![
        keyed("a password in values", VALUES, "a: {dbPassword: SECRET}\n", "secret/literal"),
        keyed(
            "a variable in values",
            VALUES,
            "env:\n  - name: DB_PASSWORD\n    value: SECRET\n",
            "secret/literal",
        ),
        keyed(
            "a private key in values",
            VALUES,
            "a: |\n  -----BEGIN PRIVATE KEY-----\n  SECRET\n  -----END PRIVATE KEY-----\n",
            "secret/literal",
        ),
        shaped("a token in values", VALUES, "a: SECRET\n", "secret/literal"),
        keyed("a URL in values", VALUES, "a: redis://u:SECRET@h/0\n", "secret/literal"),
        keyed(
            "a block with a syntax error",
            VALUES,
            "password: |\n  SECRET\n b: [\n",
            "yaml/syntax",
        ),
        keyed("an unknown alias", VALUES, "password: *SECRET\n", "yaml/"),
        keyed("items below a key", VALUES, "password:\n- SECRET\n- [SECRET\n", "yaml/syntax"),
        keyed("a duplicate key", VALUES, "token: SECRET\ntoken: SECRET\n", "yaml/duplicate-key")
            .in_documents(),
        keyed("a flow mapping", VALUES, "{token: SECRET, a: b: c}\n", "yaml/syntax"),
    ]
}

fn of_resources() -> Vec<Plant> {
    vec![
        keyed(
            "a Secret",
            "SITE/resources/a.yaml",
            "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {a: SECRET}\n",
            "secret/literal",
        ),
        keyed(
            "an object without a kind",
            "SITE/resources/a.yaml",
            "{apiVersion: v1, metadata: {name: a}, data: {password: SECRET}}\n",
            "resources/",
        ),
        keyed(
            "an object with a syntax error",
            "SITE/resources/a.yaml",
            "kind: ConfigMap\ndata:\n  token: |\n    SECRET\n   x: y\n",
            "yaml/syntax",
        ),
        keyed(
            "versions of the cluster",
            "SITE/cluster.yaml",
            "kubeVersion: {password: SECRET}\n",
            "cluster",
        ),
    ]
}

/// Configurations: the profile refers to a file beside it, which has the secret.
fn of_configs() -> Vec<Plant> {
    let places = [
        ("a syntax error in Python", "PASSWORD = 'SECRET' 1\n", "config/syntax"),
        ("an f-string", "PASSWORD = f'SECRET'\n", "secret/literal"),
        ("a join", "PASSWORD = ''.join(['SECRET'])\n", "secret/literal"),
        ("a concatenation", "PASSWORD = '' + 'SECRET'\n", "secret/literal"),
        ("bytes", "PASSWORD = b'SECRET'.decode()\n", "secret/literal"),
        ("a default", "PASSWORD = os.environ.get('X', 'SECRET')\n", "secret/literal"),
        ("a format", "PASSWORD = '%s' % 'SECRET'\n", "secret/literal"),
        ("an attribute", "setattr(x, 'PASSWORD', 'SECRET')\n", "secret/literal"),
        ("an argument", "X = dict(password='SECRET')\n", "secret/literal"),
        ("a DSN", "X = 'host=h password=SECRET'\n", "secret/literal"),
    ];
    let plant = |(place, text, code)| keyed(place, CONFIG, text, code);
    places.into_iter().map(plant).collect()
}

/// Plants in files that all sites read.
pub(super) fn of_fleets() -> Vec<Plant> {
    let plants = vec![
        keyed(
            "beside a missing key of an environment",
            ENVIRONMENT,
            "sources:\n  other: {token: SECRET, url: x}\n",
            "key/missing",
        )
        .replacing("sources:\n"),
        keyed(
            "a setting of an environment",
            ENVIRONMENT,
            "          database:\n            password: [SECRET]\n",
            "policy/settings",
        )
        .replacing("          database:\n"),
        keyed(
            "the address of a chart",
            ENVIRONMENT,
            "repository: [https://u:SECRET@h/charts]\n",
            "key/wrong-kind",
        )
        .replacing("repository: https://nautobot.github.io/helm-charts/\n"),
        keyed("a lock with a syntax error", "policies.lock", "token: SECRET x: y\n", "yaml/syntax"),
        shaped("a lock with another digest", "policies.lock", "sha256: SECRET", "lock")
            .replacing("sha256: "),
        shaped(
            "a schema",
            "base/envoy-configs/tls-routes.schema.json",
            "{\"properties\": {\"routes\": {\"enum\": [\"SECRET\"]}}}",
            "schema/",
        ),
        keyed("a library", "lib/rax-dev.libsonnet", "{ token: 'SECRET' 'x' }\n", "jsonnet/syntax"),
        keyed(
            "an assertion of a library",
            "lib/rax-dev.libsonnet",
            "local token = 'SECRET'; { profile(x):: error token, worker(x):: {} }\n",
            "jsonnet/evaluate",
        ),
    ];
    numbered(plants, 50)
}

/// Plants in parameters of a call: the file is the parameter's name.
pub(super) fn of_calls() -> Vec<Plant> {
    let plants = vec![
        shaped("an unknown setting", "nautobot-worker.unknwon", "SECRET", "setting/unknown"),
        shaped("a setting of another type", "nautobot-worker.replicas", "SECRET", "setting/type"),
        keyed("a URL", "nautobot-worker.replicas", "https://u:SECRET@h", "setting/type"),
        keyed("an assignment", "nautobot-worker.replicas", "password=SECRET", "setting/type"),
    ];
    numbered(plants, 60)
}
