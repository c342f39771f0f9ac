"""A global cluster's gateway, PostgreSQL and Redis, and pods of sites that dial them, on one machine.

Runs as root in mount, network and process namespaces of its own (`unshare`), so that nothing
of the machine is touched, ports are those that are emitted, and everything ends with it. Its
argument is a folder with `stage.json`; a line of JSON a pod goes to stdout. It decides
nothing: whether an answer is right is the test's matter.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import gateway

# Whoever runs servers: root may not run PostgreSQL.
NOBODY = 65534
# How long a server may take to its first answer, in seconds.
START = 600


def run(*words):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{words}: {done.stdout}{done.stderr}")


def as_nobody(*words):
    drop = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--"]
    return [str(word) for word in [*drop, *words]]


def until(ready):
    end = time.monotonic() + START
    while not ready():
        if time.monotonic() > end:
            raise SystemExit("a server did not start")
        time.sleep(0.05)


def answers(*words):
    return subprocess.run([str(word) for word in words], capture_output=True, check=False).returncode == 0


def postgres(folder, programs, address, port, user, password, database):
    """PostgreSQL that takes TLS and a certificate of the user's name alone."""
    data = folder / "data"
    run(*as_nobody(programs / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "--no-sync"))
    (data / "pg_hba.conf").write_text("local all postgres trust\nhostssl all all 0.0.0.0/0 cert\n")
    settings = {
        "listen_addresses": address, "port": port, "unix_socket_directories": folder, "fsync": "off",
        "ssl": "on", "ssl_cert_file": folder / "tls.crt", "ssl_key_file": folder / "tls.key", "ssl_ca_file": folder / "ca.crt",
    }
    with (data / "postgresql.conf").open("a") as file:
        file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
    log = (folder / "log").open("w")
    subprocess.Popen(as_nobody(programs / "postgres", "-D", data), stdout=log, stderr=log)
    ask = [programs / "psql", "-h", folder, "-p", port, "-U", "postgres", "-v", "ON_ERROR_STOP=1", "-c"]
    until(lambda: answers(*ask, "select 1"))
    run(*ask, f"create role \"{user}\" login password '{password}'")
    run(*ask, f'create database "{database}" owner "{user}"')


def redis(folder, program, address, port, password):
    """Redis that takes TLS and any certificate of the authority."""
    options = {
        "port": 0, "bind": address, "tls-port": port, "requirepass": password, "dir": folder, "save": "",
        "tls-cert-file": folder / "tls.crt", "tls-key-file": folder / "tls.key", "tls-ca-cert-file": folder / "ca.crt",
        "tls-auth-clients": "yes",
    }
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    log = (folder / "log").open("w")
    subprocess.Popen(as_nobody(program, *words), stdout=log, stderr=log)
    until(lambda: "Ready to accept connections" in (folder / "log").read_text())


class Envoy:
    """The gateway, as Envoy Gateway would configure it for the emitted objects."""

    def __init__(self, folder, program, objects, address, services):
        folder.mkdir()
        (folder / "config.json").write_text(json.dumps(gateway.configured(objects, address, services)))
        words = [program, "--config-path", folder / "config.json", "--concurrency", "1", "--disable-hot-restart"]
        log = (folder / "log").open("w")
        subprocess.Popen([str(word) for word in words], stdout=log, stderr=log)
        until(lambda: self.ask("ready").startswith("LIVE"))

    def ask(self, page):
        host, port = gateway.ADMIN
        try:
            with urlopen(f"http://{host}:{port}/{page}") as answer:
                return answer.read().decode()
        except URLError:
            return ""

    def unmatched(self):
        """Connections so far that no route took."""
        lines = self.ask("stats?filter=no_filter_chain_match").splitlines()
        return sum(int(line.rpartition(" ")[2]) for line in lines)


def reachable(folder, programs):
    """A folder of programs that PostgreSQL's own user reaches: some are in a user's cache."""
    install = programs.parent
    if all(parent.stat().st_mode & 0o001 for parent in [install, *install.parents]):
        return programs
    folder.mkdir()
    run("mount", "--bind", install, folder)
    return folder / programs.name


class Issuer:
    """cert-manager without a cluster: what it would put into the Secret of a `Certificate`."""

    def __init__(self, program):
        self.program = program

    def issue(self, certificate, authority):
        asked = json.dumps({"certificate": certificate, "authority": authority})
        done = subprocess.run([self.program], input=asked, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{certificate}: {done.stderr}")
        return json.loads(done.stdout)

    def server(self, folder, host, authority):
        """A folder of a server's own, with a certificate for one name."""
        key = {"algorithm": "ECDSA", "size": 256}
        spec = {"commonName": host, "dnsNames": [host], "usages": ["digital signature", "server auth"], "privateKey": key}
        folder.mkdir(mode=0o700)
        for name, text in self.issue({"spec": spec}, authority).items():
            (folder / name).write_text(text)
            (folder / name).chmod(0o600)
        for path in [folder, *folder.iterdir()]:
            os.chown(path, NOBODY, NOBODY)
        return folder


def pods(folder, stage, issuer, authorities, envoy):
    """Starts each pod in a mount namespace of its own, and hands on what it, the gateway and PostgreSQL say."""
    here = Path(__file__).parent
    log = folder / "postgres" / "log"
    for pod in stage["pods"]:
        unmatched, logged = envoy.unmatched(), log.stat().st_size
        certificate = {**pod["certificate"], "spec": {**pod["certificate"]["spec"], **pod["spec"]}}
        files = issuer.issue(certificate, authorities[pod["issuer"]])
        files["ca.crt"] = authorities[pod["trusts"]]["tls.crt"]
        if not pod["presents"]:
            del files["tls.crt"], files["tls.key"]
        told = {**pod, "hosts": stage["hosts"], "python": stage["python"]}
        told["secrets"] = {**stage["secrets"], pod["secret"]: files}
        (folder / "pod.json").write_text(json.dumps(told))
        words = ["unshare", "--mount", sys.executable, here / "pod.py", folder / "pod.json"]
        done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
        last = done.stdout.strip().splitlines()[-1:] or ["null"]
        try:
            answer = json.loads(last[0])
        except ValueError:
            answer = None
        told = {"name": pod["name"], "answer": answer, "log": done.stdout + done.stderr}
        told |= {"unmatched": envoy.unmatched() - unmatched, "postgres": log.read_text()[logged:]}
        print(json.dumps(told), flush=True)


def main(folder):
    os.umask(0o022)
    stage = json.loads((folder / "stage.json").read_text())
    run("ip", "link", "set", "lo", "up")
    # Its servers are to be reached by nobody, and a temporary folder is its maker's alone.
    run("mount", "-t", "tmpfs", "-o", "mode=0755", "tmpfs", folder)
    issuer, database, cache = Issuer(stage["issue"]), stage["database"], stage["redis"]
    authorities = {name: issuer.issue(stage["authority"], None) for name in ("authority", "foreign")}
    own = authorities["authority"]
    postgres(
        issuer.server(folder / "postgres", database["host"], own), reachable(folder / "programs", Path(stage["postgres"])),
        *database["address"], database["user"], database["password"], database["name"],
    )
    redis(
        issuer.server(folder / "redis", cache["host"], own), stage["redisServer"], *cache["address"], cache["password"],
    )
    services = {one["backend"]: one["address"] for one in (database, cache)}
    envoy = Envoy(folder / "envoy", stage["envoy"], stage["gateway"], stage["gatewayAddress"], services)
    pods(folder, stage, issuer, authorities, envoy)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
