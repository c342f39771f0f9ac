//! The client certificate in the pod: a Secret as a volume, and where it is mounted.
//!
//! Base values may bring a Secret or a place of their own; what they leave open is added.

pub(crate) mod files;

use policy_sdk::{Finding, Json, Kind, Plan};

use crate::lists::WorkerLists;
use crate::mounts::{self, Volume};
use crate::pod::Pod;
use crate::settings::{DEFAULT_MOUNT_PATH, DEFAULT_SECRET, Mtls};
use crate::short::short;
use crate::variables::report_replaced;

/// The volume that the policy adds.
const VOLUME: &str = "mtls-client";
/// 0400. JSON has no octal.
const OWNER_READS: i64 = 256;

/// The certificate as the pod finds it.
#[derive(Debug)]
pub(crate) struct Certificate {
    /// The folder of tls.crt, tls.key and ca.crt.
    pub(crate) path: String,
    /// Mode bits of the files; none where the base values mount something else than a Secret.
    pub(crate) mode: Option<u64>,
    /// The files, where the base values list them.
    files: Option<files::Files>,
}

/// The Secret and the volume of it that the base values bring.
struct Source {
    secret: String,
    volume: Option<Volume>,
}

/// Mounts the certificate unless the base values do.
pub(crate) fn mount(
    plan: &mut Plan,
    lists: &mut WorkerLists,
    pod: Pod<'_>,
    mtls: &Mtls,
) -> Certificate {
    let source = find_source(plan, lists, pod, mtls);
    let of_base = || mounts::mount_of(lists, pod, &source.volume.as_ref()?.name);
    let path =
        mtls.mount_path.clone().or_else(of_base).unwrap_or_else(|| DEFAULT_MOUNT_PATH.to_owned());
    if let Some(volume) = mounted_already(plan, lists, pod, mtls, (&path, &source.secret)) {
        return Certificate { path, mode: volume.mode(pod), files: files::of(&volume, pod) };
    }
    let (mode, files) = if let Some(volume) = &source.volume {
        add_mount(lists, &path, &volume.name);
        (volume.mode(pod), files::of(volume, pod))
    } else {
        add_volume(lists, &source.secret);
        add_mount(lists, &path, VOLUME);
        (u64::try_from(OWNER_READS).ok(), None)
    };
    Certificate { path, mode, files }
}

/// Returns whether a file of this path is in a mount of the worker.
pub(crate) fn is_mounted(lists: &WorkerLists, file: &str) -> bool {
    let file = mounts::plain(file);
    lists.mounts.keys().any(|mount| {
        let mount = mounts::plain(mount);
        file == mount || mounts::is_inside(&file, &mount)
    })
}

/// Finds the volume of the Secret. A setting wins over the base values, and those over the
/// default; a volume of our name that is something else is an error.
fn find_source(plan: &mut Plan, lists: &WorkerLists, pod: Pod<'_>, mtls: &Mtls) -> Source {
    let ours = mounts::volume(lists, VOLUME);
    let own_secret = ours.as_ref().and_then(|volume| volume.secret(pod));
    if mtls.secret_name.is_none() && ours.as_ref().is_some_and(|v| v.may_be_a_certificate(pod)) {
        return Source { secret: DEFAULT_SECRET.to_owned(), volume: ours };
    }
    if let (Some(volume), None) = (&ours, &own_secret) {
        plan.report(
            Finding::error(
                "worker/volume",
                format!("the base values have a volume {VOLUME} that is not a Secret; the client certificate is mounted under that name"),
            )
            .at([&volume.place, "/name"].concat())
            .hint("give the volume another name"),
        );
    }
    let secret = match (&mtls.secret_name, own_secret) {
        (Some(setting), Some(base)) if *setting != base => {
            let place = ours.map(|volume| volume.place).unwrap_or_default();
            let what = ["the Secret of the volume ", VOLUME].concat();
            report_replaced(plan, "connections.mtls.secretName", setting, (&what, &base, &place));
            return Source { secret: setting.clone(), volume: None };
        }
        (Some(secret), _) => secret.clone(),
        (None, Some(base)) => base,
        (None, None) => DEFAULT_SECRET.to_owned(),
    };
    let volume = ours
        .filter(|volume| volume.secret(pod).as_ref() == Some(&secret))
        .or_else(|| mounts::volumes(lists).find(|v| v.secret(pod).as_ref() == Some(&secret)));
    Source { secret, volume }
}

/// Returns the volume that the base values mount at the path, if it is a certificate.
/// Anything else that is mounted there hides the certificate.
fn mounted_already(
    plan: &mut Plan,
    lists: &mut WorkerLists,
    pod: Pod<'_>,
    mtls: &Mtls,
    (path, secret): (&str, &str),
) -> Option<Volume> {
    let mount = mounts::mount_at(lists, path)?;
    let name = pod.values.scalar(&[&mount.place, "/name"].concat()).unwrap_or_default();
    let volume = mounts::volume(lists, &name);
    let found = volume.as_ref().and_then(|volume| volume.secret(pod));
    let part = pod.values.scalar(&[&mount.place, "/subPath"].concat());
    let is_whole = part.is_none_or(|part| part.is_empty());
    let is_it = |volume: &Volume| match (&found, &mtls.secret_name) {
        _ if !is_whole => false,
        (Some(found), Some(_)) => found == secret,
        (Some(_), None) => true,
        (None, _) => volume.may_be_a_certificate(pod),
    };
    if let Some(volume) = volume.filter(is_it) {
        return Some(volume);
    }
    if let (Some(found), Some(setting), true) = (&found, &mtls.secret_name, is_whole) {
        let what = ["the Secret at ", path].concat();
        let base = (&*what, &**found, &*mount.place);
        report_replaced(plan, "connections.mtls.secretName", setting, base);
    } else {
        plan.report(
            Finding::error(
                "worker/mount",
                format!("the base values mount the volume {} at {path}, where the worker looks for its client certificate", short(&name)),
            )
            .at([&mount.place, "/mountPath"].concat())
            .hint("mount it elsewhere, or set connections.mtls.mountPath"),
        );
    }
    lists.mounts.leave_out(&mount.path);
    None
}

fn add_volume(lists: &mut WorkerLists, secret: &str) {
    let source = Json::map([("secretName", secret.into()), ("defaultMode", OWNER_READS.into())]);
    lists.volumes.put(VOLUME, Json::map([("name", VOLUME.into()), ("secret", source)]));
}

fn add_mount(lists: &mut WorkerLists, path: &str, volume: &str) {
    lists.mounts.put(
        path,
        Json::map([("name", volume.into()), ("mountPath", path.into()), ("readOnly", true.into())]),
    );
}

impl Volume {
    /// Returns the Secret that the volume is, if it is one.
    fn secret(&self, pod: Pod<'_>) -> Option<String> {
        pod.values.scalar(&[&self.place, "/secret/secretName"].concat())
    }

    /// Returns whether something outside the values may put a certificate there: a CSI driver
    /// or several sources in one.
    fn may_be_a_certificate(&self, pod: Pod<'_>) -> bool {
        ["/projected", "/csi"]
            .iter()
            .any(|kind| pod.values.kind(&[&*self.place, *kind].concat()) == Kind::Mapping)
    }

    /// Returns the mode of a Secret's files, which Kubernetes sets to 0644 by default.
    fn mode(&self, pod: Pod<'_>) -> Option<u64> {
        self.secret(pod)?;
        let mode = pod.values.scalar(&[&self.place, "/secret/defaultMode"].concat());
        mode.map_or(Some(0o644), |mode| mode.parse().ok())
    }
}

#[cfg(test)]
mod tests;
