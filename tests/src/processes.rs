//! The processes that a process has started, read from `/proc`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

/// Returns the processes that a process has started itself and that still run.
pub fn children(parent: u32) -> Vec<u32> {
    let parents = parents();
    parents.into_iter().filter(|(_, of)| *of == parent).map(|(id, _)| id).collect()
}

/// Returns a process and all that it started, directly or indirectly.
pub fn descendants(root: u32) -> Vec<u32> {
    let parents = parents();
    let mut found = vec![root];
    let mut seen = BTreeSet::from([root]);
    let mut at = 0;
    while let Some(parent) = found.get(at).copied() {
        let children = parents.iter().filter(|(_, of)| **of == parent).map(|(id, _)| *id);
        found.extend(children.filter(|id| seen.insert(*id)));
        at += 1;
    }
    found
}

/// Returns the parent of each process that has not ended.
fn parents() -> BTreeMap<u32, u32> {
    let entries = fs::read_dir("/proc").expect("Linux has /proc");
    let ids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
    ids.filter_map(|id| {
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        // The name before the last parenthesis may contain anything.
        let mut rest = stat.rsplit_once(')')?.1.split_whitespace();
        let runs = rest.next()? != "Z";
        let parent = rest.next()?.parse().ok()?;
        runs.then_some((id, parent))
    })
    .collect()
}
