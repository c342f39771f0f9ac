"""A global cluster's gateways, PostgreSQL and Redis, and pods of sites that dial them, on one machine.

Runs as root in mount, network and process namespaces of its own (`unshare`), so that nothing
of the machine is touched, ports are those that are emitted, and everything ends with it. Its
argument is a folder with `stage.json`; lines of JSON go to stdout, each with a name. It
decides nothing: whether an answer is right is the test's matter.
"""

import json
import os
import sys
from pathlib import Path

import pods
import rollover
import template
from envoy import Envoy
from issuer import Issuer
from jobs import Jobs
from processes import reachable, run, until
from servers import Postgres, Redis


class Gateway:
    """An Envoy, and the names that lead to it."""

    def __init__(self, folder, program, spec):
        self.envoy = Envoy(folder, program, spec["objects"], spec["address"], spec["services"])
        self.hosts = {host: spec["address"] for host in spec["hosts"]}


class Stage:
    """All that runs, and the test's input."""

    def __init__(self, folder, input):
        self.folder, self.input = folder, input
        self.folders = 0
        self.issuer = Issuer(input["issue"], input["openssl"])
        authority = input["authority"]
        self.authorities = {name: self.issuer.issue(authority, None) for name in ("authority", "foreign")}
        self.postgres = self.database("postgres", input["postgres"], template.kept(*self.template()))
        self.redis = self.cache()
        self.gateways = {name: self.gateway(name, one) for name, one in input["gateways"].items()}

    def template(self):
        """The programs that make a migrated database."""
        programs = [self.input[name]["program"] for name in ("postgres", "python", "redis")]
        return [Path(program) for program in programs]

    def database(self, name, spec, archive=None):
        programs = reachable(self.folder / f"{name}-programs", Path(spec["program"]))
        account = self.input["account"]
        return Postgres(self.folder / name, *self.server(spec), programs, spec["address"], account, archive)

    def cache(self):
        spec = self.input["redis"]
        return Redis(self.folder / "redis", *self.server(spec), spec["program"], spec["address"], spec["password"])

    def server(self, spec):
        """Names of a server, its certificate for them, and whom it trusts."""
        own, names = self.authorities["authority"], spec["hosts"]
        return names, self.issuer.server(names, own), own["tls.crt"]

    def gateway(self, name, spec):
        """A gateway, and before it the PostgreSQL that it alone leads to, where it has one."""
        if own := spec.get("postgres"):
            self.database(f"{name}-postgres", own)
        return Gateway(self.folder / name, self.input["envoy"], spec)

    def new_folder(self):
        self.folders += 1
        folder = self.folder / f"pod-{self.folders}"
        folder.mkdir()
        return folder

    def certificate(self, certificate, act):
        """The Secret of a client's certificate: as its object says, but for what is other in this act."""
        spec = {**certificate["spec"], **act["spec"]}
        files = self.issuer.issue({**certificate, "spec": spec}, self.authorities[act["issuer"]])
        files["ca.crt"] = self.authorities[act["trusts"]]["tls.crt"]
        if not act["presents"]:
            del files["tls.crt"], files["tls.key"]
        return files

    def name_servers(self, names):
        """Gives both servers certificates for other names than those that sites dial, or these again."""
        for server, name in ((self.postgres, "postgres"), (self.redis, "redis")):
            wanted = names or self.input[name]["hosts"]
            if server.names != wanted:
                server.change(pair=self.issuer.server(wanted, self.authorities["authority"]))
                server.names = wanted

    def watch(self, gateway, action):
        """What an action returns, and what gateway and servers say meanwhile."""
        envoy, servers = self.gateways[gateway].envoy, {"postgres": self.postgres, "redis": self.redis}
        unmatched, logged = envoy.unmatched(), {name: len(one.logged()) for name, one in servers.items()}
        seen = {"answer": action(), "unmatched": envoy.unmatched() - unmatched}
        until(self.postgres.settled, "PostgreSQL has logged what it refused")
        return seen | {name: one.logged()[logged[name]:] for name, one in servers.items()}

    def report(self, name, line):
        print(json.dumps({"name": name, **line}), flush=True)


def main(folder):
    os.umask(0o022)
    input = json.loads((folder / "stage.json").read_text())
    run("ip", "link", "set", "lo", "up")
    # Its servers are to be reached by nobody, and a temporary folder is its maker's alone.
    run("mount", "-t", "tmpfs", "-o", "mode=0755", "tmpfs", folder)
    stage = Stage(folder, input)
    for pod in input["pods"]:
        pods.play(stage, pod)
    jobs = Jobs(stage, input["jobs"])
    jobs.play()
    rollover.play(stage, input["rollover"], jobs.worker)
    # Only now the worker dials again: with the pair that it got meanwhile.
    jobs.outage()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
