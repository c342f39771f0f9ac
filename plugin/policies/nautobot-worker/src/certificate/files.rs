//! Files of the certificate: a volume may give them other names than variables expect.

use std::collections::BTreeSet;

use policy_sdk::{Finding, Kind, Plan};

use super::Certificate;
use crate::mounts::{self, Volume};
use crate::pod::Pod;
use crate::short::short;

/// The most items of a volume that are read.
const MOST: u32 = 1000;

/// The files that a volume has; a Secret without `items` has one for each of its keys.
#[derive(Debug)]
pub(super) struct Files {
    names: BTreeSet<String>,
    place: String,
}

/// Returns the files that a Secret's volume lists, if it lists them.
pub(super) fn of(volume: &Volume, pod: Pod<'_>) -> Option<Files> {
    let place = [&*volume.place, "/secret/items"].concat();
    let count = pod.values.size(&place).min(MOST);
    if pod.values.kind(&place) != Kind::Sequence || count == 0 {
        return None;
    }
    let path = |index: u32| pod.values.scalar(&[&place, "/", &index.to_string(), "/path"].concat());
    let names = (0..count).filter_map(path).map(|path| mounts::plain(&path)).collect();
    Some(Files { names, place })
}

/// Reports paths of variables that name no file of the volume.
pub(crate) fn judge(plan: &mut Plan, certificate: &Certificate, paths: &[(&str, String)]) {
    let Some(files) = &certificate.files else { return };
    let folder = mounts::plain(&certificate.path);
    let missing: Vec<&(&str, String)> = paths
        .iter()
        .filter(|(_, path)| {
            let path = mounts::plain(path);
            path.strip_prefix(&*folder)
                .is_some_and(|file| file.starts_with('/') && !files.names.contains(file))
        })
        .collect();
    let Some((name, path)) = missing.first() else { return };
    let also = match missing.len() - 1 {
        0 => String::new(),
        1 => ", and another variable as well".to_owned(),
        more => format!(", and {more} other variables as well"),
    };
    let names: Vec<&str> = files.names.iter().map(|name| name.trim_start_matches('/')).collect();
    plan.report(
        Finding::warning(
            "worker/certificate-file",
            format!(
                "{name} names {}, and the volume of the certificate has no such file: its items are {}{also}",
                short(path),
                short(&names.join(", "))
            ),
        )
        .at(&*files.place)
        .hint("give the items the paths tls.crt, tls.key and ca.crt, or remove the items"),
    );
}
