//! Folders that hold what they should not.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command as Process;

use site_cmp_tests::{Output, Scratch};

use super::authority::{Asked, Authority};
use super::{CLIENTS, ENVIRONMENT, NOW, SECRET, certs, from, line, one_site};

/// What is said of a folder in which one file stands.
fn said(file: &str, content: &[u8]) -> Output {
    let fleet = one_site();
    let folder = fleet.outside().join("secrets");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join(file), content).unwrap();
    let output = from(&fleet, &folder, NOW, &[]);
    assert_eq!(output.code, Some(1), "{}", output.stderr);
    assert!(output.stdout.contains("missing"), "{}", output.stdout);
    output
}

#[test]
fn what_is_no_certificate_is_told_by_its_file() {
    let own = format!("{SECRET}.crt");
    for (content, why) in [
        (&b"hello"[..], "it contains no certificate"),
        (b"", "it contains no certificate"),
        (b"\xff\xfe\x00", "it is not PEM: PEM is text"),
        (b"-----BEGIN CERTIFICATE-----\nMIIB", "its block CERTIFICATE has no end line"),
        (
            b"-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n",
            "it contains an invalid certificate",
        ),
        (
            b"-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n",
            "it contains an invalid certificate",
        ),
        (
            b"-----BEGIN PUBLIC KEY-----\nMAA=\n-----END PUBLIC KEY-----\n",
            "it contains no certificate",
        ),
    ] {
        said(&own, content).says(&["certs/unreadable", &own, why]);
    }
    let large = vec![b' '; 50 << 20];
    said(&own, &large).says(&["52428800 bytes, more than the 1048576 allowed"]);
}

#[test]
fn a_private_key_is_told_and_never_shown() {
    let Some(authority) = Authority::new("mtls-ca") else { return };
    let fleet = one_site();
    let folder = fleet.outside().join("secrets");
    authority.issue(&folder.join(SECRET).join("tls.crt"), &Asked::default());
    let key = fs::read_to_string(authority.last_key()).unwrap();
    let secret = key.lines().nth(1).unwrap();
    fs::write(folder.join(SECRET).join("tls.key"), &key).unwrap();
    let own = folder.join(SECRET).join("tls.crt");
    let both = format!("{key}{}", fs::read_to_string(&own).unwrap());
    fs::write(&own, both).unwrap();
    let output = from(&fleet, &folder, NOW, &[]).success();
    assert!(!output.stderr.contains(secret) && !output.stdout.contains(secret));
    for file in ["tls.crt", "tls.key"] {
        let told = format!("{SECRET}/{file} contains a private key, which must not be here");
        assert!(output.stderr.contains(&told), "{}", output.stderr);
    }
    assert!(output.stderr.contains("[certs/private-key]"), "{}", output.stderr);
}

#[test]
fn of_several_certificates_in_a_file_the_first_counts() {
    let Some(authority) = Authority::new("mtls-ca") else { return };
    let fleet = one_site();
    let folder = fleet.outside().join("secrets");
    let file = folder.join(format!("{SECRET}.pem"));
    authority.issue(&file, &Asked::default());
    let own = fs::read_to_string(&file).unwrap();
    let chain = fs::read_to_string(authority.certificate()).unwrap();
    fs::write(
        &file,
        format!("subject=app\n{own}\nissuer=mtls-ca\r\n{}", chain.replace('\n', "\r\n")),
    )
    .unwrap();
    assert_eq!(line(&fleet, &folder, NOW, SECRET)["state"], "ok");
    fs::write(&file, format!("{chain}{own}")).unwrap();
    let line = line(&fleet, &folder, NOW, SECRET);
    assert_eq!(line["why"][0], "its CN is mtls-ca", "{line}");
}

#[test]
fn a_file_for_nobody_and_a_second_file_are_told() {
    let Some(authority) = Authority::new("mtls-ca") else { return };
    let fleet = one_site();
    let folder = fleet.outside().join("secrets");
    for file in [format!("{SECRET}.crt"), format!("{SECRET}/tls.crt"), "old-site.crt".to_owned()] {
        authority.issue(&folder.join(file), &Asked::default());
    }
    from(&fleet, &folder, NOW, &[]).success().says(&[
        "warning[certs/stranger]: old-site.crt belongs to no issued certificate",
        "warning[certs/twice]",
        "both belong to Secret",
    ]);
}

#[test]
fn a_secret_as_it_is_mounted_is_read_once() {
    let Some(authority) = Authority::new("mtls-ca") else { return };
    let fleet = one_site();
    let folder = fleet.outside().join("secrets");
    let mounted = folder.join(SECRET);
    authority.issue(&mounted.join("..2026/tls.crt"), &Asked::default());
    symlink("..2026", mounted.join("..data")).unwrap();
    symlink("..data/tls.crt", mounted.join("tls.crt")).unwrap();
    let output = from(&fleet, &folder, NOW, &[]).success();
    assert!(!output.stderr.contains("certs/"), "{}", output.stderr);
}

#[test]
fn no_link_leads_out_of_the_folder_and_no_pipe_is_opened() {
    let fleet = one_site();
    let folder = fleet.outside().join("secrets");
    fs::create_dir(&folder).unwrap();
    symlink("/etc/hostname", folder.join("a.crt")).unwrap();
    symlink("/etc", folder.join("etc")).unwrap();
    symlink("nowhere", folder.join("broken.crt")).unwrap();
    assert!(Process::new("mkfifo").arg(folder.join("pipe.pem")).status().unwrap().success());
    let output = from(&fleet, &folder, NOW, &[]);
    assert_eq!(output.code, Some(1));
    output.says(&[
        "a.crt cannot be read: the path leaves the tree",
        "etc cannot be read: the path leaves the tree",
        "broken.crt cannot be read: the file does not exist",
        "pipe.pem cannot be read: it is not a regular file",
    ]);
}

#[test]
fn a_folder_that_is_not_there_and_a_moment_that_is_none_are_refused() {
    let fleet = one_site();
    let file = fleet.path().join("policies.lock");
    for folder in [Path::new("/nowhere/at/all"), &file] {
        from(&fleet, folder, NOW, &[]).failure(1).says(&["certs/folder", "cannot read the folder"]);
    }
    from(&fleet, Path::new("."), "tomorrow", &[]).failure(2).says(&["2026-11-25T04:30:00Z"]);
    certs(&fleet, &["--now", NOW]).failure(2).says(&["--from"]);
}

#[test]
fn a_secret_that_two_environments_issue_needs_one_of_them_named() {
    let dev = fs::read_to_string(Scratch::new().path().join(ENVIRONMENT)).unwrap();
    let (_, global) = dev.split_once("    # What dev's global").unwrap();
    let global =
        global.replace(CLIENTS, "mtls-clients: {name: \"same-{{site}}\", authority: {}}\n");
    let path = "environments/prod/environment.yaml";
    let without = Scratch::new().without_global("prod");
    let prod = fs::read_to_string(without.path().join(path)).unwrap();
    let fleet = Scratch::new()
        .with(path, format!("{prod}    # What dev's global{global}"))
        .changed(ENVIRONMENT, CLIENTS, "mtls-clients: {authority: {}}\n");
    let folder = fleet.outside().join("secrets");
    fs::create_dir(&folder).unwrap();
    let told = "environments dev and prod both issue a Secret mtls-ca";
    from(&fleet, &folder, NOW, &[]).says(&["certs/ambiguous", told]);
    let one = from(&fleet, &folder, NOW, &["--environment", "prod"]);
    assert!(!one.stderr.contains("certs/ambiguous"), "{}", one.stderr);
}
