//! Writes the digest of `policies.lock` into Applications and ApplicationSets in Git.
//!
//! It reads the YAML files below a folder, without links and without `.git`. A file that does
//! not name the plugin is not parsed, because many files in such a folder (templates of charts)
//! are not valid YAML.

mod edit;
mod sources;
#[cfg(test)]
mod tests;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use site_render::finding::{Finding, Problems};
use site_render::origin::{Location, SourceFile};
use site_render::tree::Tree;
use site_render::value::Node;
use site_render::yaml;

use crate::atomic;
use crate::codes;
use crate::exit::CommandError;
use crate::folder::Folder;
use crate::named_files::TEXT_BYTES;

use sources::{unstamped_patch, unstamped_sources, without_stamp};

/// The plugin parameter with the digest.
const PARAMETER: &str = "policies-lock";

/// The change of a YAML file without the digest or with another one.
#[derive(Debug)]
pub(crate) struct Change {
    /// The file.
    pub(crate) path: PathBuf,
    /// The first source in it without the digest.
    pub(crate) place: Option<Location>,
    text: String,
}

/// The digest to write, and the plugins to write it for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stamp<'a> {
    /// The plugin's names.
    pub(crate) plugins: &'a [String],
    /// The digest.
    pub(crate) digest: &'a str,
}

impl Stamp<'_> {
    /// Returns how a person writes it.
    fn by_hand(self) -> String {
        format!("write it by hand: a parameter `{PARAMETER}` with the string \"{}\"", self.digest)
    }
}

impl Change {
    /// Writes the file.
    pub(crate) fn write(&self) -> Result<(), CommandError> {
        atomic::write(&self.path, &self.text).map_err(|error| {
            let message = format!("cannot write {}: {error}", self.path.display());
            CommandError::environment(&codes::STAMP_WRITE, message)
        })
    }
}

/// Returns the changes of all files below a folder, in the order of their paths. Nothing is
/// written yet, so that an error leaves all files unchanged.
pub(crate) fn find_changes(root: &Path, stamp: Stamp<'_>) -> Result<Vec<Change>, CommandError> {
    let refused = |path: &Path, error: &dyn std::fmt::Display| {
        let message = format!("{}: {error}", path.display());
        codes::STAMP_UNREADABLE.finding(message)
    };
    let names = yaml_files(root).map_err(|error| refused(root, &error))?;
    let folder = Folder::open(root).map_err(|error| refused(root, &error))?;
    let mut changes = Vec::new();
    let mut problems = Vec::new();
    for name in names {
        let path = root.join(&name);
        let change = folder
            .read(&name, TEXT_BYTES)
            .map_err(|error| Box::new(refused(&path, &error)))
            .and_then(|bytes| file_change(&path, &bytes, stamp));
        match change {
            Ok(change) => changes.extend(change),
            Err(finding) => problems.push(*finding),
        }
    }
    if problems.is_empty() { Ok(changes) } else { Err(Problems(problems).into()) }
}

/// Lists the YAML files below a folder, sorted.
fn yaml_files(root: &Path) -> io::Result<Vec<String>> {
    let top = Dir::open_ambient_dir(root, ambient_authority())?;
    let mut found = Vec::new();
    let mut folders = vec![String::new()];
    while let Some(folder) = folders.pop() {
        let listed = if folder.is_empty() { "." } else { &folder };
        for entry in top.read_dir(listed)? {
            let entry = entry?;
            // A path that is not UTF-8 cannot be shown in a message, and no person chose it.
            let Ok(name) = entry.file_name().into_string() else { continue };
            let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
            let kind = entry.file_type()?;
            if kind.is_dir() && name != ".git" {
                folders.push(path);
            } else if kind.is_file() && is_yaml(&name) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn is_yaml(name: &str) -> bool {
    let ending = Path::new(name).extension().and_then(|ending| ending.to_str());
    matches!(ending, Some("yaml" | "yml"))
}

fn file_change(
    path: &Path,
    bytes: &[u8],
    stamp: Stamp<'_>,
) -> Result<Option<Change>, Box<Finding>> {
    let names = |name: &String| bytes.windows(name.len()).any(|window| window == name.as_bytes());
    if !stamp.plugins.iter().any(names) {
        return Ok(None);
    }
    let read = || {
        let file = yaml::decode(&path.to_string_lossy(), bytes)?;
        let documents = yaml::read_stream(&file)?;
        Ok((file, documents))
    };
    let (file, documents) = read().map_err(|finding: Box<Finding>| {
        let hint = "fix this file, as it names the plugin; stamp rendered files, not templates";
        Box::new(if finding.hint.is_none() { finding.hint(hint) } else { *finding })
    })?;
    if let Some(patch) = unstamped_patch(&documents, stamp) {
        let message = "`templatePatch` names the plugin, and the digest cannot be written into it";
        let finding = codes::STAMP_LAYOUT.finding(message).at(patch.origin.place());
        return Err(Box::new(finding.hint(stamp.by_hand())));
    }
    let Some((document, pointer)) = unstamped_sources(&documents, stamp).into_iter().next() else {
        return Ok(None);
    };
    let place = documents[document].pointer(&pointer).and_then(|node| node.origin.key_place());
    // The parser removes a byte order mark from the text, but the file must keep it.
    let mark = if bytes.starts_with("\u{feff}".as_bytes()) { "\u{feff}" } else { "" };
    let text = format!("{mark}{}", stamp_text(&file, documents, stamp)?);
    Ok(Some(Change { path: path.to_owned(), place, text }))
}

/// Returns the text with the digest at every source. An edit is accepted only if the result
/// parses to the same documents except for the digest.
fn stamp_text(
    file: &Arc<SourceFile>,
    documents: Vec<Node>,
    stamp: Stamp<'_>,
) -> Result<String, Box<Finding>> {
    let before: Vec<_> = documents.iter().map(|node| without_stamp(node, stamp)).collect();
    let mut now = (file.text.clone(), documents);
    loop {
        let open = unstamped_sources(&now.1, stamp);
        let Some((document, pointer)) = open.first() else { return Ok(now.0) };
        let Some(plugin) = now.1[*document].pointer(pointer) else { return Ok(now.0) };
        let place = plugin.origin.key_place();
        let better = edit::candidate_texts(&now.0, plugin, stamp).into_iter().find_map(|text| {
            let file = yaml::decode(&file.name, text.as_bytes()).ok()?;
            let documents = yaml::read_stream(&file).ok()?;
            let same =
                documents.iter().map(|node| without_stamp(node, stamp)).eq(before.iter().cloned());
            (same && unstamped_sources(&documents, stamp).len() < open.len())
                .then_some((text, documents))
        });
        now = better.ok_or_else(|| {
            let message = "the digest cannot be written here without changing more of the file";
            let finding = codes::STAMP_LAYOUT.finding(message).at(place);
            Box::new(finding.hint(stamp.by_hand()))
        })?;
    }
}
