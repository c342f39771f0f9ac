//! Checks file names of the certificate: `items` of a volume may differ from what variables name.

use std::collections::BTreeSet;

use policy_sdk::{Kind, Plan};

use super::Certificate;
use crate::codes;
use crate::mounts::{self, Volume};
use crate::pod::Pod;
use crate::short::shorten;

/// The most items of a volume that are read, because a call has limited fuel.
const MAX_ITEMS: u32 = 1000;

/// The files that the `items` of a volume list. A Secret without `items` has a file for each of
/// its keys, which the policy cannot see.
#[derive(Debug)]
pub(super) struct VolumeFiles {
    names: BTreeSet<String>,
    place: String,
}

/// Returns the files that a Secret's volume lists, if it has `items`.
pub(super) fn listed_files(volume: &Volume, pod: Pod<'_>) -> Option<VolumeFiles> {
    let place = [&*volume.place, "/secret/items"].concat();
    let count = pod.values.size(&place).min(MAX_ITEMS);
    if pod.values.kind(&place) != Kind::Sequence || count == 0 {
        return None;
    }
    let path = |index: u32| pod.values.scalar(&[&place, "/", &index.to_string(), "/path"].concat());
    let names = (0..count).filter_map(path).map(|path| mounts::normalize_path(&path)).collect();
    Some(VolumeFiles { names, place })
}

/// Reports paths in variables for which the volume has no file.
pub(crate) fn report_missing_files(
    plan: &mut Plan,
    certificate: &Certificate,
    paths: &[(&str, String)],
) {
    let Some(files) = &certificate.files else { return };
    let folder = mounts::normalize_path(&certificate.path);
    let missing: Vec<&(&str, String)> = paths
        .iter()
        .filter(|(_, path)| {
            let path = mounts::normalize_path(path);
            path.strip_prefix(&*folder)
                .is_some_and(|file| file.starts_with('/') && !files.names.contains(file))
        })
        .collect();
    let Some((name, path)) = missing.first() else { return };
    let also = match missing.len() - 1 {
        0 => String::new(),
        1 => "; another variable does the same".to_owned(),
        more => format!("; {more} other variables do the same"),
    };
    let names: Vec<&str> = files.names.iter().map(|name| name.trim_start_matches('/')).collect();
    plan.report(
        codes::CERTIFICATE_FILE
            .finding(format!(
                "{name} names {}, but the items of the certificate's volume have no such file: they are {}{also}",
                shorten(path),
                shorten(&names.join(", ")),
            ))
            .at(&*files.place)
            .hint("give the items the paths tls.crt, tls.key and ca.crt, or remove the items"),
    );
}
