"""The gateway: Envoy, as Envoy Gateway configures it for the emitted objects."""

import json
from urllib.error import URLError
from urllib.request import urlopen

import gateway
from processes import start, until


class Envoy:
    def __init__(self, folder, program, objects, address, services):
        folder.mkdir()
        self.folder, self.address = folder, address
        (folder / "config.json").write_text(json.dumps(gateway.configured(objects, address, services)))
        self.words = [program, "--config-path", folder / "config.json", "--concurrency", "1", "--disable-hot-restart"]
        self.begin()

    def begin(self):
        self.process = start(self.words, (self.folder / "log").open("a"))
        until(lambda: self.ask("ready").startswith("LIVE"), "Envoy is ready")

    def end(self):
        self.process.kill()
        self.process.wait()

    def ask(self, page):
        try:
            with urlopen(f"http://{self.address}:{gateway.ADMIN_PORT}/{page}") as answer:
                return answer.read().decode()
        except (URLError, ConnectionError):
            return ""

    def unmatched(self):
        """Connections so far that no route took."""
        lines = self.ask("stats?filter=no_filter_chain_match").splitlines()
        return sum(int(line.rpartition(" ")[2]) for line in lines)
