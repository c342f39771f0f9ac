"""What the workers of dev have in common."""

from __future__ import annotations

import os

from nautobot.core.settings import *  # noqa: F403

CELERY_TASK_TIME_LIMIT = int(os.getenv("TASK_HOURS", "1")) * 3600
DATABASES["default"]["CONN_MAX_AGE"] = 60  # noqa: F405
