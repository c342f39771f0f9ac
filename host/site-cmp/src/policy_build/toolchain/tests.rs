use std::fs;

use super::{BuildError, Toolchain};

fn touch(path: &std::path::Path) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, "").unwrap();
}

#[test]
fn a_sysroot_with_the_target_is_enough() {
    let folder = tempfile::tempdir().unwrap();
    let sysroot = folder.path().to_path_buf();
    assert_eq!(Toolchain::with_target(sysroot.clone()), None);
    fs::create_dir_all(sysroot.join("lib/rustlib/wasm32-unknown-unknown")).unwrap();
    let toolchain = Toolchain::with_target(sysroot).unwrap();
    assert!(toolchain.from_source.is_none());
}

#[test]
fn debian_needs_compiler_cargo_source_and_linker() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let path = root.join("usr/bin").into_os_string();
    let find = || Toolchain::of_debian(root, &path);
    for file in ["usr/bin/rustc", "usr/bin/cargo", "usr/bin/wasm-ld-19"] {
        assert_eq!(find(), None);
        touch(&root.join(file));
    }
    assert_eq!(find(), None);
    fs::create_dir_all(root.join("usr/lib/rustlib/src/rust/library")).unwrap();
    let from_source = find().unwrap().from_source.unwrap();
    assert_eq!(from_source.linker, root.join("usr/bin/wasm-ld-19"));
    assert_eq!(from_source.rustc, root.join("usr/bin/rustc"));
}

#[test]
fn the_error_says_what_to_run() {
    let text = BuildError::NoToolchain.to_string();
    assert!(text.contains("`rustup target add wasm32-unknown-unknown`"));
    assert!(text.contains(
        "apt-get install --no-install-recommends rustc-web cargo-web rust-web-src lld-19"
    ));
}
