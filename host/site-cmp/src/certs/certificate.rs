//! One X.509 certificate: the fields that are compared, and the check of its signature.
//!
//! x509-cert parses ASN.1 and ring verifies signatures. Both reject unknown algorithms, and so
//! does this module.

use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA384_ASN1, ECDSA_P384_SHA256_ASN1, ECDSA_P384_SHA384_ASN1,
    ED25519, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512,
    UnparsedPublicKey, VerificationAlgorithm,
};
use x509_cert::der::asn1::{ObjectIdentifier, UintRef};
use x509_cert::der::{self, Any, DecodePem, Encode, Reader, SliceReader};
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage};
use x509_cert::spki::SubjectPublicKeyInfoOwned;

use super::timestamp::Timestamp;

const EC: &str = "1.2.840.10045.2.1";
const RSA: &str = "1.2.840.113549.1.1.1";
const ED25519_KEY: &str = "1.3.101.112";

/// Extended key usages of RFC 5280 with cert-manager's names for them.
const PURPOSES: &[(&str, &str)] = &[
    ("1.3.6.1.5.5.7.3.1", "server auth"),
    ("1.3.6.1.5.5.7.3.2", "client auth"),
    ("1.3.6.1.5.5.7.3.3", "code signing"),
    ("1.3.6.1.5.5.7.3.4", "email protection"),
    ("1.3.6.1.5.5.7.3.8", "timestamping"),
    ("1.3.6.1.5.5.7.3.9", "ocsp signing"),
    ("2.5.29.37.0", "any"),
];

/// A parsed certificate.
#[derive(Debug)]
pub(crate) struct Certificate {
    pub(super) common_name: String,
    pub(super) not_before: Timestamp,
    pub(super) not_after: Timestamp,
    /// Its extended key usages, sorted; an OID where cert-manager has no name.
    pub(super) purposes: Vec<String>,
    /// Algorithm and size, such as `ECDSA 256`.
    pub(super) key: String,
    pub(super) is_ca: bool,
    parsed: x509_cert::Certificate,
}

/// Returns whether a usage of cert-manager is an extended key usage.
pub(super) fn is_purpose(usage: &str) -> bool {
    PURPOSES.iter().any(|(_, name)| *name == usage)
}

impl Certificate {
    /// Parses a block of PEM.
    pub(super) fn read(pem: &str) -> der::Result<Self> {
        // Windows line breaks are removed, because the parser accepts only one kind in a block.
        let parsed = x509_cert::Certificate::from_pem(pem.replace('\r', "").as_bytes())?;
        let fields = parsed.tbs_certificate();
        let name = fields.subject().common_name()?.map(|name| name.value().into_owned());
        let purposes = fields.get_extension::<ExtendedKeyUsage>()?;
        let mut purposes: Vec<String> =
            purposes.into_iter().flat_map(|(_, found)| found.0).map(purpose_name).collect();
        purposes.sort_unstable();
        let basic = fields.get_extension::<BasicConstraints>()?;
        let time = |time: &x509_cert::time::Time| Timestamp::from(time.to_date_time());
        Ok(Self {
            common_name: name.unwrap_or_default(),
            not_before: time(&fields.validity().not_before),
            not_after: time(&fields.validity().not_after),
            purposes,
            key: key_name(fields.subject_public_key_info())?,
            is_ca: basic.is_some_and(|(_, found)| found.ca),
            parsed,
        })
    }

    /// Returns whether an authority issued it, by name and signature, or `None` if the kind of
    /// signature is not supported.
    pub(super) fn is_issued_by(&self, authority: &Self) -> Option<bool> {
        let [own, theirs] = [self, authority].map(|one| one.parsed.tbs_certificate());
        if own.issuer() != theirs.subject() {
            return Some(false);
        }
        let signed_by = self.parsed.signature_algorithm().oid.to_string();
        let algorithm = signature_algorithm(&signed_by, &authority.key)?;
        let key = theirs.subject_public_key_info().subject_public_key.raw_bytes();
        let signed = own.to_der().ok()?;
        let signature = self.parsed.signature().raw_bytes();
        Some(UnparsedPublicKey::new(algorithm, key).verify(&signed, signature).is_ok())
    }
}

/// Returns cert-manager's name of an extended key usage, or its OID.
fn purpose_name(id: ObjectIdentifier) -> String {
    let id = id.to_string();
    let known = PURPOSES.iter().find(|(number, _)| *number == id);
    known.map_or(id, |(_, name)| (*name).to_owned())
}

/// Returns the verification algorithm for a signature's algorithm and the key that made it.
fn signature_algorithm(id: &str, key: &str) -> Option<&'static dyn VerificationAlgorithm> {
    Some(match (id, key) {
        ("1.2.840.10045.4.3.2", "ECDSA 256") => &ECDSA_P256_SHA256_ASN1,
        ("1.2.840.10045.4.3.2", "ECDSA 384") => &ECDSA_P384_SHA256_ASN1,
        ("1.2.840.10045.4.3.3", "ECDSA 256") => &ECDSA_P256_SHA384_ASN1,
        ("1.2.840.10045.4.3.3", "ECDSA 384") => &ECDSA_P384_SHA384_ASN1,
        ("1.2.840.113549.1.1.11", _) => &RSA_PKCS1_2048_8192_SHA256,
        ("1.2.840.113549.1.1.12", _) => &RSA_PKCS1_2048_8192_SHA384,
        ("1.2.840.113549.1.1.13", _) => &RSA_PKCS1_2048_8192_SHA512,
        (ED25519_KEY, _) => &ED25519,
        _ => return None,
    })
}

/// Returns the kind of a public key in cert-manager's words, or its OID if cert-manager cannot
/// create such a key.
fn key_name(info: &SubjectPublicKeyInfoOwned) -> der::Result<String> {
    let id = info.algorithm.oid.to_string();
    Ok(match id.as_str() {
        EC => {
            let curve = info.algorithm.parameters.as_ref();
            let curve = curve.map(Any::decode_as::<ObjectIdentifier>).transpose()?;
            match curve.map(|curve| curve.to_string()).as_deref() {
                Some("1.2.840.10045.3.1.7") => "ECDSA 256".to_owned(),
                Some("1.3.132.0.34") => "ECDSA 384".to_owned(),
                Some("1.3.132.0.35") => "ECDSA 521".to_owned(),
                other => format!("ECDSA on {}", other.unwrap_or("an unnamed curve")),
            }
        }
        RSA => format!("RSA {}", rsa_bits(info.subject_public_key.raw_bytes())?),
        ED25519_KEY => "Ed25519".to_owned(),
        _ => id,
    })
}

/// Returns the size of an RSA key in bits, which is the size of its modulus.
fn rsa_bits(key: &[u8]) -> der::Result<usize> {
    let modulus = |reader: &mut SliceReader<'_>| -> der::Result<usize> {
        let number: UintRef<'_> = reader.decode()?;
        let _exponent: UintRef<'_> = reader.decode()?;
        let bytes = number.as_bytes();
        let unused = bytes.first().map_or(0, |first| first.leading_zeros() as usize);
        Ok(bytes.len() * 8 - unused)
    };
    SliceReader::new(key)?.sequence(modulus)
}
