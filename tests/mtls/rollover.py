"""Another authority takes over, step by step as the guide has it; a pod connects at each step.

A worker gets the same files and is left to run.
"""

from pods import Probe


def play(stage, spec, worker):
    pod, issuer = spec["pod"], stage.issuer
    old, new = stage.authorities["authority"], issuer.issue(spec["successor"], None)
    both = old["tls.crt"] + new["tls.crt"]
    servers = stage.postgres, stage.redis
    pairs = {name: pair(issuer.issue(pod["certificate"], one)) for name, one in (("old", old), ("new", new))}
    serials = {name: issuer.serial(one["tls.crt"]) for name, one in pairs.items()}
    probe = Probe(stage, pod, {**pairs["old"], "ca.crt": old["tls.crt"]})

    def give(name, authorities, *pods):
        for one in pods or (probe, worker):
            one.update({**pairs[name], "ca.crt": authorities})

    def trust(authorities):
        for server in servers:
            server.change(trusted=authorities)

    def dial(step, name):
        seen = stage.watch(pod["gateway"], probe.dial)
        stage.report(f"rollover: {step}", {**seen, "serial": serials[name], "log": probe.logged()})

    dial("before", "old")
    trust(both)
    dial("servers trust both", "old")
    give("old", both)
    dial("the pod trusts both", "old")
    give("new", both)
    dial("the pod's pair is new", "new")
    for server in servers:
        server.change(pair=issuer.server(server.names, new))
    dial("all pairs are new", "new")
    # A site that the new pair has not reached yet.
    give("old", both, probe)
    dial("a pod is late", "old")
    give("new", both, probe)
    trust(new["tls.crt"])
    dial("servers trust the new one alone", "new")
    give("new", new["tls.crt"])
    dial("after", "new")
    give("old", new["tls.crt"], probe)
    dial("a certificate of the old authority", "old")
    probe.end()
    certificates = {name: one["tls.crt"] for name, one in pairs.items()}
    line = {"site": spec["site"], "certificates": certificates, "authority": new["tls.crt"]}
    stage.report("rollover", line)


def pair(secret):
    return {name: secret[name] for name in ("tls.crt", "tls.key")}
