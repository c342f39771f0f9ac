//! Certificates in a folder: `SECRET.crt`, `SECRET.pem` or `SECRET/tls.crt` is the one of the
//! Secret of that name; `ca.crt` is the authority's, beside it or for all.
//!
//! The first certificate of a file counts, what follows is its chain; of an authority each
//! counts, for there are two while it is renewed. Links that leave the folder are not read.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use site_render::finding::Finding;
use site_render::tree::{Tree, TreeError};

use super::certificate::Certificate;
use super::moment::Moment;
use super::pem::{Block, blocks};
use super::wanted::Wanted;
use crate::codes;
use crate::folder::Folder;

/// The largest file of certificates, in bytes: a chain has some thousand.
const FILE_BYTES: u64 = 1 << 20;

/// What a folder holds.
#[derive(Debug, Default)]
pub(crate) struct Held {
    /// By the name of their Secret: the file, and its first certificate.
    certificates: BTreeMap<String, (String, Certificate)>,
    /// By the name of the Secret they stand beside; empty for all.
    authorities: BTreeMap<String, Vec<Certificate>>,
    /// What was noticed, and what could not be read.
    pub(crate) findings: Vec<Finding>,
}

/// Whose certificate a file is.
enum Part<'n> {
    Own(&'n str),
    Authority,
    Key,
}

impl Held {
    /// The certificate of a Secret; for an authority's also the one that stands for all.
    pub(super) fn of(&self, wanted: &Wanted) -> Option<(&str, &Certificate)> {
        let own = self.certificates.get(&wanted.secret).map(|(file, one)| (file.as_str(), one));
        let all = || self.authorities.get("")?.first().map(|one| ("ca.crt", one));
        own.or_else(|| all().filter(|_| wanted.is_ca))
    }

    /// The authorities that may have issued a Secret's certificate, if any is at hand.
    pub(super) fn authorities(&self, secret: &str) -> Option<&[Certificate]> {
        let near = self.authorities.get(secret).or_else(|| self.authorities.get(""));
        near.map(Vec::as_slice)
    }

    /// Notes what belongs to no wanted certificate.
    pub(crate) fn strangers(&mut self, wanted: &[Wanted]) {
        let secrets: BTreeSet<&str> = wanted.iter().map(|one| one.secret.as_str()).collect();
        let strangers =
            self.certificates.iter().filter(|(name, _)| !secrets.contains(name.as_str()));
        self.findings.extend(strangers.map(|(name, (file, _))| {
            let message =
                format!("{file} is of no certificate that is issued: no Secret is called {name}");
            codes::CERTS_STRANGER.finding(message)
        }));
    }

    /// Notes the authorities that are over: no certificate of theirs is worth anything. Of
    /// several in a file one may be, while the next takes over.
    pub(crate) fn ended(&mut self, now: Moment) {
        for (secret, authorities) in &self.authorities {
            let Some(last) = authorities.iter().map(|one| one.not_after).max() else { continue };
            if now >= last {
                let beside = if secret.is_empty() { String::new() } else { format!("{secret}/") };
                let message = format!("the authority of {beside}ca.crt expired at {last}");
                let finding = codes::CERTS_AUTHORITY_EXPIRED.finding(message);
                self.findings
                    .push(finding.hint("what it issued is refused, whatever its own dates"));
            }
        }
    }

    fn note(&mut self, path: &str, why: impl std::fmt::Display) {
        let message = format!("{path} cannot be read: {why}");
        self.findings.push(codes::CERTS_UNREADABLE.finding(message));
    }

    /// Takes a file that stands under a name, in the folder of a Secret or in none.
    fn take(&mut self, tree: &Folder, path: &str, secret: &str, part: &Part<'_>) {
        if matches!(part, Part::Key) {
            return self.findings.push(key(path));
        }
        let bytes = match tree.read(path, FILE_BYTES) {
            Ok(bytes) => bytes,
            Err(error) => return self.note(path, error),
        };
        let Ok(text) = std::str::from_utf8(&bytes) else {
            return self.note(path, "it is not PEM, which is text");
        };
        let blocks = match blocks(text) {
            Ok(blocks) => blocks,
            Err(label) => return self.note(path, format!("its block {label} does not end")),
        };
        if blocks.iter().any(Block::is_key) {
            self.findings.push(key(path));
        }
        let pem = blocks.iter().filter(|block| block.label == "CERTIFICATE");
        let read: Result<Vec<_>, _> = pem.map(|block| Certificate::read(block.text)).collect();
        let read = match read {
            Ok(read) if read.is_empty() => return self.note(path, "there is no certificate in it"),
            Ok(read) => read,
            Err(error) => return self.note(path, format!("a certificate in it is none: {error}")),
        };
        match part {
            Part::Own(name) => self.own(name, path, read),
            _ => drop(self.authorities.insert(secret.to_owned(), read)),
        }
    }

    fn own(&mut self, name: &str, path: &str, read: Vec<Certificate>) {
        let Some(first) = read.into_iter().next() else { return };
        if let Some((other, _)) = self.certificates.get(name) {
            let message =
                format!("{other} and {path} are both of Secret {name}, and the first counts");
            self.findings.push(codes::CERTS_TWICE.finding(message));
        } else {
            self.certificates.insert(name.to_owned(), (path.to_owned(), first));
        }
    }
}

/// A private key is told and not read.
fn key(path: &str) -> Finding {
    let message = format!("{path} holds a private key, which has no business here");
    codes::CERTS_PRIVATE_KEY
        .finding(message)
        .hint("only certificates are needed; delete it, and think about who has read it")
}

/// Reads a folder and the folders in it.
pub(crate) fn read(path: &Path) -> Result<Held, Finding> {
    let refused = |error: &dyn std::fmt::Display| {
        let message = format!("cannot read the folder {}: {error}", path.display());
        codes::CERTS_FOLDER.finding(message)
    };
    let folder = Folder::open(path).map_err(|error| refused(&error))?;
    let mut held = Held::default();
    let names = folder.names("").map_err(|error| refused(&error))?;
    // A Secret that is mounted keeps its files behind links whose names begin with a dot.
    for name in names.into_iter().filter(|name| !name.starts_with('.')) {
        match part(&name, None) {
            Some(part) => held.take(&folder, &name, "", &part),
            None => below(&mut held, &folder, &name),
        }
    }
    Ok(held)
}

/// Reads the folder of a Secret, if it is a folder.
fn below(held: &mut Held, folder: &Folder, secret: &str) {
    match folder.names(secret) {
        Ok(names) => {
            for name in names {
                if let Some(part) = part(&name, Some(secret)) {
                    held.take(folder, &format!("{secret}/{name}"), secret, &part);
                }
            }
        }
        Err(TreeError::Outside) => held.note(secret, TreeError::Outside),
        // A file of another kind.
        Err(_) => {}
    }
}

/// What a file is by its name; nothing for one that is none of ours.
fn part<'n>(name: &'n str, secret: Option<&'n str>) -> Option<Part<'n>> {
    let (stem, ending) = name.rsplit_once('.')?;
    match (stem, ending) {
        (_, "key") => Some(Part::Key),
        ("ca", "crt" | "pem") => Some(Part::Authority),
        (_, "crt" | "pem") => match secret {
            None => Some(Part::Own(stem)),
            Some(secret) => (stem == "tls").then_some(Part::Own(secret)),
        },
        _ => None,
    }
}
