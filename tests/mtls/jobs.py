"""A worker runs as its Deployment says, and the global cluster's Nautobot sends it jobs."""

import time

from global_side import GlobalSide
from pods import Worker
from processes import until

# celery waits 2, 4, 6 seconds from try to try: at the third wait the gateway is gone for six.
GONE = "Trying again in 6.00 seconds"


def play(stage, spec):
    side, pod = GlobalSide(stage), spec["pod"]
    known = side.know(spec["queues"])
    worker = Worker(stage, pod, stage.certificate(pod["certificate"], pod["acts"][0]))
    seen = stage.watch(pod["gateway"], lambda: jobs(stage, spec, side, worker))
    stage.report("a job", {**seen, "known": known, "log": worker.logged()})
    seen = outage(stage, spec, side, worker)
    stage.report("gateway down", {**seen, "log": worker.logged()})
    worker.process.terminate()
    worker.process.wait()


def jobs(stage, spec, side, worker):
    """A job to a queue of nobody's, then one to the site's: when this has ended, that still waits."""
    other = side.ask("send", spec["elsewhere"])
    own = finished(side, worker, side.ask("send", spec["queue"]))
    return {"own": own, "other": side.ask("state", *other.values()), "waiting": stage.redis.waiting(spec["elsewhere"])}


def finished(side, worker, job):
    def ended():
        if worker.ended():
            raise SystemExit(worker.logged())
        return side.ask("state", *job.values())["ended"]

    until(ended, f"the end of a job\n{worker.logged()}")
    return side.ask("state", *job.values())


def outage(stage, spec, side, worker):
    """The gateway is gone until the worker has tried in vain, and comes back."""
    envoy = stage.gateways[spec["pod"]["gateway"]].envoy
    connected = worker.logged().count("Connected to")
    gone = time.monotonic()
    envoy.end()
    until(lambda: GONE in worker.logged(), "the worker has missed the gateway")
    envoy.begin()
    back = time.monotonic()
    job = side.ask("send", spec["queue"])
    until(lambda: worker.logged().count("Connected to") > connected, "the worker is connected again")
    again = time.monotonic()
    own = finished(side, worker, job)
    seconds = {"gone": back - gone, "connected": again - back, "job": time.monotonic() - back}
    return {"own": own, "seconds": seconds, "unmatched": envoy.unmatched()}
