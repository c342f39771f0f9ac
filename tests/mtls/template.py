"""A database that Nautobot has migrated, made once and kept.

Migrating takes some five minutes of a processor, so the folder of data is kept as an archive
in the user's cache, by the versions of Nautobot and PostgreSQL and the names of all
migrations. `template.py POSTGRES PYTHON REDIS` makes it ahead of a test, in namespaces of its own.
"""

import fcntl
import hashlib
import os
import signal
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

from processes import NOBODY, as_nobody, reachable, run, start, succeeds, until

# Migrating connects by a socket, as the owner `nautobot` of the database `nautobot`, and has
# nothing to lose: when it is interrupted, it begins anew.
HASTE = {
    "listen_addresses": "", "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off",
    "wal_level": "minimal", "max_wal_senders": 0, "wal_recycle": "off", "min_wal_size": "32MB",
}
CONFIG = """
from nautobot.core.settings import *

SECRET_KEY = "k" * 60
DATABASES["default"].update(HOST="{folder}", NAME="nautobot", USER="nautobot")
CACHES["default"]["LOCATION"] = "unix://{folder}/redis.sock?db=1"
"""


def kept(programs, python, redis):
    """Returns the archive, and makes it first where there is none."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "site-cmp" / "nautobot"
    folder.mkdir(parents=True, exist_ok=True)
    archive = folder / f"{versions(programs, python)}.tar.gz"
    # The lock of a killed run ends with the run.
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not archive.exists():
            print(f"migrating a database of Nautobot into {archive}: this takes minutes, once", file=sys.stderr, flush=True)
            make(archive, programs, python, redis)
    return archive


def versions(programs, python):
    """Returns a name for all that decides how a migrated database is."""
    ask = "import nautobot, sysconfig; print(nautobot.__version__, sysconfig.get_path('purelib'))"
    nautobot, packages = run(python, "-c", ask).split()
    migrations = sorted(str(path.relative_to(packages)) for path in Path(packages).glob("**/migrations/*.py"))
    digest = hashlib.sha256("\n".join(migrations).encode()).hexdigest()[:12]
    postgres = run(programs / "postgres", "--version").split()[2]
    return f"nautobot-{nautobot}-postgresql-{postgres}-{digest}"


def make(archive, programs, python, redis):
    with memory() as folder:
        with servers(folder, reachable(folder / "programs", programs), redis):
            migrate(folder, python)
        unfinished = archive.with_suffix(".part")
        run("tar", "--numeric-owner", "-I", "gzip -1", "-C", folder, "-cf", unfinished, "data")
        unfinished.rename(archive)
    for other in set(archive.parent.glob("nautobot-*.tar.gz")) - {archive}:
        other.unlink()


@contextmanager
def memory():
    """A folder in memory. It is unmounted with all that is mounted in it: nothing there is ever removed by name."""
    folder = Path(tempfile.mkdtemp())
    run("mount", "-t", "tmpfs", "-o", f"mode=0755,uid={NOBODY},gid={NOBODY}", "tmpfs", folder)
    try:
        yield folder
    finally:
        run("umount", "--recursive", "--lazy", folder)
        folder.rmdir()


@contextmanager
def servers(folder, programs, redis):
    """PostgreSQL and Redis on sockets in a folder; at the end PostgreSQL is shut down in order."""
    data, log = folder / "data", (folder / "log").open("w")
    options = ("--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
    run(*as_nobody(programs / "initdb", "-D", data, "-U", "postgres", *options))
    settings = [word for name, value in HASTE.items() for word in ("-c", f"{name}={value}")]
    postgres = start(as_nobody(programs / "postgres", "-D", data, "-k", folder, *settings), log)
    cache = start(as_nobody(redis, "--port", "0", "--unixsocket", folder / "redis.sock", "--dir", folder, "--save", ""), log)
    psql = [programs / "psql", "-h", folder, "-U", "postgres", "-v", "ON_ERROR_STOP=1", "-qc"]
    try:
        until(lambda: succeeds(*psql, "select 1"), "PostgreSQL answers")
        run(*psql, "create role nautobot login")
        run(*psql, "create database nautobot owner nautobot")
        yield
    finally:
        for process, stop in ((postgres, signal.SIGINT), (cache, signal.SIGTERM)):
            process.send_signal(stop)
            process.wait()


def migrate(folder, python):
    config = folder / "nautobot_config.py"
    config.write_text(CONFIG.format(folder=folder))
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "NAUTOBOT_ROOT": str(folder), "NAUTOBOT_CONFIG": str(config)}
    run(python.parent / "nautobot-server", "migrate", "--noinput", env=environment)


if __name__ == "__main__":
    # The first process of a namespace ignores signals that it does not handle.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))
    print(kept(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])))
