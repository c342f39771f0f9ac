//! What of the certificates at hand can be used, and until when.

use std::fs;
use std::path::PathBuf;

use site_cmp_tests::Scratch;

use super::authority::{Asked, Authority, P256};
use super::{CLIENTS, ENVIRONMENT, NOW, SECRET, from, line, one_site};

/// A fleet of one certificate, an authority, and a folder with that certificate as it is asked.
fn world(asked: &Asked) -> Option<(Scratch, Authority, PathBuf)> {
    let authority = Authority::new("mtls-ca")?;
    let fleet = one_site();
    let folder = fleet.outside().join("secrets");
    authority.issue(&folder.join(format!("{SECRET}.crt")), asked);
    fs::copy(authority.certificate(), folder.join("ca.crt")).unwrap();
    Some((fleet, authority, folder))
}

#[test]
fn the_state_of_a_certificate_is_that_of_the_moment() {
    let Some((fleet, _authority, folder)) = world(&Asked::default()) else { return };
    for (now, state, days, code) in [
        ("2025-12-31T23:59:59Z", "not yet valid", 1095, 1),
        ("2026-01-01T00:00:00Z", "ok", 1095, 0),
        (NOW, "ok", 944, 0),
        // renewBefore is 720 hours.
        ("2028-11-30T23:59:59Z", "ok", 30, 0),
        ("2028-12-01T00:00:00Z", "renewal due", 30, 0),
        ("2028-12-30T23:59:59Z", "renewal due", 0, 0),
        ("2028-12-31T00:00:00Z", "expired", 0, 1),
        ("2029-01-01T00:00:01+00:00", "expired", -2, 1),
    ] {
        let line = line(&fleet, &folder, now, SECRET);
        assert_eq!(
            (line["state"].as_str(), line["daysLeft"].as_i64()),
            (Some(state), Some(days)),
            "{now}"
        );
        assert_eq!(line["notBefore"], "2026-01-01T00:00:00Z");
        assert_eq!(line["notAfter"], "2028-12-31T00:00:00Z");
        assert_eq!(line["file"], format!("{SECRET}.crt"));
        assert_eq!(line["why"], serde_json::json!([]));
        assert_eq!(from(&fleet, &folder, now, &[]).code, Some(code), "{now}");
    }
}

#[test]
fn a_table_says_it_too_in_colour_where_that_is_wanted() {
    let Some((fleet, _authority, folder)) = world(&Asked::default()) else { return };
    let plain = from(&fleet, &folder, NOW, &[]).success();
    let row = format!(
        "dev          rax-dev-iad3  {SECRET}  2026-01-01T00:00:00Z  2028-12-31T00:00:00Z  944   ok"
    );
    assert_eq!(plain.stdout.lines().nth(1), Some(row.as_str()));
    let colours = from(&fleet, &folder, NOW, &["--color", "always"]).success().stdout;
    assert_eq!(colours.replace("\u{1b}[32m", "").replace("\u{1b}[0m", ""), plain.stdout);
    assert_ne!(colours, plain.stdout);
}

#[test]
fn another_certificate_than_the_one_asked_for_does_not_match() {
    let rsa = &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"];
    let p384 = &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"];
    let server = "basicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth";
    let both = "basicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth,clientAuth";
    for (asked, why) in [
        (Asked { name: "other", ..Asked::default() }, "its CN is other"),
        (Asked { key: rsa, ..Asked::default() }, "its key is RSA 2048"),
        (Asked { key: p384, ..Asked::default() }, "its key is ECDSA 384"),
        (Asked { key: &["-algorithm", "ED25519"], ..Asked::default() }, "its key is Ed25519"),
        (Asked { extensions: server, ..Asked::default() }, "it is for server auth"),
        (Asked { extensions: both, ..Asked::default() }, "it is for client auth, server auth"),
        (Asked { extensions: "basicConstraints=CA:FALSE", ..Asked::default() }, "it is for none"),
        (
            Asked {
                extensions: "basicConstraints=CA:TRUE\nextendedKeyUsage=clientAuth",
                ..Asked::default()
            },
            "it is a CA",
        ),
        (
            Asked { end: "20260130000000Z", ..Asked::default() },
            "its lifetime of 696 h is not longer than its renewal window",
        ),
    ] {
        let Some((fleet, _authority, folder)) = world(&asked) else { return };
        let line = line(&fleet, &folder, "2026-01-02T00:00:00Z", SECRET);
        assert_eq!(line["state"], "does not match", "{why}: {line}");
        assert_eq!(line["why"], serde_json::json!([why]));
        let output = from(&fleet, &folder, "2026-01-02T00:00:00Z", &[]);
        assert_eq!(output.code, Some(1));
        assert!(output.stdout.contains(&format!("does not match: {why}")), "{}", output.stdout);
    }
}

#[test]
fn a_certificate_of_another_authority_does_not_match_even_if_that_has_the_same_name() {
    let Some((fleet, _authority, folder)) = world(&Asked::default()) else { return };
    for name in ["mtls-ca", "another"] {
        let Some(other) = Authority::new(name) else { return };
        fs::copy(other.certificate(), folder.join("ca.crt")).unwrap();
        let line = line(&fleet, &folder, NOW, SECRET);
        assert_eq!(line["why"], serde_json::json!(["ca.crt did not issue it"]), "{name}");
    }
    // Without an authority at hand nobody can say.
    fs::remove_file(folder.join("ca.crt")).unwrap();
    assert_eq!(line(&fleet, &folder, NOW, SECRET)["state"], "ok");
}

#[test]
fn while_an_authority_is_renewed_either_may_have_issued_it() {
    let Some((fleet, authority, folder)) = world(&Asked::default()) else { return };
    let Some(next) = Authority::new("mtls-ca") else { return };
    let [old, new] = [&authority, &next].map(|one| fs::read_to_string(one.certificate()).unwrap());
    fs::write(folder.join("ca.crt"), format!("{new}{old}")).unwrap();
    assert_eq!(line(&fleet, &folder, NOW, SECRET)["state"], "ok");
    // The one beside a certificate is nearer than the one for all.
    fs::remove_file(folder.join(format!("{SECRET}.crt"))).unwrap();
    next.issue(&folder.join(SECRET).join("tls.crt"), &Asked::default());
    fs::write(folder.join("ca.crt"), old).unwrap();
    assert_eq!(line(&fleet, &folder, NOW, SECRET)["state"], "does not match");
    fs::write(folder.join(SECRET).join("ca.crt"), new).unwrap();
    assert_eq!(line(&fleet, &folder, NOW, SECRET)["state"], "ok");
}

#[test]
fn an_authority_that_is_over_makes_all_worthless() {
    let Some((fleet, _authority, folder)) =
        world(&Asked { end: "20401231000000Z", ..Asked::default() })
    else {
        return;
    };
    from(&fleet, &folder, "2035-01-01T00:00:00Z", &[]).success();
    let late = from(&fleet, &folder, "2036-01-01T00:00:00Z", &[]);
    assert_eq!(late.code, Some(1));
    late.says(&[
        "certs/authority-expired",
        "the authority in ca.crt expired at 2035-12-31T00:00:00Z",
    ]);
}

#[test]
fn an_authority_that_the_fleet_makes_is_a_certificate_too() {
    let Some((fleet, authority, folder)) = world(&Asked::default()) else { return };
    let fleet = fleet.changed(ENVIRONMENT, CLIENTS, "mtls-clients: {authority: {}}\n");
    let found = line(&fleet, &folder, NOW, "mtls-ca");
    assert_eq!((found["state"].as_str(), found["file"].as_str()), (Some("ok"), Some("ca.crt")));
    assert_eq!(line(&fleet, &folder, "2035-12-01T00:00:00Z", "mtls-ca")["state"], "renewal due");
    let leaf = Asked {
        name: "mtls-ca",
        key: P256,
        extensions: "basicConstraints=CA:FALSE",
        end: "20351231000000Z",
        ..Asked::default()
    };
    authority.issue(&folder.join("mtls-ca.crt"), &leaf);
    assert_eq!(line(&fleet, &folder, NOW, "mtls-ca")["why"], serde_json::json!(["it is not a CA"]));
}

#[test]
fn without_a_moment_the_clock_counts() {
    let Some((fleet, _authority, folder)) =
        world(&Asked { end: "20260701000000Z", ..Asked::default() })
    else {
        return;
    };
    let words = ["certs", "--from", folder.to_str().unwrap(), "-o", "json"];
    let output = crate::cmp().args(words).dir(fleet.path()).run();
    assert!(output.stdout.contains("\"daysLeft\""), "{}", output.stdout);
}
