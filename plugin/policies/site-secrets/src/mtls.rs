//! The client certificate: a pair and the authority's public certificate, as three files.
//!
//! `filterPEM` keeps blocks of one name and drops all else, so what is kept beside the pair
//! never reaches the pod. A name that fits no block leaves an empty file and no error, so it
//! follows from how the key is encoded.

use crate::external::{Blueprint, Remote, Writer};
use crate::settings::{Key, Mtls};

/// Adds the client certificate.
pub(crate) fn add(writer: &mut Writer, mtls: &Mtls) {
    let key = filter("client_key", mtls.private_key.block());
    let blueprint = Blueprint {
        kind: "kubernetes.io/tls",
        data: &[
            ("tls.crt", &filter("client_crt", "CERTIFICATE")),
            ("tls.key", &key),
            ("ca.crt", &filter("ca_crt", "CERTIFICATE")),
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
    let reason = "PostgreSQL and Redis ask for this certificate, and the authority's tells theirs";
    writer.values(&mtls.name, Some(&blueprint), &values, reason);
}

fn filter(variable: &str, block: &str) -> String {
    ["{{ .", variable, " | filterPEM \"", block, "\" }}"].concat()
}

impl Key {
    /// The name of the key's PEM block (RFC 5915, RFC 8017 by custom, RFC 5958).
    fn block(&self) -> &'static str {
        match (&*self.encoding, &*self.algorithm) {
            ("PKCS8", _) => "PRIVATE KEY",
            (_, "RSA") => "RSA PRIVATE KEY",
            _ => "EC PRIVATE KEY",
        }
    }
}
