//! What External Secrets itself makes of the emitted objects, with keys that openssl writes.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use site_cmp_tests::{Scratch, built, peer};

use super::{object, with};

/// The program that `tests/peers/build` makes, and openssl.
fn peers() -> Option<PathBuf> {
    let found = built("peers/secrets-template");
    let found = peer("secrets-template", found, "build it with: tests/peers/build")?;
    let openssl = Command::new("openssl").arg("version").output().is_ok();
    let openssl = openssl.then(|| PathBuf::from("openssl"));
    peer("openssl", openssl, "apt-get install openssl").map(|_| found)
}

fn openssl(folder: &Path, words: &str) -> String {
    let output =
        Command::new("openssl").args(words.split(' ')).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{words}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// A pair as cert-manager would write it, its key in this encoding, and its authority.
struct Pair {
    certificate: String,
    key: String,
    authority: String,
}

fn pair(encoding: &str) -> Pair {
    let scratch = Scratch::new();
    let folder = scratch.outside();
    let new = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1";
    openssl(folder, &format!("{new} -subj /CN=mtls-ca -keyout ca.key -out ca.crt"));
    let signed = "-CA ca.crt -CAkey ca.key";
    openssl(folder, &format!("{new} {signed} -subj /CN=app -keyout tls.key -out tls.crt"));
    let form =
        if encoding == "PKCS1" { "ec -in tls.key" } else { "pkcs8 -topk8 -nocrypt -in tls.key" };
    Pair {
        certificate: openssl(folder, "x509 -in tls.crt"),
        key: openssl(folder, form),
        authority: openssl(folder, "x509 -in ca.crt"),
    }
}

/// The Secret that comes of the site's object of that name.
fn made(peer: &Path, fleet: &Scratch, name: &str, store: &Value) -> Value {
    let asked = json!({"externalSecret": object(fleet, name), "store": store});
    let mut child = Command::new(peer)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(asked.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn the_client_certificate_comes_out_whole_in_both_encodings() {
    let Some(peer) = peers() else { return };
    for (encoding, block) in [("PKCS1", "EC PRIVATE KEY"), ("PKCS8", "PRIVATE KEY")] {
        let pair = pair(encoding);
        assert!(pair.key.starts_with(&format!("-----BEGIN {block}-----")), "{}", pair.key);
        let fleet = with("site-secrets", &format!("{{mtls: {{keyEncoding: {encoding}}}}}"));
        // What is kept beside a file's own blocks stays outside.
        let both = [&*pair.certificate, &*pair.key].concat();
        for certificate in [&pair.certificate, &both] {
            let kept = json!({"tls.crt": certificate, "tls.key": both, "ca.crt": pair.authority});
            let store = json!({"dev/rax-dev-iad3/nautobot-mtls-client": kept});
            let secret = made(&peer, &fleet, "nautobot-mtls-client", &store);
            assert_eq!(secret["type"], "kubernetes.io/tls");
            let files = json!({
                "tls.crt": pair.certificate, "tls.key": pair.key, "ca.crt": pair.authority,
            });
            assert_eq!(secret["data"], files);
        }
    }
}

/// Why `mtls/encoding` is an error: nothing else would say so.
#[test]
fn a_filter_for_the_other_encoding_leaves_an_empty_key_in_silence() {
    let Some(peer) = peers() else { return };
    let pair = pair("PKCS8");
    let kept = json!({"tls.crt": pair.certificate, "tls.key": pair.key, "ca.crt": pair.authority});
    let store = json!({"dev/rax-dev-iad3/nautobot-mtls-client": kept});
    let secret = made(&peer, &Scratch::new(), "nautobot-mtls-client", &store);
    assert_eq!(secret["data"]["tls.key"], "");
}

#[test]
fn the_other_secrets_hold_the_keys_that_the_worker_reads() {
    let Some(peer) = peers() else { return };
    let fleet = Scratch::new();
    let store = json!({
        "dev/nautobot-django": {"NAUTOBOT_SECRET_KEY": "d"},
        "dev/nautobot-db": {"password": "p{{ not a template }}"},
        "dev/nautobot-redis": {"redis-password": "r"},
        "dev/dockerconfigjson-github-com": {".dockerconfigjson": "{\"auths\":{}}"},
        "dev/rax-dev-iad3/nautobot-custom-env": {"A": "1", "B": "2"},
    });
    for (name, kind, data) in [
        ("nautobot-django", "Opaque", json!({"NAUTOBOT_SECRET_KEY": "d"})),
        ("nautobot-db", "Opaque", json!({"username": "app", "password": "p{{ not a template }}"})),
        ("nautobot-worker-redis", "Opaque", json!({"redis-password": "r"})),
        (
            "dockerconfigjson-github-com",
            "kubernetes.io/dockerconfigjson",
            json!({".dockerconfigjson": "{\"auths\":{}}"}),
        ),
        ("nautobot-custom-env", "Opaque", json!({"A": "1", "B": "2"})),
    ] {
        let secret = made(&peer, &fleet, name, &store);
        assert_eq!((&secret["type"], &secret["data"]), (&json!(kind), &data), "{name}");
    }
}
