"""The global cluster's own Nautobot: it dials the servers directly, with a plain config of its own.

It makes queues known, sends jobs to them and reads their results (`global_calls.py`).
"""

import json
import os
from pathlib import Path

from pods import Talking
from processes import run

CONFIG = "from nautobot.core.settings import *\n"
# The command that makes queues known to Nautobot; it reads `kubectl get configmap -o json`.
KNOW_QUEUES = """
import json, sys
from nautobot.extras.models import JobQueue
for part in json.load(sys.stdin)["items"]:
    for fields in json.loads(part["data"]["job-queues.json"]):
        queue, created = JobQueue.objects.update_or_create(name=fields.pop("name"), defaults=fields)
        print("created" if created else "updated", queue.name)
"""


class GlobalSide:
    def __init__(self, stage):
        self.folder, input = stage.new_folder(), stage.input
        (self.folder / "nautobot_config.py").write_text(CONFIG)
        self.python = Path(input["python"]["program"])
        account, host, port = input["account"], *stage.redis.address
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": str(self.folder), "NAUTOBOT_ROOT": str(self.folder),
            "NAUTOBOT_CONFIG": str(self.folder / "nautobot_config.py"),
            "NAUTOBOT_SECRET_KEY": input["secrets"]["nautobot-django"]["NAUTOBOT_SECRET_KEY"],
            "NAUTOBOT_DB_HOST": str(stage.postgres.folder), "NAUTOBOT_DB_PORT": str(stage.postgres.port),
            "NAUTOBOT_DB_NAME": account["name"], "NAUTOBOT_DB_USER": account["user"],
            "NAUTOBOT_DB_PASSWORD": account["password"],
            "NAUTOBOT_REDIS_HOST": host, "NAUTOBOT_REDIS_PORT": str(port),
            "NAUTOBOT_REDIS_PASSWORD": stage.redis.password,
        }
        words = [self.python, Path(__file__).parent / "global_calls.py"]
        self.talking = Talking(words, self.folder / "log", env=self.environment)

    def know(self, queues):
        """Makes queues known as an operator does, and returns the command's output."""
        words = [self.python.parent / "nautobot-server", "nbshell", "--quiet-load", "--command", KNOW_QUEUES]
        return run(*words, input=json.dumps(queues), env=self.environment)

    def ask(self, name, *arguments):
        answer = self.talking.ask(json.dumps([name, *arguments]))
        if answer is None:
            raise SystemExit((self.folder / "log").read_text())
        return answer
