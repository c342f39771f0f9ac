//! A packed chart as a tree with the files of its top folder that are used.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Component, Path};
use std::sync::Arc;

use flate2::read::GzDecoder;
use site_render::finding::Finding;
use site_render::tree::{EntryKind, Tree, TreeError, list_paths};

use super::{FILE_BYTES, FILES, SCHEMA, chart_error};

/// Helm's own limit on an unpacked chart.
const TOTAL_BYTES: u64 = 100 << 20;

/// The most entries of an archive. Real charts with nested subcharts have hundreds.
const ENTRIES: usize = 20_000;

/// The files of a chart that are used.
#[derive(Debug)]
pub(super) struct ChartArchive {
    files: BTreeMap<String, Arc<[u8]>>,
}

/// Reads an archive in one pass.
pub(super) fn open_archive(path: &Path) -> Result<ChartArchive, Box<Finding>> {
    let shown = path.display();
    let metadata = std::fs::metadata(path)
        .map_err(|error| chart_error(format!("cannot read the chart {shown}: {error}")))?;
    if !metadata.is_file() {
        let message = format!("the chart {shown} is neither a folder nor a regular file");
        return Err(chart_error(message));
    }
    let file =
        File::open(path).map_err(|error| chart_error(format!("cannot read {shown}: {error}")))?;
    unpack(file, &shown.to_string())
}

/// Unpacks an archive; `shown` is its path for messages.
pub(super) fn unpack(file: impl Read, shown: &str) -> Result<ChartArchive, Box<Finding>> {
    let files = unpack_files(file).map_err(|error| {
        let message = format!("{shown} is not a valid chart archive: {error}");
        Box::new((*chart_error(message)).hint("use a folder, or a .tgz from `helm pull`"))
    })?;
    Ok(ChartArchive { files })
}

/// Returns whether a file of a chart, or of a subchart in it, has values or describes them.
fn is_of_values(path: &str) -> bool {
    let Some(below) = path.strip_prefix("charts/") else { return FILES.contains(&path) };
    match below.split_once('/') {
        None => below.strip_suffix(".tgz").is_some(),
        Some((_, rest)) => is_of_values(rest),
    }
}

/// Unpacks the used files and checks the limits of the others.
fn unpack_files(file: impl Read) -> io::Result<BTreeMap<String, Arc<[u8]>>> {
    // One byte more than allowed can be read, so that exceeding the limit is detected.
    let limited = GzDecoder::new(file).take(TOTAL_BYTES + 1);
    let mut archive = tar::Archive::new(limited);
    let mut files = BTreeMap::new();
    let mut top = None;
    for (count, entry) in archive.entries()?.enumerate() {
        let mut entry = entry?;
        if count >= ENTRIES {
            return Err(io::Error::other(format!("it has over {ENTRIES} entries")));
        }
        if entry.raw_file_position().saturating_add(entry.size()) > TOTAL_BYTES {
            let message = format!("it has over {TOTAL_BYTES} bytes when unpacked");
            return Err(io::Error::other(message));
        }
        let (folder, rest) = split_path(&entry.path()?)?;
        if *top.get_or_insert_with(|| folder.clone()) != folder {
            return Err(io::Error::other("it has several top folders"));
        }
        if rest != SCHEMA && !is_of_values(&rest) {
            continue;
        }
        if !entry.header().entry_type().is_file() {
            return Err(io::Error::other(format!("{rest} is not a regular file")));
        }
        if entry.size() > FILE_BYTES {
            return Err(io::Error::other(format!("{rest} has over {FILE_BYTES} bytes")));
        }
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes)?;
        files.insert(rest, bytes.into());
    }
    Ok(files)
}

/// Returns an entry's top folder and its path below that.
fn split_path(path: &Path) -> io::Result<(String, String)> {
    let mut parts = Vec::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::Normal(part) => parts.push(part.to_string_lossy()),
            _ => {
                let message = format!("the entry {} leads outside of it", path.display());
                return Err(io::Error::other(message));
            }
        }
    }
    match parts.split_first() {
        Some((top, rest)) => Ok((top.to_string(), rest.join("/"))),
        None => Ok((String::new(), String::new())),
    }
}

impl Tree for ChartArchive {
    fn read(&self, path: &str, limit: u64) -> Result<Arc<[u8]>, TreeError> {
        let bytes = self.files.get(path).ok_or(TreeError::Missing)?;
        let size = bytes.len() as u64;
        if size > limit {
            return Err(TreeError::TooLarge { size, limit });
        }
        Ok(bytes.clone())
    }

    fn list(&self, folder: &str) -> Result<Vec<(String, EntryKind)>, TreeError> {
        list_paths(self.files.keys().map(String::as_str), folder)
    }
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn pack(entries: &[(&str, tar::EntryType, &[u8])]) -> Vec<u8> {
        let mut builder = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
        for (path, kind, bytes) in entries {
            let mut header = tar::Header::new_ustar();
            // Written by hand: the crate itself refuses to write a path that leads out.
            header.as_mut_bytes()[..path.len()].copy_from_slice(path.as_bytes());
            header.set_entry_type(*kind);
            header.set_size(bytes.len() as u64);
            header.set_cksum();
            builder.append(&header, *bytes).unwrap();
        }
        builder.into_inner().unwrap().finish().unwrap()
    }

    const FILE: tar::EntryType = tar::EntryType::Regular;

    fn error(entries: &[(&str, tar::EntryType, &[u8])]) -> String {
        unpack_files(pack(entries).as_slice()).unwrap_err().to_string()
    }

    #[test]
    fn the_files_of_values_are_kept_and_no_others() {
        let packed = pack(&[
            ("web/Chart.yaml", FILE, b"name: x"),
            ("./web/values.yaml", FILE, b"a: 1"),
            ("web/templates/x.yaml", FILE, b"c: 1"),
            ("web/charts/cache/values.yaml", FILE, b"b: 1"),
            ("web/charts/cache/values.schema.json", FILE, b"{}"),
            ("web/charts/cache/charts/more/Chart.yaml", FILE, b"name: y"),
            ("web/charts/other.tgz", FILE, b""),
            ("web/charts/README.md", FILE, b""),
        ]);
        let files = unpack_files(packed.as_slice()).unwrap();
        let names: Vec<_> = files.keys().map(String::as_str).collect();
        let below = ["cache/charts/more/Chart.yaml", "cache/values.yaml", "other.tgz"];
        let below = below.map(|path| format!("charts/{path}"));
        assert_eq!(names, ["Chart.yaml", &*below[0], &*below[1], &*below[2], "values.yaml"]);
        assert_eq!(&*files["values.yaml"], b"a: 1");
    }

    #[test]
    fn paths_that_lead_out_are_refused() {
        for path in ["../Chart.yaml", "/etc/Chart.yaml", "x/../../Chart.yaml"] {
            assert!(error(&[(path, FILE, b"")]).contains("leads out"), "{path}");
        }
        let two = error(&[("a/Chart.yaml", FILE, b""), ("b/values.yaml", FILE, b"")]);
        assert_eq!(two, "it has several top folders");
    }

    #[test]
    fn a_link_in_place_of_a_file_is_refused() {
        let message = error(&[("a/values.yaml", tar::EntryType::Symlink, b"")]);
        assert_eq!(message, "values.yaml is not a regular file");
    }

    #[test]
    fn sizes_are_limited() {
        let large = vec![b' '; usize::try_from(FILE_BYTES).unwrap() + 1];
        assert!(error(&[("a/values.yaml", FILE, &large)]).contains("has over"));
        let many = vec![("a/x", FILE, b"".as_slice()); ENTRIES + 1];
        assert!(error(&many).contains("entries"));
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        let mut header = tar::Header::new_ustar();
        header.set_path("a/x").unwrap();
        header.set_size(1 << 40);
        header.set_cksum();
        io::Write::write_all(&mut packed, header.as_bytes()).unwrap();
        let bomb = packed.finish().unwrap();
        assert!(unpack_files(bomb.as_slice()).unwrap_err().to_string().contains("unpacked"));
    }

    #[test]
    fn what_is_no_archive_is_refused() {
        assert!(unpack_files(b"not an archive".as_slice()).is_err());
        let mut cut = pack(&[("a/values.yaml", FILE, &[b'x'; 4096])]);
        cut.truncate(cut.len() / 2);
        assert!(unpack_files(cut.as_slice()).is_err());
    }
}
