"""cert-manager without a cluster: what it would put into the Secret of a `Certificate`."""

import json

from processes import run


class Issuer:
    def __init__(self, program, openssl):
        self.program, self.openssl = program, openssl

    def issue(self, certificate, authority):
        request = json.dumps({"certificate": certificate, "authority": authority})
        return json.loads(run(self.program, input=request))

    def server(self, names, authority):
        """A server's certificate for some names."""
        key = {"algorithm": "ECDSA", "size": 256}
        usages = ["digital signature", "server auth"]
        spec = {"commonName": names[0], "dnsNames": names, "usages": usages, "privateKey": key}
        return self.issue({"spec": spec}, authority)

    def serial(self, certificate):
        """The serial number as PostgreSQL writes it: a decimal number."""
        text = run(self.openssl, "x509", "-noout", "-serial", input=certificate)
        return str(int(text.strip().partition("=")[2], 16))
