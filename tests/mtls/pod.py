"""A worker's container without a container runtime: what kubelet makes of a Deployment.

Runs as root in mount and host name namespaces of its own. The volumes of the pod are mounted
where the Deployment mounts them, with the modes and owners that kubelet gives them; the
environment is what the Deployment says, and nothing of this machine's; the user is the
Deployment's. Then the container's command runs in it, or `probe.py` in its place, on the
Python that has Nautobot.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import volumes

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


def empty(folder, wanted, mode=0o755):
    """Hides a folder's content, but for the folders below it that are wanted."""
    new = Path(tempfile.mkdtemp(dir=SCRATCH))
    mount("-t", "tmpfs", "-o", f"mode={mode:o}", "tmpfs", new)
    for one in wanted:
        if one.is_relative_to(folder):
            place = new / one.relative_to(folder)
            place.mkdir(parents=True)
            mount("--rbind", one, place)
    mount("--rbind", new, folder)


def reach(folders):
    """Lets every user reach these folders, if their parents are one user's alone."""
    for folder in folders:
        closed = [parent for parent in reversed(folder.parents) if not parent.stat().st_mode & 0o001]
        if closed:
            empty(closed[0], folders)


def volume(source, name, pod, group):
    """One volume of the pod in a folder, by whose name the stage finds it."""
    folder = SCRATCH / name
    folder.mkdir()
    os.chown(folder, 0, group if group is not None else 0)
    if "emptyDir" in source:
        folder.chmod(0o2777)
        return folder
    folder.chmod(0o755)
    if "secret" in source:
        volumes.write(folder, pod["secrets"][source["secret"]["secretName"]], source["secret"], group)
    else:
        volumes.write(folder, config_map(pod, source["configMap"]["name"]), source["configMap"], group)
    return folder


def mounts(pod, spec, container, group):
    made = {one["name"]: volume(one, one["name"], pod, group) for one in spec["volumes"]}
    for one in container["volumeMounts"]:
        source, target = made[one["name"]], Path(one["mountPath"])
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


def expanded(text, variables):
    """Kubernetes' `$(NAME)`: an unknown name stays, and `$$` is a dollar sign."""

    def one(match):
        return "$" if match[0] == "$$" else variables.get(match[1], match[0])

    return re.sub(r"\$\$|\$\(([^)]*)\)", one, text)


def environment(pod, container):
    """`envFrom` in order, then `env`: a missing source is an error, as it is for kubelet."""
    found = dict(IMAGE)
    for one in container.get("envFrom", []):
        if "configMapRef" in one:
            found |= config_map(pod, one["configMapRef"]["name"])
        else:
            found |= secret(pod, one["secretRef"]["name"])
    # A value may refer to entries of this list before it, and to nothing else.
    listed = {}
    for one in container["env"]:
        if "value" in one:
            listed[one["name"]] = expanded(one["value"], listed)
        else:
            reference = one["valueFrom"]["secretKeyRef"]
            listed[one["name"]] = secret(pod, reference["name"])[reference["key"]]
    return found | listed


def program(pod, container, variables):
    if pod["runs"] == "probe":
        return [pod["python"]["program"], "-c", (Path(__file__).parent / "probe.py").read_text()]
    return [expanded(word, variables) for word in [*container["command"], *container.get("args", [])]]


def files(pod, spec, container, group):
    """Everything that the container's file system has beside its image."""
    folders = [Path(folder) for folder in pod["python"]["folders"]]
    reach(folders)
    for folder in ("/etc", "/opt", "/run"):
        own(Path(folder))
    Path("/etc/hosts").write_text("".join(f"{address} {host}\n" for host, address in pod["hosts"].items()))
    Path("/opt/nautobot").mkdir(exist_ok=True)
    mounts(pod, spec, container, group)
    empty(Path("/tmp"), folders, 0o1777)


def main(file):
    os.umask(0o022)
    pod = json.loads(Path(file).read_text())
    (deployment,) = objects(pod, "Deployment").values()
    socket.sethostname(pod["hostname"])
    spec = deployment["spec"]["template"]["spec"]
    (container,) = spec["containers"]
    group = spec.get("securityContext", {}).get("fsGroup")
    user = container["securityContext"]["runAsUser"]
    # In the image Nautobot's programs are on PATH.
    IMAGE["PATH"] = f"{Path(pod['python']['program']).parent}:{IMAGE['PATH']}"
    variables = environment(pod, container)
    words = program(pod, container, variables)

    files(pod, spec, container, group)
    os.chown("/opt/nautobot", user, user)
    groups = f"--groups={group}" if group is not None else "--clear-groups"
    drop = ["setpriv", f"--reuid={user}", f"--regid={user}", groups, "--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"]
    os.chdir("/opt/nautobot")
    os.execvpe("setpriv", [*drop, "--", *words], variables)


if __name__ == "__main__":
    SCRATCH = Path(sys.argv[1]).parent / "volumes"
    SCRATCH.mkdir()
    main(sys.argv[1])
