"""Certificates as cert-manager would issue them for a `Certificate`, made with openssl."""

import itertools
import subprocess
from pathlib import Path

CURVES = {256: "P-256", 384: "P-384", 521: "P-521"}
# cert-manager's words for usages, and openssl's.
USAGES = {"client auth": "clientAuth", "server auth": "serverAuth"}
# What the authority of the policy mtls-clients is: its key, and its lifetime in days.
AUTHORITY_KEY = {"algorithm": "ECDSA", "size": 256, "encoding": "PKCS1"}
AUTHORITY_DAYS = 3650


def openssl(*words):
    done = subprocess.run(["openssl", *map(str, words)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"openssl {words}: {done.stderr}")


def make_key(path, key):
    """A private key in the encoding asked for: PKCS1 is the key's own form, PKCS8 wraps it."""
    if key["algorithm"] == "ECDSA":
        options = ["EC", "-pkeyopt", f"ec_paramgen_curve:{CURVES[key['size']]}"]
    else:
        options = ["RSA", "-pkeyopt", f"rsa_keygen_bits:{key['size']}"]
    wrapped = path.with_suffix(".pkcs8")
    openssl("genpkey", "-algorithm", *options, "-out", wrapped)
    form = ["-traditional"] if key["encoding"] == "PKCS1" else []
    openssl("pkey", "-in", wrapped, *form, "-out", path)


class Pair:
    """A certificate and its key, both PEM, and who signed it."""

    def __init__(self, certificate, key, authority):
        self.certificate, self.key, self.authority = certificate, key, authority

    def files(self, trusted):
        return {
            "tls.crt": self.certificate.read_text(),
            "tls.key": self.key.read_text(),
            "ca.crt": trusted.certificate.read_text(),
        }

    def write(self, folder):
        for name, text in self.files(self.authority).items():
            (folder / name).write_text(text)
            (folder / name).chmod(0o600)


class Authority:
    """A certificate authority in a folder of its own."""

    def __init__(self, folder):
        folder.mkdir()
        self.folder, self.count = folder, itertools.count()
        self.key, self.certificate = folder / "ca.key", folder / "ca.crt"
        make_key(self.key, AUTHORITY_KEY)
        openssl(
            "req", "-x509", "-new", "-key", self.key, "-days", AUTHORITY_DAYS, "-subj", "/CN=mtls-ca", "-out", self.certificate,
            "-addext", "keyUsage=critical,digitalSignature,keyEncipherment,keyCertSign",
        )

    def server(self, host):
        """A server's pair for one name."""
        spec = {"commonName": host, "duration": "2160h", "usages": ["server auth"], "privateKey": AUTHORITY_KEY}
        return self.issue(spec, [f"subjectAltName=DNS:{host}"])

    def client(self, spec, common_name):
        """A client's pair by the spec of an emitted `Certificate`, under this or another name."""
        return self.issue({**spec, "commonName": common_name or spec["commonName"]}, [])

    def issue(self, spec, extensions):
        stem = self.folder / str(next(self.count))
        key, request, certificate, extra = (Path(f"{stem}.{end}") for end in ("key", "csr", "crt", "ext"))
        make_key(key, spec["privateKey"])
        openssl("req", "-new", "-key", key, "-subj", f"/CN={spec['commonName']}", "-out", request)
        usages = ",".join(USAGES[usage] for usage in spec["usages"])
        lines = ["basicConstraints=critical,CA:FALSE", f"extendedKeyUsage={usages}", *extensions]
        extra.write_text("\n".join(lines))
        days = int(spec["duration"].removesuffix("h")) // 24
        openssl(
            "x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key, "-CAcreateserial", "-days", days,
            "-extfile", extra, "-out", certificate,
        )
        return Pair(certificate, key, self)
