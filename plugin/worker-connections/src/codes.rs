//! The codes of findings that several policies of scope global report.

policy_sdk::catalog! {
    MTLS_SERVER_NAME: Error, "mtls/server-name",
        "The certificate of PostgreSQL or Redis on the global cluster lacks the host name at which sites connect, so clients that verify the name refuse it.",
        "Add the host name to dnsNames of the certificate. In the settings of mtls-clients you can also remove dnsNames: the certificate then gets each host name at which sites connect.";
}
