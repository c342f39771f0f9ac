"""Calls into the global cluster's own Nautobot, in a process that has loaded it.

A line of input is JSON, a call's name and its arguments; each answer is a line of JSON.
"""

import json
import sys
from uuid import uuid4

# A job of Nautobot's own that shows what it has written: it deletes log entries.
JOB = {"module_name": "nautobot.core.jobs.cleanup", "job_class_name": "LogsCleanup"}
USER = "operator"


def send(queue):
    """Sends the job to a queue, with one log entry that it will delete."""
    from django.contrib.auth import get_user_model
    from nautobot.extras.models import Job, JobQueue, JobResult, ObjectChange

    user, _ = get_user_model().objects.get_or_create(username=USER, defaults={"is_superuser": True})
    entry = {"action": "create", "change_context": "orm", "object_repr": queue, "object_data": {}}
    change = ObjectChange.objects.create(user_name=USER, request_id=uuid4(), changed_object_id=uuid4(), **entry)
    job, queue = Job.objects.get(**JOB), JobQueue.objects.get(name=queue)
    asked = {"cleanup_types": ["extras.ObjectChange"], "max_age": 0}
    result = JobResult.enqueue_job(job, user, job_queue=queue, **asked)
    return {"result": str(result.pk), "change": str(change.pk)}


def state(result, change):
    """A job's result as the database has it, and whether the log entry is still there."""
    from nautobot.extras.models import JobResult, ObjectChange

    found = JobResult.objects.get(pk=result)
    return {
        "id": result, "status": found.status, "queue": found.celery_kwargs["queue"], "worker": found.worker,
        "result": found.result, "traceback": found.traceback, "ended": found.date_done is not None,
        "logged": found.job_log_entries.count(), "change": ObjectChange.objects.filter(pk=change).exists(),
    }


def main():
    import nautobot

    nautobot.setup()
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        print(json.dumps({"send": send, "state": state}[name](*arguments)), flush=True)


if __name__ == "__main__":
    main()
