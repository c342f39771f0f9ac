//! Repositories that the servers are sent: the example fleet amid files of other teams.
//!
//! The files are made from a counter, the same ones on every machine. Their text holds
//! enough random words that gzip takes about 2.7 to 1, as it does of a repo of manifests.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use site_cmp_tests::Scratch;

/// Folders of others, before the fleet in the order of an archive and after it.
const OTHERS: [&str; 6] =
    ["applications", "charts", "documents", "monitoring", "platform", "zones"];
/// Files a folder.
const A_FOLDER: usize = 25;

/// A repository around a fleet: others' files until it has this many files and bytes.
pub(crate) fn repository(scratch: Scratch, files: usize, bytes: usize) -> Scratch {
    let (mut count, mut size) = (0, 0);
    measure(&scratch.path(), &mut count, &mut size);
    let others = files.saturating_sub(count).max(1);
    let each = bytes.saturating_sub(size) / others;
    let mut words = Words(0x9e37_79b9_7f4a_7c15);
    for number in 0..others {
        let folder = format!("{}/team-{}", OTHERS[number % OTHERS.len()], number / A_FOLDER / 6);
        let folder = scratch.outside().join(folder);
        fs::create_dir_all(&folder).expect("a folder can be made");
        fs::write(folder.join(format!("object-{number}.yaml")), words.text(each))
            .expect("a file can be written");
    }
    scratch
}

fn measure(folder: &Path, count: &mut usize, size: &mut usize) {
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path: PathBuf = entry.expect("the folder can be read").path();
        if path.is_dir() {
            measure(&path, count, size);
        } else {
            *count += 1;
            *size += fs::read(&path).expect("the file can be read").len();
        }
    }
}

/// Words out of a xorshift generator.
struct Words(u64);

impl Words {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// Lines of YAML, about this many bytes.
    fn text(&mut self, bytes: usize) -> String {
        const KEYS: [&str; 8] =
            ["name", "image", "digest", "checksum", "revision", "namespace", "value", "owner"];
        let mut text = String::with_capacity(bytes + 64);
        while text.len() < bytes {
            let (one, other) = (self.next(), self.next());
            let key = KEYS[usize::try_from(one >> 61).expect("three bits")];
            writeln!(text, "      - {key}: {other:016x}").expect("text grows");
        }
        text
    }
}
