"""A worker runs as its Deployment says, and the global cluster's Nautobot sends it jobs."""

import time

from global_side import GlobalSide
from pods import Worker
from processes import until

# celery waits 2, 4, 6 seconds from try to try: at the third wait the gateway is gone for six.
TRYING = "Trying again in"
GONE = f"{TRYING} 6.00 seconds"
CONNECTED = "Connected to"


class Jobs:
    """A worker that runs, and the side that sends it jobs."""

    def __init__(self, stage, spec):
        self.stage, self.spec, self.pod = stage, spec, spec["pod"]
        self.side = GlobalSide(stage)
        self.known = self.side.know(spec["queues"])
        self.worker = Worker(stage, self.pod, stage.certificate(self.pod["certificate"], self.pod["acts"][0]))

    def play(self):
        seen = self.stage.watch(self.pod["gateway"], self.two_queues)
        self.stage.report("a job", {**seen, "known": self.known, "log": self.worker.logged()})

    def two_queues(self):
        """A job to a queue of another site, then one to its own: when this has ended, that still waits."""
        elsewhere = self.spec["elsewhere"]
        other = self.side.ask("send", elsewhere)
        own = self.finished(self.side.ask("send", self.spec["queue"]))
        other = self.side.ask("state", *other.values())
        return {"own": own, "other": other, "waiting": self.stage.redis.waiting(elsewhere)}

    def finished(self, job):
        def ended():
            if self.worker.ended():
                raise SystemExit(self.worker.logged())
            return self.side.ask("state", *job.values())["ended"]

        until(ended, "the end of a job")
        return self.side.ask("state", *job.values())

    def outage(self):
        """The gateway is gone until the worker has tried in vain, and comes back."""
        envoy, worker = self.stage.gateways[self.pod["gateway"]].envoy, self.worker
        logged = len(worker.logged())

        def since(words, start=logged):
            return worker.logged()[start:].count(words)

        gone = time.monotonic()
        envoy.end()
        until(lambda: since(GONE), "the worker has missed the gateway")
        envoy.begin()
        back, returned = time.monotonic(), len(worker.logged())
        job = self.side.ask("send", self.spec["queue"])
        until(lambda: since(CONNECTED), "the worker is connected again")
        again = time.monotonic()
        own = self.finished(job)
        seconds = {"gone": back - gone, "connected": again - back, "job": time.monotonic() - back}
        line = {"own": own, "seconds": seconds, "tries": since(TRYING, returned), "unmatched": envoy.unmatched(), "log": worker.logged()}
        self.stage.report("gateway down", line)
