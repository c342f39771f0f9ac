"""Configuration of the workers at rax-dev-hkg1: jobs here may run for hours."""

import os

from nautobot.core.settings import *  # noqa: F403

CELERY_TASK_SOFT_TIME_LIMIT = 4 * 3600
CELERY_TASK_TIME_LIMIT = 4 * 3600 + 300

CERTIFICATES = "/etc/nautobot/mtls"
DATABASES["default"]["OPTIONS"] = {  # noqa: F405
    "sslmode": os.environ["NAUTOBOT_DB_SSLMODE"],
    "sslnegotiation": os.environ["NAUTOBOT_DB_SSLNEGOTIATION"],
    "sslcert": f"{CERTIFICATES}/tls.crt",
    "sslkey": f"{CERTIFICATES}/tls.key",
    "sslrootcert": f"{CERTIFICATES}/ca.crt",
}

redis_tls = {
    "ssl_cert_reqs": os.environ["NAUTOBOT_REDIS_SSL_CERT_REQS"],
    "ssl_ca_certs": os.environ["NAUTOBOT_REDIS_SSL_CA_CERTS"],
    "ssl_certfile": os.environ["NAUTOBOT_REDIS_SSL_CERTFILE"],
    "ssl_keyfile": os.environ["NAUTOBOT_REDIS_SSL_KEYFILE"],
}
CACHES["default"]["OPTIONS"]["CONNECTION_POOL_KWARGS"] = redis_tls  # noqa: F405
CELERY_BROKER_USE_SSL = redis_tls
CELERY_REDIS_BACKEND_USE_SSL = redis_tls
