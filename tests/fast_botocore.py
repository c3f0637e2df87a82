"""botocore without what costs much and tests nothing, in this process: what the local stack does without, and the setting up of clients.

For each new client botocore also reads the signature of each of its own functions, and sets up TLS, which no emulator speaks: once is
enough.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import botocore.session
from botocore import hooks, httpsession

from infra.local import quick_sdk

_loader = cache(botocore.session.create_loader)
_takes_anything: Callable[..., Any] = cache(hooks.accepts_kwargs)
_tls = cache(httpsession.create_urllib3_context)


def speed_up() -> None:
    """Replace botocore's slow steps in this process."""
    quick_sdk.speed_up()
    botocore.session.create_loader = _loader
    hooks.accepts_kwargs = lambda func: _takes_anything(getattr(func, "__func__", func))
    httpsession.create_urllib3_context = _tls
