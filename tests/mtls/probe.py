"""What a worker does first: it loads its config, dials PostgreSQL, cache and broker, and
serves its metrics.

A line of input names what to try, each by a connection of its own; a line of JSON answers:
what each connection is like, or why there is none. It ends with its input.
"""

import json
import os
import sys


def database():
    from django.db import connection

    connection.close()
    with connection.cursor() as cursor:
        cursor.execute(
            "select current_user, current_database(), ssl, version, client_dn, client_serial::text"
            " from pg_stat_ssl where pid = pg_backend_pid()"
        )
        names = ("user", "database", "ssl", "version", "client", "serial")
        return {**dict(zip(names, cursor.fetchone())), "server": connection.pg_version // 10000}


def cache():
    from django.core.cache import cache

    cache.client.get_client().connection_pool.disconnect()
    cache.set("site-cmp", "written", 60)
    return {"read": cache.get("site-cmp")}


def broker():
    """A message to the worker's first queue and back, over the broker's connection."""
    from nautobot.core.celery import app

    queue = os.environ["CELERY_TASK_QUEUES"].split(",")[0]
    with app.connection_for_write() as connection:
        connection.ensure_connection(max_retries=1, interval_start=0)
        messages = connection.SimpleQueue(queue)
        messages.put("a job")
        message = messages.get(timeout=600)
        message.ack()
        return {"queue": queue, "read": message.payload, "transport": connection.as_uri().split("://")[0]}


def metrics():
    """What the worker serves to Prometheus once it is ready, where the pod has a port for it."""
    from urllib.request import urlopen

    from nautobot.core.celery import setup_prometheus

    setup_prometheus()
    port = os.environ["NAUTOBOT_CELERY_WORKER_PROMETHEUS_PORTS"]
    with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=600) as page:
        return {"port": port, "connections": "django_db_new_connections_total" in page.read().decode()}


def health():
    """The readiness probe that the guide has for a worker, without its program's start."""
    from io import StringIO

    from django.core.management import call_command

    said = StringIO()
    try:
        call_command("health_check", stdout=said)
    except SystemExit as end:
        return {"exit": end.code, "said": said.getvalue()}
    return {"exit": 0}


def tried(connect):
    try:
        return connect()
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


def main():
    import nautobot

    nautobot.setup()
    for line in sys.stdin:
        answer = {name: tried(globals()[name]) for name in line.split()}
        print(json.dumps(answer), flush=True)


main()
