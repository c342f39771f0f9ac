//! The words by which names of secrets are recognised.

/// Endings of names of secrets, in lower case and without separators.
pub(in crate::disclosure) const CERTAIN: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "secretkey",
    "apitoken",
    "authtoken",
    "apikey",
    "accesskey",
    "privatekey",
    "clientsecret",
];

/// Endings of names of probable secrets, in the same form.
pub(in crate::disclosure) const LIKELY: &[&str] = &[
    "accountkey",
    "aeskey",
    "authkey",
    "clientkeydata",
    "connectionstring",
    "deploykey",
    "dkimprivate",
    "encryptionkey",
    "fernetkey",
    "gpgkey",
    "hmackey",
    "jwtkey",
    "kennwort",
    "licensekey",
    "masterkey",
    "mnemonic",
    "otpseed",
    "passcode",
    "passwort",
    "pincode",
    "privateexponent",
    "privkey",
    "pwd",
    "recoverycode",
    "recoveryphrase",
    "secretid",
    "seedphrase",
    "serviceaccountjson",
    "serviceaccountkey",
    "sessionid",
    "sessionkey",
    "sharedkey",
    "signingkey",
    "snmpcommunity",
    "sshkey",
    "storagekey",
    "tlskey",
    "token",
    "tsigkey",
    "unsealkey",
    "walletseed",
    "webhooksecret",
    "webhookurl",
];

/// Words of names of probable secrets.
pub(in crate::disclosure) const LIKELY_WORDS: &[&str] = &[
    "authorization",
    "bearer",
    "cookie",
    "credential",
    "cred",
    "dek",
    "dsn",
    "kek",
    "kubeconfig",
    "psk",
    "pw",
    "rootpw",
];

/// Names of files that are secrets, in lower case.
pub(in crate::disclosure) const FILES: &[&str] = &[
    ".dockercfg",
    ".dockerconfigjson",
    ".netrc",
    "dockerconfigjson",
    "ca.key",
    "client.key",
    "id_ecdsa",
    "id_ed25519",
    "id_rsa",
    "server.key",
    "ssl.key",
    "tls.key",
];

/// Words that end in `pass` and are about no password.
pub(in crate::disclosure) const NO_PASS: &[&str] =
    &["bypass", "compass", "overpass", "surpass", "underpass"];

/// Last words of names whose value is a secret if it is a text; a mapping has settings.
pub(in crate::disclosure) const TEXTS: &[&str] = &["auth", "auths", "jwt", "jwts"];

/// Last words that name an environment or a component behind the name of a secret: the value is a
/// secret if it is a text, and a mapping has settings.
pub(in crate::disclosure) const OWNERS: &[&str] = &[
    "backend",
    "browser",
    "cache",
    "controller",
    "manager",
    "plugin",
    "registry",
    "service",
    "storage",
    "test",
];

/// Last words of names that have a secret's name in them, although their values may be shown.
pub(in crate::disclosure) const ABOUT: &str = "\
    age algorithm allowed annotation attribute audience budget change \
    changed charset check class classname column config configmap consent count \
    create created days delete depth description dir directory disabled domain enable enabled \
    endpoint engine env envvar error exist exists expiration expire expired expires expiry \
    extension field file filename filter folder form format generate generated generation \
    generator grace group handler hasher hashing help helper hint hook hour hours httponly id \
    identifier index interval issuer item job key keyring kind label lambda last lease len \
    length less level lifetime limit line loader location login lookup map max maxage \
    method middleware min minimum minutes mode model module mount mountpath name namespace \
    needed option optional owner param parameter path pattern period permission placeholder \
    policy position prefix prompt property provider quota rate ref reference refresh \
    regex regexp renewal request require required reset resource retention retry review \
    role rotate rotation rule samesite schema scope seconds secure selector serializer \
    session settings size source spec state status store strategy strength subject \
    suffix support supported table target template timeout timestamp title tracker ttl type \
    uid unit unset update updated uri url usage use used validate validation validator variable \
    verification verifier version view volume volumemount warning";

/// Last words that say in which form a secret is written.
pub(in crate::disclosure) const FORMS: &[&str] = &[
    "base64",
    "current",
    "data",
    "default",
    "encoded",
    "hash",
    "is",
    "literal",
    "new",
    "old",
    "plain",
    "plaintext",
    "previous",
    "raw",
    "string",
    "text",
    "value",
    "was",
];

/// Words before `secret` in names of keys whose value is the name of a Kubernetes Secret.
pub(in crate::disclosure) const SECRET_OBJECTS: &[&str] = &[
    "ca",
    "cert",
    "certificate",
    "env",
    "existing",
    "external",
    "image",
    "mtls",
    "pull",
    "site",
    "tls",
    "vars",
];

/// Keys of a mapping that refers to a secret by the name of an object or a variable, or that says how
/// it is made.
pub(in crate::disclosure) const REFERENCES: &[&str] = &[
    "algorithm",
    "configmapkeyref",
    "configmapref",
    "credentialsref",
    "encoding",
    "envvar",
    "existingsecret",
    "existingsecretkey",
    "fromsecret",
    "passwordkey",
    "remoteref",
    "rotationpolicy",
    "secretkeyref",
    "secretname",
    "secretref",
    "size",
    "valuefrom",
];
