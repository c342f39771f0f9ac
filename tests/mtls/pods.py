"""Pods of sites: one runs from its Deployment, and its certificate can change under it."""

import json
import subprocess
import sys
from pathlib import Path

import volumes
from processes import start, succeeds, until

CONNECTIONS = ("database", "cache", "broker")
# The longest name of a host that kubelet gives to a pod.
HOSTNAME = 63


class Talking:
    """A process that answers a line of input with a line of JSON."""

    def __init__(self, words, log, **more):
        self.log = log
        streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": log.open("a")}
        self.process = subprocess.Popen([str(word) for word in words], text=True, **streams, **more)

    def ask(self, line):
        """Returns the answer, or nothing where the process has ended; other lines belong to its log."""
        try:
            print(line, file=self.process.stdin, flush=True)
        except BrokenPipeError:
            pass
        for answer in self.process.stdout:
            if answer.startswith("{"):
                return json.loads(answer)
            with self.log.open("a") as log:
                log.write(answer)
        return None

    def end(self):
        self.process.stdin.close()
        self.process.wait()


class Pod:
    """A pod with a certificate; `runs` says whether it is its own command or the probe."""

    def __init__(self, stage, pod, files, runs):
        deployment = next(one for one in pod["objects"] if one["kind"] == "Deployment")
        self.spec = deployment["spec"]["template"]["spec"]
        self.pod, self.folder = pod, stage.new_folder()
        self.log = self.folder / "log"
        description = {"objects": pod["objects"], "hostname": f"{deployment['metadata']['name']}-0"[:HOSTNAME]}
        description |= {"hosts": stage.gateways[pod["gateway"]].hosts, "python": stage.input["python"], "runs": runs}
        description["secrets"] = {**stage.input["secrets"], pod["secret"]: files}
        (self.folder / "pod.json").write_text(json.dumps(description))
        self.words = ["unshare", "--mount", "--uts", sys.executable, Path(__file__).parent / "pod.py", self.folder / "pod.json"]

    def update(self, files):
        """Gives the pod other files of its certificate, as kubelet does when the Secret changes."""
        group = self.spec.get("securityContext", {}).get("fsGroup")
        for volume in self.spec["volumes"]:
            if volume.get("secret", {}).get("secretName") == self.pod["secret"]:
                volumes.write(self.folder / "volumes" / volume["name"], files, volume["secret"], group)

    def logged(self):
        return self.log.read_text(errors="replace")


class Probe(Pod):
    """A pod that dials when it is asked to."""

    def __init__(self, stage, pod, files):
        super().__init__(stage, pod, files, "probe")
        self.talking = Talking(self.words, self.log)
        self.ask, self.end = self.talking.ask, self.talking.end

    def dial(self, *more):
        return self.ask(" ".join([*CONNECTIONS, *more]))


class Worker(Pod):
    """A pod that runs what its Deployment says; ready when its readiness probe says so."""

    def __init__(self, stage, pod, files):
        super().__init__(stage, pod, files, "command")
        self.process = start(self.words, self.log.open("a"))
        (container,) = self.spec["containers"]
        ready = container["readinessProbe"]["exec"]["command"]
        enter = ["nsenter", f"--target={self.process.pid}", "--mount", "--"]
        until(lambda: self.ended() or succeeds(*enter, *ready), "the worker is ready")

    def ended(self):
        return self.process.poll() is not None


def play(stage, pod):
    """Starts a pod, and dials with each of its certificates in turn; a line each to stdout."""
    probe = None
    for act in pod["acts"]:
        files = stage.certificate(pod["certificate"], act)
        stage.name_servers(act["servers"])
        if probe:
            probe.update(files)
        else:
            probe = Probe(stage, pod, files)
        seen = stage.watch(pod["gateway"], lambda: probe.dial(*act["asks"]))
        serial = stage.issuer.serial(files["tls.crt"]) if "tls.crt" in files else None
        stage.report(act["name"], {**seen, "serial": serial, "log": probe.logged()})
    stage.name_servers([])
    probe.end()
