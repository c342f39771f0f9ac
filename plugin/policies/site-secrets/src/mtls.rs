//! Adds the client certificate: certificate, key and the authority's public certificate, as three
//! files.
//!
//! `filterPEM` returns only blocks with a given name, so nothing else of the remote key reaches the
//! pod. A name that matches no block results in an empty file without an error, so it is derived
//! from the encoding of the key.

use crate::external::{Blueprint, Remote, Writer};
use crate::settings::{Key, Mtls};

/// Adds the client certificate.
pub(crate) fn add_certificate(writer: &mut Writer, mtls: &Mtls) {
    let key = pem_filter("client_key", mtls.private_key.block_name());
    let blueprint = Blueprint {
        kind: "kubernetes.io/tls",
        data: &[
            ("tls.crt", &pem_filter("client_crt", "CERTIFICATE")),
            ("tls.key", &key),
            ("ca.crt", &pem_filter("ca_crt", "CERTIFICATE")),
        ],
    };
    let client = |name, property| Remote { name, key: &mtls.remote_key, property };
    let values = [
        client("client_crt", &*mtls.certificate),
        client("client_key", &*mtls.key),
        Remote {
            name: "ca_crt",
            key: &mtls.authority.remote_key,
            property: &mtls.authority.property,
        },
    ];
    let reason = "PostgreSQL and Redis require this client certificate, and ca.crt verifies theirs";
    writer.add_values(&mtls.name, Some(&blueprint), &values, reason);
}

/// Returns the template that filters a variable for PEM blocks with this name.
fn pem_filter(variable: &str, block: &str) -> String {
    ["{{ .", variable, " | filterPEM \"", block, "\" }}"].concat()
}

impl Key {
    /// Returns the name of the key's PEM block: that of RFC 5958 for PKCS8 and of RFC 5915 for ECDSA.
    /// RFC 8017 defines the RSA key; the name of its block is a convention.
    fn block_name(&self) -> &'static str {
        match (&*self.encoding, &*self.algorithm) {
            ("PKCS8", _) => "PRIVATE KEY",
            (_, "RSA") => "RSA PRIVATE KEY",
            _ => "EC PRIVATE KEY",
        }
    }
}
