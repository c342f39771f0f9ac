use std::fs;
use std::path::Path;

use super::{BuildError, component, source_digest, source_section, to_hex};

/// A package in a folder of its own with a path dependency beside it.
fn package(folder: &Path, crate_type: &str) {
    let write = |path: &str, text: &str| {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("contract/a.wit", "package a:b;");
    write(
        "sdk/Cargo.toml",
        "[package]\nname = \"sdk\"\nedition = \"2024\"\n[workspace]\n\
         [package.metadata.site-cmp]\nsources = [\"../contract\"]\n",
    );
    write("sdk/src/lib.rs", "");
    write(
        "mine/Cargo.toml",
        &format!(
            "[package]\nname = \"mine\"\nedition = \"2024\"\n[workspace]\n\
             [lib]\ncrate-type = [\"{crate_type}\"]\n\
             [dependencies]\nsdk = {{ path = \"../sdk\" }}\n"
        ),
    );
    write("mine/src/lib.rs", "");
    write("mine/README.md", "");
}

#[test]
fn the_source_digest_is_that_of_the_sources_wherever_they_are() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    package(one.path(), "cdylib");
    package(two.path(), "cdylib");
    let digest = |folder: &Path| source_digest(&folder.join("mine")).unwrap();
    let before = digest(one.path());
    assert_eq!(before, digest(two.path()));
    fs::write(one.path().join("mine/README.md"), "changed").unwrap();
    assert_eq!(before, digest(one.path()));
    for file in ["contract/a.wit", "sdk/src/lib.rs", "mine/Cargo.toml", "mine/src/lib.rs"] {
        let path = one.path().join(file);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, format!("{text}\n")).unwrap();
        assert_ne!(before, digest(one.path()), "{file}");
        fs::write(&path, text).unwrap();
    }
    fs::write(one.path().join("mine/src/new.rs"), "").unwrap();
    assert_ne!(before, digest(one.path()));
}

#[test]
fn a_folder_without_a_package_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let error = source_digest(folder.path()).unwrap_err();
    assert!(matches!(error, BuildError::Cargo { .. }), "{error}");
    let error = source_digest(&folder.path().join("none")).unwrap_err();
    assert!(matches!(error, BuildError::Io { .. }), "{error}");
}

#[test]
fn a_module_that_is_no_policy_is_refused() {
    for (module, reason) in
        [(&b"\0asm\x01\0\0\0"[..], "it exports no evaluation"), (b"no module", "is not a policy")]
    {
        let error = component::encode_component(module, "").unwrap_err();
        assert!(matches!(error, BuildError::Encode { .. }));
        assert!(error.to_string().contains(reason), "{error}");
    }
}

#[test]
fn the_stamp_is_read_back() {
    let digest = "0123456789abcdef".repeat(4);
    let mut component = b"\0asm\x0d\0\x01\0".to_vec();
    assert_eq!(source_section(&component), None);
    component::append_stamp(&mut component, &digest);
    assert_eq!(source_section(&component), Some(&*digest));
    assert_eq!(source_section(b"short"), None);
    assert_eq!(source_section(&[b'0'; 200]), None);
}

#[test]
fn hexadecimal_is_lower_case_and_whole() {
    assert_eq!(to_hex(&[0, 15, 16, 255]), "000f10ff");
}
