//! An authority as the real openssl keeps it, and the certificates that it issues.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use site_cmp_tests::openssl;
use tempfile::TempDir;

use super::BEGIN;

/// A folder with the key and the certificate of an authority.
pub(super) struct Authority {
    folder: TempDir,
    name: &'static str,
}

/// What is asked of a certificate; the default is what the example fleet asks for.
pub(super) struct Asked {
    pub(super) name: &'static str,
    /// As `openssl genpkey` is told.
    pub(super) key: &'static [&'static str],
    /// Its extensions, a line each.
    pub(super) extensions: &'static str,
    pub(super) begin: &'static str,
    pub(super) end: &'static str,
}

impl Default for Asked {
    fn default() -> Self {
        Self {
            name: "app",
            key: P256,
            extensions: "basicConstraints=critical,CA:FALSE\nextendedKeyUsage=clientAuth",
            begin: BEGIN,
            end: "20281231000000Z",
        }
    }
}

pub(super) const P256: &[&str] = &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];

const CONFIG: &str = "[ca]\ndefault_ca=own\n[own]\ndatabase=index\nrand_serial=yes\ndefault_md=sha256\npolicy=any\nunique_subject=no\nnew_certs_dir=.\n[any]\ncommonName=supplied\n[req]\ndistinguished_name=any\n";

impl Authority {
    /// An authority of this name; none where openssl is missing.
    pub(super) fn new(name: &'static str) -> Option<Self> {
        openssl()?;
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("config"), CONFIG).unwrap();
        fs::write(folder.path().join("index"), "").unwrap();
        let authority = Self { folder, name };
        let own = Asked {
            name,
            extensions: "basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign",
            end: "20351231000000Z",
            ..Asked::default()
        };
        authority.issue_to(&authority.folder.path().join("ca.crt"), &own, true);
        Some(authority)
    }

    /// Its own certificate.
    pub(super) fn certificate(&self) -> PathBuf {
        self.folder.path().join("ca.crt")
    }

    /// The key of what it issued last.
    pub(super) fn last_key(&self) -> PathBuf {
        self.folder.path().join("key")
    }

    /// Issues a certificate into a file.
    pub(super) fn issue(&self, file: &Path, asked: &Asked) {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        self.issue_to(file, asked, false);
    }

    fn issue_to(&self, file: &Path, asked: &Asked, itself: bool) {
        let key = if itself { "ca.key" } else { "key" };
        let subject = format!("/CN={}", asked.name);
        fs::write(self.folder.path().join("extensions"), asked.extensions).unwrap();
        self.openssl(&[&["genpkey", "-out", key][..], asked.key].concat());
        self.openssl(&[
            "req", "-new", "-config", "config", "-key", key, "-subj", &subject, "-out", "request",
        ]);
        let mut words = vec!["ca", "-batch", "-notext", "-config", "config", "-in", "request"];
        words.extend(["-extfile", "extensions", "-startdate", asked.begin, "-enddate", asked.end]);
        words.extend(["-keyfile", "ca.key", "-out", file.to_str().unwrap()]);
        words.extend(if itself { &["-selfsign"][..] } else { &["-cert", "ca.crt"] });
        self.openssl(&words);
    }

    fn openssl(&self, words: &[&str]) {
        let output = Command::new("openssl").args(words).current_dir(self.folder.path()).output();
        let output = output.unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: openssl {words:?}: {said}", self.name);
    }
}
