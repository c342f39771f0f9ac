use std::os::fd::AsFd as _;

use super::*;
use crate::archive::{ArchiveWriter, Node};

/// Opens an archive of that many folders and bytes.
fn open(fleets: &mut Fleets, name: u8, folders: usize, bytes: usize) {
    let mut writer = ArchiveWriter::create().unwrap();
    let lock = writer.add_content(&mut vec![name; bytes].as_slice()).unwrap();
    writer.insert_node(LOCK_FILE, lock).unwrap();
    for at in 0..folders {
        writer.insert_node(&format!("{at}/x"), Node::Large(1)).unwrap();
    }
    let file = writer.finish().unwrap();
    fleets.open_archive([name; 32], file.as_fd().try_clone_to_owned().unwrap()).unwrap();
}

fn names(fleets: &Fleets) -> Vec<u8> {
    fleets.0.iter().map(|archive| archive.id.0[0]).collect()
}

#[test]
fn a_large_archive_is_kept_until_another_is_opened() {
    let mut fleets = Fleets::default();
    let many = usize::try_from(KEPT_BYTES).unwrap() / 800;
    open(&mut fleets, 1, 10, 10);
    open(&mut fleets, 2, many, 10);
    assert_eq!(names(&fleets), [2, 1]);
    fleets.trim();
    assert_eq!(names(&fleets), [2], "its own sites come again");
    open(&mut fleets, 3, 10, 10);
    assert_eq!(names(&fleets), [3]);
    open(&mut fleets, 4, 10, 10);
    fleets.trim();
    assert_eq!(names(&fleets), [4, 3]);
}

#[test]
fn files_are_kept_only_while_all_of_them_are_small() {
    let mut fleets = Fleets::default();
    let third = usize::try_from(KEPT_FILE_BYTES / 3).unwrap();
    for name in 1..=4 {
        open(&mut fleets, name, 1, third - (1 << 20));
        fleets.trim();
    }
    assert_eq!(names(&fleets), [4, 3, 2]);
    open(&mut fleets, 5, 1, 4 * third);
    fleets.trim();
    assert_eq!(names(&fleets), [0; 0], "the server may have evicted it");
}
