"""Volumes of Secrets and ConfigMaps as kubelet keeps them.

The files are links through the link `..data` to a folder of this version of them. An update
makes another such folder and renames one link, so that all files change at once
(pkg/volume/util/atomic_writer.go of Kubernetes).
"""

import os
import tempfile

# kubelet's defaults for files of a volume (k8s.io/api/core/v1, SetVolumeOwnership).
DEFAULT_MODE = 0o644
GROUP_READS = 0o440
DATA = "..data"


def write(folder, files, source, group):
    """Makes the files of a volume, or changes them under a pod that runs."""
    mode = source.get("defaultMode", DEFAULT_MODE) | (GROUP_READS if group is not None else 0)
    version = tempfile.mkdtemp(prefix="..", dir=folder)
    os.chmod(version, 0o755)
    for name, text in files.items():
        path = os.path.join(version, name)
        with open(path, "w") as file:
            file.write(text)
        os.chown(path, 0, group if group is not None else 0)
        os.chmod(path, mode)
    link(folder, DATA, os.path.basename(version))
    for name in files:
        link(folder, name, os.path.join(DATA, name))
    for name in os.listdir(folder):
        if not name.startswith("..") and name not in files:
            os.unlink(folder / name)


def link(folder, name, target):
    unfinished = folder / "..unfinished"
    os.symlink(target, unfinished)
    os.rename(unfinished, folder / name)
