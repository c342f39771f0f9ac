//! Certificates in a folder. `SECRET.crt`, `SECRET.pem` or `SECRET/tls.crt` belongs to the
//! Secret of that name; `ca.crt` is the authority's, for that Secret or for all.
//!
//! The first certificate of a file is the Secret's own; the others are its chain and are
//! ignored. Of an authority all are used, because there are two during its renewal. Links that
//! leave the folder are not read.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use site_render::finding::Finding;
use site_render::tree::{Tree, TreeError};

use super::certificate::Certificate;
use super::expected::ExpectedCert;
use super::pem::{Block, parse_blocks};
use super::timestamp::Timestamp;
use crate::codes;
use crate::folder::Folder;

/// The largest file of certificates in bytes; a chain has a few thousand.
const FILE_BYTES: u64 = 1 << 20;

/// The certificates of a folder.
#[derive(Debug, Default)]
pub(crate) struct CertFolder {
    /// The file and its first certificate, by the name of the Secret.
    certificates: BTreeMap<String, (String, Certificate)>,
    /// Authorities by the name of the Secret they belong to; the empty name applies to all.
    authorities: BTreeMap<String, Vec<Certificate>>,
    /// The findings, unreadable files included.
    pub(crate) findings: Vec<Finding>,
}

/// The role of a file by its name.
enum FileRole<'n> {
    Own(&'n str),
    Authority,
    Key,
}

impl CertFolder {
    /// Returns the certificate of a Secret. For an authority, the `ca.crt` for all is the
    /// fallback.
    pub(super) fn find_cert(&self, expected: &ExpectedCert) -> Option<(&str, &Certificate)> {
        let own = self.certificates.get(&expected.secret).map(|(file, one)| (file.as_str(), one));
        let all = || self.authorities.get("")?.first().map(|one| ("ca.crt", one));
        own.or_else(|| all().filter(|_| expected.is_ca))
    }

    /// Returns the authorities that may have issued a Secret's certificate, if there are any.
    pub(super) fn authorities_of(&self, secret: &str) -> Option<&[Certificate]> {
        let near = self.authorities.get(secret).or_else(|| self.authorities.get(""));
        near.map(Vec::as_slice)
    }

    /// Reports files that belong to no expected certificate.
    pub(crate) fn note_strangers(&mut self, expected: &[ExpectedCert]) {
        let secrets: BTreeSet<&str> = expected.iter().map(|one| one.secret.as_str()).collect();
        let strangers =
            self.certificates.iter().filter(|(name, _)| !secrets.contains(name.as_str()));
        self.findings.extend(strangers.map(|(name, (file, _))| {
            let message =
                format!("{file} belongs to no issued certificate: no Secret is named {name}");
            codes::CERTS_STRANGER.finding(message)
        }));
    }

    /// Reports expired authorities, whose certificates are all refused. One of several in a
    /// file may be expired during a renewal.
    pub(crate) fn note_expired_authorities(&mut self, now: Timestamp) {
        for (secret, authorities) in &self.authorities {
            let Some(last) = authorities.iter().map(|one| one.not_after).max() else { continue };
            if now >= last {
                let beside = if secret.is_empty() { String::new() } else { format!("{secret}/") };
                let message = format!("the authority in {beside}ca.crt expired at {last}");
                let finding = codes::CERTS_AUTHORITY_EXPIRED.finding(message);
                self.findings
                    .push(finding.hint("renew the authority and its certificates: clients refuse them regardless of their own dates"));
            }
        }
    }

    /// Reports a file that cannot be read.
    fn note_unreadable(&mut self, path: &str, why: impl std::fmt::Display) {
        let message = format!("{path} cannot be read: {why}");
        self.findings.push(codes::CERTS_UNREADABLE.finding(message));
    }

    /// Reads a file by its role, in the folder of a Secret or at the top.
    fn read_file(&mut self, tree: &Folder, path: &str, secret: &str, part: &FileRole<'_>) {
        if matches!(part, FileRole::Key) {
            return self.findings.push(private_key_finding(path));
        }
        let bytes = match tree.read(path, FILE_BYTES) {
            Ok(bytes) => bytes,
            Err(error) => return self.note_unreadable(path, error),
        };
        let Ok(text) = std::str::from_utf8(&bytes) else {
            return self.note_unreadable(path, "it is not PEM: PEM is text");
        };
        let blocks = match parse_blocks(text) {
            Ok(blocks) => blocks,
            Err(label) => {
                return self.note_unreadable(path, format!("its block {label} has no end line"));
            }
        };
        if blocks.iter().any(Block::is_key) {
            self.findings.push(private_key_finding(path));
        }
        let pem = blocks.iter().filter(|block| block.label == "CERTIFICATE");
        let read: Result<Vec<_>, _> = pem.map(|block| Certificate::read(block.text)).collect();
        let read = match read {
            Ok(read) if read.is_empty() => {
                return self.note_unreadable(path, "it contains no certificate");
            }
            Ok(read) => read,
            Err(error) => {
                return self
                    .note_unreadable(path, format!("it contains an invalid certificate: {error}"));
            }
        };
        match part {
            FileRole::Own(name) => self.add_cert(name, path, read),
            _ => drop(self.authorities.insert(secret.to_owned(), read)),
        }
    }

    /// Adds the first certificate of a file, unless the Secret has one already.
    fn add_cert(&mut self, name: &str, path: &str, read: Vec<Certificate>) {
        let Some(first) = read.into_iter().next() else { return };
        if let Some((other, _)) = self.certificates.get(name) {
            let message =
                format!("{other} and {path} both belong to Secret {name}; {path} is ignored");
            self.findings.push(codes::CERTS_TWICE.finding(message));
        } else {
            self.certificates.insert(name.to_owned(), (path.to_owned(), first));
        }
    }
}

/// Returns the warning about a private key.
fn private_key_finding(path: &str) -> Finding {
    let message = format!("{path} contains a private key, which must not be here");
    codes::CERTS_PRIVATE_KEY
        .finding(message)
        .hint("delete it, and consider who may have read it: only certificates are needed")
}

/// Reads a folder and the folders in it.
pub(crate) fn read_folder(path: &Path) -> Result<CertFolder, Finding> {
    let refused = |error: &dyn std::fmt::Display| {
        let message = format!("cannot read the folder {}: {error}", path.display());
        codes::CERTS_FOLDER.finding(message)
    };
    let folder = Folder::open(path).map_err(|error| refused(&error))?;
    let mut on_disk = CertFolder::default();
    let names = folder.list_names("").map_err(|error| refused(&error))?;
    // The files of a mounted Secret are links into folders whose names begin with a dot.
    for name in names.into_iter().filter(|name| !name.starts_with('.')) {
        match file_role(&name, None) {
            Some(role) => on_disk.read_file(&folder, &name, "", &role),
            None => read_subfolder(&mut on_disk, &folder, &name),
        }
    }
    Ok(on_disk)
}

/// Reads the folder of a Secret, if it is a folder.
fn read_subfolder(on_disk: &mut CertFolder, folder: &Folder, secret: &str) {
    match folder.list_names(secret) {
        Ok(names) => {
            for name in names {
                if let Some(role) = file_role(&name, Some(secret)) {
                    on_disk.read_file(folder, &format!("{secret}/{name}"), secret, &role);
                }
            }
        }
        Err(TreeError::Outside) => on_disk.note_unreadable(secret, TreeError::Outside),
        // A file of another kind is ignored.
        Err(_) => {}
    }
}

/// Returns the role of a file by its name, or `None` for other files.
fn file_role<'n>(name: &'n str, secret: Option<&'n str>) -> Option<FileRole<'n>> {
    let (stem, ending) = name.rsplit_once('.')?;
    match (stem, ending) {
        (_, "key") => Some(FileRole::Key),
        ("ca", "crt" | "pem") => Some(FileRole::Authority),
        (_, "crt" | "pem") => match secret {
            None => Some(FileRole::Own(stem)),
            Some(secret) => (stem == "tls").then_some(FileRole::Own(secret)),
        },
        _ => None,
    }
}
