//! Files of a site or an environment that look like one that is read, and are not.

use crate::cluster;
use crate::codes;
use crate::finding::Finding;
use crate::fleet::Fleet;

/// Reports the files of a folder whose name differs by its end only from that of a document or of a
/// snapshot, which are read there.
pub(super) fn report_ignored(
    fleet: &Fleet,
    folder: &str,
    documents: &[&str],
    findings: &mut Vec<Finding>,
) {
    let known = [documents, &[cluster::FILE]].concat();
    let ends = ["yaml", "yml", "json", "jsonnet"];
    let split =
        |name: &str| name.rsplit_once('.').map(|(stem, end)| (stem.to_owned(), end.to_owned()));
    // If the folder cannot be listed, reading its file reports why.
    for (name, _) in fleet.files.tree().list(folder).unwrap_or_default() {
        let Some((stem, end)) = split(&name) else { continue };
        if known.contains(&&*name) || !ends.contains(&&*end.to_ascii_lowercase()) {
            continue;
        }
        let alike =
            |one: &&&str| split(one).is_some_and(|(known, _)| known.eq_ignore_ascii_case(&stem));
        if let Some(meant) = known.iter().find(alike) {
            let message = format!("{folder}/{name} is not read");
            let hint = format!("rename it to {meant}");
            findings.push(codes::FILE_IGNORED.finding(message).hint(hint));
        }
    }
}
