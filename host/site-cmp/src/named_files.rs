//! Reads the files and folders that a user names on the command line.

use std::path::Path;
use std::sync::Arc;

use site_render::finding::{Code, Finding};
use site_render::origin::SourceFile;
use site_render::tree::{Tree, TreeError};
use site_render::yaml;

use crate::codes;
use crate::folder::{Folder, read_limited, read_named};

/// The size limit of a named text file. Profiles and values files that people write are
/// far smaller.
pub(crate) const TEXT_BYTES: u64 = 8 << 20;

/// Reads a YAML file as text; an error has this code.
pub(crate) fn read_source(
    path: &Path,
    code: &'static Code,
) -> Result<Arc<SourceFile>, Box<Finding>> {
    let name = path.to_string_lossy();
    let bytes =
        read_named(path, TEXT_BYTES).map_err(|error| code.finding(format!("{name}: {error}")))?;
    yaml::decode(&name, &bytes)
}

/// Reads a file, or standard input for `-`.
pub(crate) fn read_file_or_stdin(file: &Path, limit: u64) -> Result<Vec<u8>, TreeError> {
    if file != Path::new("-") {
        return read_named(file, limit);
    }
    read_limited(std::io::stdin().lock(), limit)
}

/// Opens a folder as a tree.
pub(crate) fn open_folder(path: &Path) -> Result<Arc<dyn Tree>, Box<Finding>> {
    let folder = Folder::open(path).map_err(|error| {
        let message = format!("cannot open the folder {}: {error}", path.display());
        codes::SOURCES_FOLDER.finding(message)
    })?;
    Ok(Arc::new(folder))
}
