"""A worker's container without a container runtime: what kubelet makes of a Deployment.

Runs as root in a mount namespace of its own. The volumes of the pod are mounted where the
Deployment mounts them, with the modes and owners that kubelet gives them; the environment is
what the Deployment says, and nothing of this machine's; the user is the Deployment's. Then
`probe.py` runs in it, on the Python that has Nautobot.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

# kubelet's defaults for files of a volume (k8s.io/api/core/v1, SetVolumeOwnership).
DEFAULT_MODE = 0o644
GROUP_READS = 0o440
# What the image itself says, beside the Deployment.
IMAGE = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/opt/nautobot", "NAUTOBOT_ROOT": "/opt/nautobot", "LANG": "C.UTF-8"}


def mount(*words):
    subprocess.run(["mount", *map(str, words)], check=True)


def own(folder, mode=0o755):
    """Makes a folder's own entries changeable here alone; those below them are shared still."""
    new = Path(tempfile.mkdtemp(dir=SCRATCH))
    mount("-t", "tmpfs", "-o", f"mode={mode:o}", "tmpfs", new)
    for entry in folder.iterdir():
        copy = new / entry.name
        if entry.is_symlink():
            copy.symlink_to(os.readlink(entry))
        elif entry.is_dir():
            copy.mkdir()
            mount("--rbind", entry, copy)
        elif entry.is_file():
            shutil.copy(entry, copy)
    mount("--rbind", new, folder)


def reach(folders):
    """Lets every user reach these folders, if their parents are one user's alone."""
    for folder in folders:
        closed = [parent for parent in reversed(folder.parents) if not parent.stat().st_mode & 0o001]
        if not closed:
            continue
        kept = Path(tempfile.mkdtemp(dir=SCRATCH))
        mount("--rbind", closed[0], kept)
        mount("-t", "tmpfs", "-o", "mode=0755", "tmpfs", closed[0])
        for wanted in folders:
            if wanted.is_relative_to(closed[0]):
                wanted.mkdir(parents=True)
                mount("--rbind", kept / wanted.relative_to(closed[0]), wanted)


def volume(source, pod, group):
    """One volume of the pod in a folder."""
    folder = Path(tempfile.mkdtemp(dir=SCRATCH))
    os.chown(folder, 0, group if group is not None else 0)
    if "emptyDir" in source:
        folder.chmod(0o2777)
        return folder
    if "secret" in source:
        files, mode = pod["secrets"][source["secret"]["secretName"]], source["secret"].get("defaultMode", DEFAULT_MODE)
    else:
        name = source["configMap"]["name"]
        files, mode = config_map(pod, name), source["configMap"].get("defaultMode", DEFAULT_MODE)
    folder.chmod(0o755)
    for name, text in files.items():
        (folder / name).write_text(text)
        os.chown(folder / name, 0, group if group is not None else 0)
        (folder / name).chmod(mode | (GROUP_READS if group is not None else 0))
    return folder


def mounts(pod, spec, container, group):
    volumes = {one["name"]: volume(one, pod, group) for one in spec["volumes"]}
    for one in container["volumeMounts"]:
        source, target = volumes[one["name"]], Path(one["mountPath"])
        if "subPath" in one:
            source = source / one["subPath"]
            target.parent.mkdir(parents=True, exist_ok=True)
            target.touch()
        else:
            target.mkdir(parents=True, exist_ok=True)
        mount("--bind", source, target)
        if one.get("readOnly"):
            mount("-o", "remount,bind,ro", target)


def objects(pod, kind):
    return {one["metadata"]["name"]: one for one in pod["objects"] if one["kind"] == kind}


def config_map(pod, name):
    return objects(pod, "ConfigMap")[name]["data"]


def secret(pod, name):
    made = objects(pod, "Secret").get(name)
    return made["data"] if made else pod["secrets"][name]


def environment(pod, container):
    """`envFrom` in order, then `env`: a missing source is an error, as it is for kubelet."""
    found = dict(IMAGE)
    for one in container.get("envFrom", []):
        if "configMapRef" in one:
            found |= config_map(pod, one["configMapRef"]["name"])
        else:
            found |= secret(pod, one["secretRef"]["name"])
    for one in container["env"]:
        if "value" in one:
            found[one["name"]] = one["value"]
        else:
            reference = one["valueFrom"]["secretKeyRef"]
            found[one["name"]] = secret(pod, reference["name"])[reference["key"]]
    return found


def main(file):
    os.umask(0o022)
    pod = json.loads(Path(file).read_text())
    (deployment,) = objects(pod, "Deployment").values()
    spec = deployment["spec"]["template"]["spec"]
    (container,) = spec["containers"]
    group = spec.get("securityContext", {}).get("fsGroup")
    user = container["securityContext"]["runAsUser"]
    probe = (Path(__file__).parent / "probe.py").read_text()

    reach([Path(folder) for folder in pod["python"]["folders"]])
    for folder in ("/etc", "/opt", "/run"):
        own(Path(folder))
    Path("/etc/hosts").write_text("".join(f"{address} {host}\n" for host, address in pod["hosts"].items()))
    Path("/opt/nautobot").mkdir(exist_ok=True)
    os.chown("/opt/nautobot", user, user)
    mounts(pod, spec, container, group)

    groups = f"--groups={group}" if group is not None else "--clear-groups"
    drop = ["setpriv", f"--reuid={user}", f"--regid={user}", groups, "--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"]
    os.chdir("/opt/nautobot")
    os.execvpe("setpriv", [*drop, "--", pod["python"]["program"], "-c", probe], environment(pod, container))


if __name__ == "__main__":
    SCRATCH = Path(sys.argv[1]).parent / "volumes"
    SCRATCH.mkdir(exist_ok=True)
    main(sys.argv[1])
