"""Programs that the stage runs: to their end, as a user without rights, and until an event."""

import os
import subprocess
import time

# The user of servers: root may not run PostgreSQL.
NOBODY = 65534
# How long an event may take, in seconds: it only ends a run that hangs.
PATIENCE = 600


def run(*words, **more):
    """Runs a program to its end and returns its output; a failure ends the stage."""
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False, **more)
    if done.returncode:
        raise SystemExit(f"{words}: {done.stdout}{done.stderr}")
    return done.stdout


def start(words, log, **more):
    """Starts a program that writes to a log."""
    return subprocess.Popen([str(word) for word in words], stdout=log, stderr=log, **more)


def as_nobody(*words):
    drop = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--"]
    return [str(word) for word in [*drop, *words]]


def own(*paths):
    for path in paths:
        os.chown(path, NOBODY, NOBODY)


def until(ready, event):
    """Waits for an event, which has a name for the case that it does not come."""
    end = time.monotonic() + PATIENCE
    while not ready():
        if time.monotonic() > end:
            raise SystemExit(f"waited in vain: {event}")
        time.sleep(0.05)


def succeeds(*words):
    return subprocess.run([str(word) for word in words], capture_output=True, check=False).returncode == 0


def reachable(folder, programs):
    """Returns a folder of programs that PostgreSQL's own user reaches: some are in a user's cache."""
    install = programs.parent
    if all(parent.stat().st_mode & 0o001 for parent in [install, *install.parents]):
        return programs
    folder.mkdir()
    run("mount", "--bind", install, folder)
    return folder / programs.name
