"""Configuration of Nautobot, for the global cluster and for every site's workers."""

import os

from nautobot.core.settings import *  # noqa: F403

PARTITION = os.environ.get("UNDERSTACK_PARTITION", "")
SITE = os.environ.get("UNDERSTACK_SITE", "")

CERTIFICATES = "/etc/nautobot/mtls"

# On a site the database is reached through the gateway, with a client certificate.
SSL_MODE = os.environ.get("NAUTOBOT_DB_SSLMODE", "")
if SSL_MODE:
    options = DATABASES["default"].setdefault("OPTIONS", {})  # noqa: F405
    options["sslmode"] = SSL_MODE
    # A gateway that routes by server name needs a ClientHello first (libpq and PostgreSQL 17).
    if negotiation := os.environ.get("NAUTOBOT_DB_SSLNEGOTIATION", ""):
        options["sslnegotiation"] = negotiation
    options["sslcert"] = os.environ.get("NAUTOBOT_DB_SSLCERT", f"{CERTIFICATES}/tls.crt")
    options["sslkey"] = os.environ.get("NAUTOBOT_DB_SSLKEY", f"{CERTIFICATES}/tls.key")
    if SSL_MODE != "require":
        options["sslrootcert"] = os.environ.get("NAUTOBOT_DB_SSLROOTCERT", f"{CERTIFICATES}/ca.crt")

# So is Redis, as cache and as broker.
REDIS_CA = os.environ.get("NAUTOBOT_REDIS_SSL_CA_CERTS", "")
if REDIS_CA:
    redis_tls = {
        "ssl_ca_certs": REDIS_CA,
        "ssl_certfile": os.environ["NAUTOBOT_REDIS_SSL_CERTFILE"],
        "ssl_keyfile": os.environ["NAUTOBOT_REDIS_SSL_KEYFILE"],
        "ssl_cert_reqs": os.environ.get("NAUTOBOT_REDIS_SSL_CERT_REQS", "required"),
    }
    CACHES["default"]["OPTIONS"]["CONNECTION_POOL_KWARGS"] = redis_tls  # noqa: F405
    CELERY_BROKER_USE_SSL = redis_tls
    CELERY_REDIS_BACKEND_USE_SSL = redis_tls
