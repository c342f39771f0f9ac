//! One certificate: the facts of it that count, and whether another one signed it.
//!
//! ASN.1 is read by x509-cert and signatures are checked by ring; both refuse what they do
//! not know, and so does this.

use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA384_ASN1, ECDSA_P384_SHA256_ASN1, ECDSA_P384_SHA384_ASN1,
    ED25519, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512,
    UnparsedPublicKey, VerificationAlgorithm,
};
use x509_cert::der::asn1::{ObjectIdentifier, UintRef};
use x509_cert::der::{self, Any, DecodePem, Encode, Reader, SliceReader};
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage};
use x509_cert::spki::SubjectPublicKeyInfoOwned;

use super::moment::Moment;

const EC: &str = "1.2.840.10045.2.1";
const RSA: &str = "1.2.840.113549.1.1.1";
const ED25519_KEY: &str = "1.3.101.112";

/// Purposes of RFC 5280 and what cert-manager calls them.
const PURPOSES: &[(&str, &str)] = &[
    ("1.3.6.1.5.5.7.3.1", "server auth"),
    ("1.3.6.1.5.5.7.3.2", "client auth"),
    ("1.3.6.1.5.5.7.3.3", "code signing"),
    ("1.3.6.1.5.5.7.3.4", "email protection"),
    ("1.3.6.1.5.5.7.3.8", "timestamping"),
    ("1.3.6.1.5.5.7.3.9", "ocsp signing"),
    ("2.5.29.37.0", "any"),
];

/// A certificate that was read.
#[derive(Debug)]
pub(crate) struct Certificate {
    pub(super) common_name: String,
    pub(super) not_before: Moment,
    pub(super) not_after: Moment,
    /// Its purposes, sorted; by number where they have no name.
    pub(super) purposes: Vec<String>,
    /// Such as `ECDSA 256`.
    pub(super) key: String,
    pub(super) is_ca: bool,
    parsed: x509_cert::Certificate,
}

/// Whether a purpose is one that a certificate tells as such.
pub(super) fn is_purpose(usage: &str) -> bool {
    PURPOSES.iter().any(|(_, name)| *name == usage)
}

impl Certificate {
    /// Reads a block of PEM.
    pub(super) fn read(pem: &str) -> der::Result<Self> {
        // Windows ends lines otherwise, and the reader takes one kind in a block.
        let parsed = x509_cert::Certificate::from_pem(pem.replace('\r', "").as_bytes())?;
        let told = parsed.tbs_certificate();
        let name = told.subject().common_name()?.map(|name| name.value().into_owned());
        let purposes = told.get_extension::<ExtendedKeyUsage>()?;
        let mut purposes: Vec<String> =
            purposes.into_iter().flat_map(|(_, found)| found.0).map(purpose).collect();
        purposes.sort_unstable();
        let basic = told.get_extension::<BasicConstraints>()?;
        let time = |time: &x509_cert::time::Time| Moment::from(time.to_date_time());
        Ok(Self {
            common_name: name.unwrap_or_default(),
            not_before: time(&told.validity().not_before),
            not_after: time(&told.validity().not_after),
            purposes,
            key: key(told.subject_public_key_info())?,
            is_ca: basic.is_some_and(|(_, found)| found.ca),
            parsed,
        })
    }

    /// Whether an authority issued it: its name, and its signature; nothing where that is of
    /// a kind that cannot be checked here.
    pub(super) fn is_of(&self, authority: &Self) -> Option<bool> {
        let [own, theirs] = [self, authority].map(|one| one.parsed.tbs_certificate());
        if own.issuer() != theirs.subject() {
            return Some(false);
        }
        let signed_by = self.parsed.signature_algorithm().oid.to_string();
        let algorithm = algorithm(&signed_by, &authority.key)?;
        let key = theirs.subject_public_key_info().subject_public_key.raw_bytes();
        let signed = own.to_der().ok()?;
        let signature = self.parsed.signature().raw_bytes();
        Some(UnparsedPublicKey::new(algorithm, key).verify(&signed, signature).is_ok())
    }
}

fn purpose(id: ObjectIdentifier) -> String {
    let id = id.to_string();
    let known = PURPOSES.iter().find(|(number, _)| *number == id);
    known.map_or(id, |(_, name)| (*name).to_owned())
}

/// How a signature is checked: its own algorithm, and the kind of key it was made with.
fn algorithm(id: &str, key: &str) -> Option<&'static dyn VerificationAlgorithm> {
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

/// The kind of a public key, as cert-manager says it; one it cannot make by its number.
fn key(info: &SubjectPublicKeyInfoOwned) -> der::Result<String> {
    let id = info.algorithm.oid.to_string();
    Ok(match id.as_str() {
        EC => {
            let curve = info.algorithm.parameters.as_ref();
            let curve = curve.map(Any::decode_as::<ObjectIdentifier>).transpose()?;
            match curve.map(|curve| curve.to_string()).as_deref() {
                Some("1.2.840.10045.3.1.7") => "ECDSA 256".to_owned(),
                Some("1.3.132.0.34") => "ECDSA 384".to_owned(),
                Some("1.3.132.0.35") => "ECDSA 521".to_owned(),
                other => format!("ECDSA on {}", other.unwrap_or("a curve of its own")),
            }
        }
        RSA => format!("RSA {}", bits(info.subject_public_key.raw_bytes())?),
        ED25519_KEY => "Ed25519".to_owned(),
        _ => id,
    })
}

/// The size of an RSA key: of the first of its two numbers, in bits.
fn bits(key: &[u8]) -> der::Result<usize> {
    let modulus = |reader: &mut SliceReader<'_>| -> der::Result<usize> {
        let number: UintRef<'_> = reader.decode()?;
        let _exponent: UintRef<'_> = reader.decode()?;
        let bytes = number.as_bytes();
        let unused = bytes.first().map_or(0, |first| first.leading_zeros() as usize);
        Ok(bytes.len() * 8 - unused)
    };
    SliceReader::new(key)?.sequence(modulus)
}
