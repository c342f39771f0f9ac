//! Mounts the client certificate in the pod: a volume of a Secret, and a mount of it.
//!
//! Base values may define the volume or the mount; the policy adds what they do not define.

pub(crate) mod files;

use policy_sdk::{Json, Kind, Plan};

use crate::codes;
use crate::lists::WorkerLists;
use crate::mounts::{self, Volume};
use crate::pod::Pod;
use crate::settings::{DEFAULT_MOUNT_PATH, DEFAULT_SECRET, Mtls};
use crate::short::shorten;
use crate::variables::report_replaced;

/// The volume that the policy adds.
const VOLUME: &str = "mtls-client";
/// The mode 0400. JSON has no octal numbers.
const OWNER_READS: i64 = 256;

/// The client certificate as it is mounted in the pod.
#[derive(Debug)]
pub(crate) struct Certificate {
    /// The folder of tls.crt, tls.key and ca.crt.
    pub(crate) path: String,
    /// The mode bits of the files; `None` where the base values mount another kind of volume than
    /// a Secret.
    pub(crate) mode: Option<u64>,
    /// The files, if the base values list them.
    files: Option<files::VolumeFiles>,
}

/// The Secret, and the volume of it that the base values define.
struct CertificateSource {
    secret: String,
    volume: Option<Volume>,
}

/// Mounts the certificate unless the base values do.
pub(crate) fn mount_certificate(
    plan: &mut Plan,
    lists: &mut WorkerLists,
    pod: Pod<'_>,
    mtls: &Mtls,
) -> Certificate {
    let source = find_source(plan, lists, pod, mtls);
    let of_base = || mounts::find_mount_path(lists, pod, &source.volume.as_ref()?.name);
    let path =
        mtls.mount_path.clone().or_else(of_base).unwrap_or_else(|| DEFAULT_MOUNT_PATH.to_owned());
    if let Some(volume) = find_mounted_certificate(plan, lists, pod, mtls, (&path, &source.secret))
    {
        return Certificate {
            path,
            mode: volume.file_mode(pod),
            files: files::listed_files(&volume, pod),
        };
    }
    let (mode, files) = if let Some(volume) = &source.volume {
        add_mount(lists, &path, &volume.name);
        (volume.file_mode(pod), files::listed_files(volume, pod))
    } else {
        add_volume(lists, &source.secret);
        add_mount(lists, &path, VOLUME);
        (u64::try_from(OWNER_READS).ok(), None)
    };
    Certificate { path, mode, files }
}

/// Returns whether a mount of the worker contains this path.
pub(crate) fn is_mounted(lists: &WorkerLists, file: &str) -> bool {
    let file = mounts::normalize_path(file);
    lists.mounts.keys().any(|mount| {
        let mount = mounts::normalize_path(mount);
        file == mount || mounts::is_inside(&file, &mount)
    })
}

/// Finds the volume of the Secret. A setting wins over the base values, and those over the
/// default. A volume of the policy's name that is not a Secret is an error.
fn find_source(
    plan: &mut Plan,
    lists: &WorkerLists,
    pod: Pod<'_>,
    mtls: &Mtls,
) -> CertificateSource {
    let ours = mounts::find_volume(lists, VOLUME);
    let own_secret = ours.as_ref().and_then(|volume| volume.secret_name(pod));
    if mtls.secret_name.is_none() && ours.as_ref().is_some_and(|v| v.may_be_a_certificate(pod)) {
        return CertificateSource { secret: DEFAULT_SECRET.to_owned(), volume: ours };
    }
    if let (Some(volume), None) = (&ours, &own_secret) {
        plan.report(
            codes::VOLUME
                .finding(format!(
                    "the base values have a volume {VOLUME} that is not a Secret; the client certificate is mounted under that name"
                ))
                .at([&volume.place, "/name"].concat())
                .hint("give the volume another name"),
        );
    }
    let secret = match (&mtls.secret_name, own_secret) {
        (Some(setting), Some(base)) if *setting != base => {
            let place = ours.map(|volume| volume.place).unwrap_or_default();
            let what = ["the Secret of the volume ", VOLUME].concat();
            report_replaced(plan, "connections.mtls.secretName", setting, (&what, &base, &place));
            return CertificateSource { secret: setting.clone(), volume: None };
        }
        (Some(secret), _) => secret.clone(),
        (None, Some(base)) => base,
        (None, None) => DEFAULT_SECRET.to_owned(),
    };
    let volume =
        ours.filter(|volume| volume.secret_name(pod).as_ref() == Some(&secret)).or_else(|| {
            mounts::base_volumes(lists).find(|v| v.secret_name(pod).as_ref() == Some(&secret))
        });
    CertificateSource { secret, volume }
}

/// Returns the volume that the base values mount at the path, if it may be the certificate.
/// Reports and removes any other mount there, because it would hide the certificate.
fn find_mounted_certificate(
    plan: &mut Plan,
    lists: &mut WorkerLists,
    pod: Pod<'_>,
    mtls: &Mtls,
    (path, secret): (&str, &str),
) -> Option<Volume> {
    let mount = mounts::find_mount(lists, path)?;
    let name = pod.values.scalar(&[&mount.place, "/name"].concat()).unwrap_or_default();
    let volume = mounts::find_volume(lists, &name);
    let mounted = volume.as_ref().and_then(|volume| volume.secret_name(pod));
    let part = pod.values.scalar(&[&mount.place, "/subPath"].concat());
    let is_whole = part.is_none_or(|part| part.is_empty());
    let is_it = |volume: &Volume| match (&mounted, &mtls.secret_name) {
        _ if !is_whole => false,
        (Some(mounted), Some(_)) => mounted == secret,
        (Some(_), None) => true,
        (None, _) => volume.may_be_a_certificate(pod),
    };
    if let Some(volume) = volume.filter(is_it) {
        return Some(volume);
    }
    if let (Some(mounted), Some(setting), true) = (&mounted, &mtls.secret_name, is_whole) {
        let what = ["the Secret at ", path].concat();
        let base = (&*what, &**mounted, &*mount.place);
        report_replaced(plan, "connections.mtls.secretName", setting, base);
    } else {
        plan.report(
            codes::MOUNT
                .finding(format!(
                    "the base values mount the volume {} at {path}, where the worker looks for its client certificate",
                    shorten(&name),
                ))
                .at([&mount.place, "/mountPath"].concat())
                .hint("mount it elsewhere, or set connections.mtls.mountPath"),
        );
    }
    lists.mounts.remove(&mount.path);
    None
}

/// Adds the volume of the Secret.
fn add_volume(lists: &mut WorkerLists, secret: &str) {
    let source = Json::map([("secretName", secret.into()), ("defaultMode", OWNER_READS.into())]);
    lists.volumes.put(VOLUME, Json::map([("name", VOLUME.into()), ("secret", source)]));
}

/// Adds a read-only mount of a volume.
fn add_mount(lists: &mut WorkerLists, path: &str, volume: &str) {
    lists.mounts.put(
        path,
        Json::map([("name", volume.into()), ("mountPath", path.into()), ("readOnly", true.into())]),
    );
}

impl Volume {
    /// Returns the name of the volume's Secret, if it is a Secret volume.
    fn secret_name(&self, pod: Pod<'_>) -> Option<String> {
        pod.values.scalar(&[&self.place, "/secret/secretName"].concat())
    }

    /// Returns whether a source outside the values may provide a certificate: a CSI driver or a
    /// projected volume.
    fn may_be_a_certificate(&self, pod: Pod<'_>) -> bool {
        ["/projected", "/csi"]
            .iter()
            .any(|kind| pod.values.kind(&[&*self.place, *kind].concat()) == Kind::Mapping)
    }

    /// Returns the mode of a Secret's files, which Kubernetes sets to 0644 by default.
    fn file_mode(&self, pod: Pod<'_>) -> Option<u64> {
        self.secret_name(pod)?;
        let mode = pod.values.scalar(&[&self.place, "/secret/defaultMode"].concat());
        mode.map_or(Some(0o644), |mode| mode.parse().ok())
    }
}

#[cfg(test)]
mod tests;
