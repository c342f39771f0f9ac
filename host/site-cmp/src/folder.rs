//! A local folder as a tree of files.
//!
//! The author of the folder is not trusted: a path or a link never leads outside of it, a pipe
//! or a device is never opened, and a file that is larger than its limit is not read.

use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use cap_std::ambient_authority;
use cap_std::fs::{Dir, FileType, Metadata};
use site_render::tree::{EntryKind, Tree, TreeError, clean};

/// An open folder, which stays the same even if its path is renamed meanwhile.
#[derive(Debug)]
pub struct Folder {
    dir: Dir,
}

impl Folder {
    /// Opens a folder named by the user and follows links.
    pub fn open(path: &Path) -> io::Result<Self> {
        let dir = Dir::open_ambient_dir(path, ambient_authority())?;
        Ok(Self { dir })
    }
}

impl Folder {
    /// Lists all UTF-8 names in a subfolder, sorted, broken links included.
    pub(crate) fn list_names(&self, folder: &str) -> Result<Vec<String>, TreeError> {
        let folder = if folder.is_empty() { "." } else { clean(folder)? };
        let entries = self.dir.read_dir(folder).map_err(tree_error)?;
        let names = entries.map(|entry| entry.map(|entry| entry.file_name().into_string()));
        let names: io::Result<Vec<_>> = names.collect();
        let mut names: Vec<String> =
            names.map_err(tree_error)?.into_iter().filter_map(Result::ok).collect();
        names.sort_unstable();
        Ok(names)
    }
}

impl Tree for Folder {
    fn read(&self, path: &str, limit: u64) -> Result<Arc<[u8]>, TreeError> {
        let path = clean(path)?;
        // Checked before opening: opening a pipe blocks, and opening a device may have effects.
        check_file(&self.dir.metadata(path).map_err(tree_error)?, limit)?;
        let file = self.dir.open(path).map_err(tree_error)?;
        check_file(&file.metadata().map_err(tree_error)?, limit)?;
        read_limited(file, limit).map(Arc::from)
    }

    fn list(&self, folder: &str) -> Result<Vec<(String, EntryKind)>, TreeError> {
        let folder = if folder.is_empty() { "." } else { clean(folder)? };
        let mut names = Vec::new();
        for entry in self.dir.read_dir(folder).map_err(tree_error)? {
            let entry = entry.map_err(tree_error)?;
            // Paths of a tree are UTF-8, so no render could read any other name.
            let name = entry.file_name().into_string();
            let name =
                name.map_err(|name| TreeError::not_utf8(name.as_encoded_bytes().escape_ascii()))?;
            let own = entry.file_type().map_err(tree_error)?;
            let target = own.is_symlink().then(|| self.dir.metadata(Path::new(folder).join(&name)));
            let kind = match target {
                Some(Ok(meta)) => entry_kind(meta.file_type()),
                Some(Err(_leads_nowhere)) => EntryKind::Unreadable,
                None => entry_kind(own),
            };
            names.push((name, kind));
        }
        names.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        Ok(names)
    }

    fn link(&self, path: &str) -> Option<String> {
        let target = self.dir.read_link_contents(clean(path).ok()?).ok()?;
        target.into_os_string().into_string().ok()
    }
}

/// Reads a file that the user named on the command line. Links are followed anywhere; the other
/// rules are those of a tree.
pub fn read_named(path: &Path, limit: u64) -> Result<Vec<u8>, TreeError> {
    let meta = std::fs::metadata(path).map_err(tree_error)?;
    check_file(&Metadata::from_just_metadata(meta), limit)?;
    read_limited(std::fs::File::open(path).map_err(tree_error)?, limit)
}

/// Checks the type and the size of a file before it is read.
fn check_file(meta: &Metadata, limit: u64) -> Result<(), TreeError> {
    match entry_kind(meta.file_type()) {
        EntryKind::Unreadable => Err(TreeError::Special),
        EntryKind::Folder => Err(TreeError::Folder),
        EntryKind::File if meta.len() > limit => {
            Err(TreeError::TooLarge { size: meta.len(), limit })
        }
        EntryKind::File => Ok(()),
    }
}

/// Returns the kind of an entry that is not a link.
fn entry_kind(kind: FileType) -> EntryKind {
    if kind.is_file() {
        EntryKind::File
    } else if kind.is_dir() {
        EntryKind::Folder
    } else {
        EntryKind::Unreadable
    }
}

/// Reads all bytes of a file or stream. The limit applies here too, because a file may grow
/// after its size was read.
pub(crate) fn read_limited(file: impl Read, limit: u64) -> Result<Vec<u8>, TreeError> {
    let mut bytes = Vec::new();
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(tree_error)?;
    let size = bytes.len() as u64;
    if size > limit {
        return Err(TreeError::TooLarge { size, limit });
    }
    Ok(bytes)
}

/// Converts an I/O error.
#[expect(clippy::needless_pass_by_value, reason = "used in map_err")]
fn tree_error(error: io::Error) -> TreeError {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => TreeError::Missing,
        io::ErrorKind::IsADirectory => TreeError::Folder,
        // cap-std returns this kind without an OS error code for a path that leaves the folder.
        io::ErrorKind::PermissionDenied if error.raw_os_error().is_none() => TreeError::Outside,
        _ => TreeError::Unreadable(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;
    use std::process::Command;

    use super::*;

    fn tree() -> (tempfile::TempDir, Folder) {
        let root = tempfile::tempdir().unwrap();
        let inside = root.path().join("tree");
        std::fs::create_dir_all(inside.join("sites/a")).unwrap();
        std::fs::write(root.path().join("secret"), "no").unwrap();
        std::fs::write(inside.join("sites/a/profile.yaml"), "yes").unwrap();
        let folder = Folder::open(&inside).unwrap();
        (root, folder)
    }

    fn read(folder: &Folder, path: &str) -> Result<String, TreeError> {
        let bytes = folder.read(path, 100)?;
        Ok(String::from_utf8(bytes.to_vec()).unwrap())
    }

    #[test]
    fn files_and_links_inside_are_read() {
        let (root, folder) = tree();
        let inside = root.path().join("tree");
        symlink("profile.yaml", inside.join("sites/a/again.yaml")).unwrap();
        symlink("../sites/a", inside.join("sites/b")).unwrap();
        assert_eq!(read(&folder, "sites/a/profile.yaml").unwrap(), "yes");
        assert_eq!(read(&folder, "sites/a/again.yaml").unwrap(), "yes");
        assert_eq!(read(&folder, "sites/b/profile.yaml").unwrap(), "yes");
        assert_eq!(read(&folder, "sites/none"), Err(TreeError::Missing));
        assert_eq!(read(&folder, "sites/a/profile.yaml/x"), Err(TreeError::Missing));
        assert_eq!(read(&folder, "sites/a"), Err(TreeError::Folder));
        assert_eq!(folder.link("sites/b").as_deref(), Some("../sites/a"));
        for other in ["sites/a", "sites/a/profile.yaml", "sites/none", "../secret"] {
            assert_eq!(folder.link(other), None, "{other}");
        }
    }

    #[test]
    fn no_path_and_no_link_leads_out() {
        let (root, folder) = tree();
        let inside = root.path().join("tree");
        symlink("../secret", inside.join("relative")).unwrap();
        symlink(root.path().join("secret"), inside.join("absolute")).unwrap();
        symlink("../..", inside.join("sites/up")).unwrap();
        for path in [
            "../secret",
            "/etc/passwd",
            "sites/../sites/a/profile.yaml",
            "./sites",
            "sites//a",
            "",
            "relative",
            "absolute",
            "sites/up/secret",
        ] {
            assert_eq!(read(&folder, path), Err(TreeError::Outside), "{path}");
        }
        let names: Vec<_> = folder.list("").unwrap();
        let unreadable = |name: &str| (name.to_owned(), EntryKind::Unreadable);
        let sites = ("sites".to_owned(), EntryKind::Folder);
        assert_eq!(names, [unreadable("absolute"), unreadable("relative"), sites]);
    }

    #[test]
    fn pipes_and_sockets_are_never_opened() {
        let (root, folder) = tree();
        let inside = root.path().join("tree");
        let pipe = inside.join("pipe");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let _socket = UnixListener::bind(inside.join("socket")).unwrap();
        symlink("pipe", inside.join("to-pipe")).unwrap();
        for path in ["pipe", "socket", "to-pipe"] {
            assert_eq!(read(&folder, path), Err(TreeError::Special), "{path}");
        }
        assert_eq!(read_named(&pipe, 10), Err(TreeError::Special));
        let names = folder.list("").unwrap();
        let unreadable = names.iter().filter(|(_, kind)| *kind == EntryKind::Unreadable);
        assert_eq!(unreadable.count(), 3);
    }

    #[test]
    fn what_is_too_large_is_not_read() {
        let (_root, folder) = tree();
        let error = folder.read("sites/a/profile.yaml", 2);
        assert_eq!(error, Err(TreeError::TooLarge { size: 3, limit: 2 }));
        assert!(folder.read("sites/a/profile.yaml", 3).is_ok());
    }

    #[test]
    fn a_listing_is_sorted_and_reads_through_links() {
        let (root, folder) = tree();
        let sites = root.path().join("tree/sites");
        std::fs::write(sites.join("z"), "").unwrap();
        symlink("a", sites.join("m")).unwrap();
        symlink("nowhere", sites.join("broken")).unwrap();
        let names = folder.list("sites").unwrap();
        let names: Vec<_> = names.iter().map(|(n, k)| (n.as_str(), *k)).collect();
        assert_eq!(
            names,
            [
                ("a", EntryKind::Folder),
                ("broken", EntryKind::Unreadable),
                ("m", EntryKind::Folder),
                ("z", EntryKind::File)
            ]
        );
        std::fs::write(sites.join(OsStr::from_bytes(b"\xff")), "").unwrap();
        let error = folder.list("sites").unwrap_err().to_string();
        assert!(error.contains(r"the name `\xff` in it is not UTF-8"), "{error}");
        assert_eq!(folder.list("none"), Err(TreeError::Missing));
        assert_eq!(folder.list(".."), Err(TreeError::Outside));
    }
}
