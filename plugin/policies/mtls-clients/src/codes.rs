//! The codes of findings of this policy. `mtls/server-name` is in `worker_connections::codes`,
//! because `site-invariants` reports it too.

policy_sdk::catalog! {
    MTLS_ENCODING: Error, "mtls/encoding",
        "The ExternalSecret of a site selects a private key of another algorithm or encoding than mtls-clients creates, so the tls.key of the site would be empty.",
        "Set mtls.keyAlgorithm and mtls.keyEncoding of site-secrets to the values of privateKey in mtls-clients.";
    MTLS_LIFETIME: Error, "mtls/lifetime",
        "Certificates would outlive the certificate of the authority that issued them, so servers and sites would refuse them before they expire.",
        "Set `authority.duration` to more than `duration`, and `authority.renewBefore` to at least `duration`. Without `authority.renewBefore` the policy chooses a value that fits.";
    MTLS_NAME: Error, "mtls/name",
        "The settings name and commonName result in a Secret name or a common name that Kubernetes or X.509 does not allow for a site.",
        "Change the settings name or commonName of mtls-clients, or the name of the site. A Secret name has up to 253 lower-case letters, digits, `-` and `.`; a common name has up to 64 bytes.";
    MTLS_REMOTE_KEY: Error, "mtls/remote-key",
        "A site reads its client certificate from another key or property of the secret store than the one to which mtls-clients pushes it, so the site would get no certificate.",
        "Set mtls.remoteKey of site-secrets and push.remoteKey of mtls-clients to the same template. If the message names a setting of site-secrets that selects a property, remove that setting: its default is pushed.";
    MTLS_SECRET_SHARED: Error, "mtls/secret-shared",
        "Two certificates would be written into one Secret. With a shared private key one site can pass for another.",
        "Include {{site}} in the setting name of mtls-clients, and give authority and servers a secretName of their own.";
    MTLS_USER: Warning, "mtls/user",
        "A site logs in to PostgreSQL as another user than its client certificate names. PostgreSQL refuses the login, unless pg_ident.conf maps the name to that user.",
        "Set commonName of mtls-clients and database.username of site-secrets to the same user, or add a map to pg_ident.conf.";
}
