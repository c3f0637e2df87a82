"""The environment of tests: the settings of an invented deployment."""

import os
import sys
from typing import TYPE_CHECKING

from chalicelib.config import config
from tests.tokens import CLIENT, ISSUER, POOL

if TYPE_CHECKING:
    from botocore.config import Config

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "123456789012",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_REGION": "eu-central-1",
    "ROLLBOOK_STAGE": "test",
    "ROLLBOOK_PUBLIC_URL": "http://127.0.0.1:8000",
    "ROLLBOOK_SENDER": "rollbook@local.test",
    "ROLLBOOK_LINK_KEY": "a key for tests",
    "ROLLBOOK_JOBS_QUEUE": "https://sqs.eu-central-1.amazonaws.com/123456789012/rollbook-test-jobs",
    "ROLLBOOK_WEBHOOKS_QUEUE": "https://sqs.eu-central-1.amazonaws.com/123456789012/rollbook-test-webhooks",
    "ROLLBOOK_IMPORTS_BUCKET": "rollbook-test-imports-123456789012",
    "ROLLBOOK_PICTURES_BUCKET": "rollbook-test-pictures-123456789012",
    "ROLLBOOK_USER_POOL": POOL,
    "ROLLBOOK_USER_POOL_CLIENT": CLIENT,
    "ROLLBOOK_TOKEN_ISSUER": ISSUER,
    "POWERTOOLS_METRICS_DISABLED": "true",
    "POWERTOOLS_LOG_LEVEL": "CRITICAL",
}


def enter(environment: dict[str, str]) -> None:
    """Take on the environment of another process."""
    from chalicelib import clients
    from tests import fast_botocore

    os.environ.update(environment)
    clients.RETRYING = unhurried()
    forget()
    fast_botocore.speed_up()


def unhurried() -> "Config":
    """Return the settings of clients for an emulator on a busy machine, whose reply may be late and is not lost: botocore would ask again,
    and what counts would count twice."""
    from botocore.config import Config

    from chalicelib import clients

    return clients.RETRYING.merge(Config(connect_timeout=60, read_timeout=60))


def forget() -> None:
    """Drop the settings, clients, keys and full sessions of an earlier environment, in modules that are already imported."""
    config.cache_clear()
    if clients := sys.modules.get("chalicelib.clients"):
        clients.forget()
    if full_cache := sys.modules.get("chalicelib.tables.ledger.full_cache"):
        full_cache._full.clear()
    if jwks := sys.modules.get("chalicelib.web.jwks"):
        jwks.keyring.forget()
