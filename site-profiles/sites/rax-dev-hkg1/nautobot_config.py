"""Configuration of the workers at rax-dev-hkg1: jobs here may run for hours."""

import os

from nautobot.core.settings import *  # noqa: F403

CELERY_TASK_SOFT_TIME_LIMIT = 4 * 3600
CELERY_TASK_TIME_LIMIT = 4 * 3600 + 300

CERTIFICATES = "/etc/nautobot/mtls"
DATABASES["default"]["OPTIONS"] = {  # noqa: F405
    "sslmode": os.environ["NAUTOBOT_DB_SSLMODE"],
    "sslcert": f"{CERTIFICATES}/tls.crt",
    "sslkey": f"{CERTIFICATES}/tls.key",
    "sslrootcert": f"{CERTIFICATES}/ca.crt",
}
