"""botocore without what costs much and tests nothing, in this process.

For each event of a new client it looks through its list of renamed services, for each request it composes its name, and signs it: a third
of its processor time. Names and events are remembered, and requests to DynamoDB, which no emulator checks, have one signature. For each
new client it also reads the signature of each of its own functions, and sets up TLS, which no emulator speaks: once is enough. Requests
to DynamoDB Local do without urllib3.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import botocore.session
from botocore import hooks, httpsession
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.hooks import EventAliaser, HierarchicalEmitter
from botocore.useragent import UserAgentString

from tests import fast_http

SIGNED_AT = "20261122T120000Z"
_loader = cache(botocore.session.create_loader)
_alias: Callable[..., str] = EventAliaser._alias_event_name  # type: ignore[attr-defined]
_really_sign = SigV4Auth.add_auth
_takes_anything: Callable[..., Any] = cache(hooks.accepts_kwargs)
_tls = cache(httpsession.create_urllib3_context)


def speed_up() -> None:
    """Replace botocore's slow steps in this process."""
    botocore.session.create_loader = _loader
    EventAliaser._alias_event_name = lambda _, name: _alias_of(name)  # type: ignore[attr-defined]
    UserAgentString.to_string = lambda self: "tests"  # type: ignore[method-assign]
    SigV4Auth.add_auth = _sign  # type: ignore[method-assign]
    hooks.accepts_kwargs = lambda func: _takes_anything(getattr(func, "__func__", func))
    httpsession.create_urllib3_context = _tls
    fast_http.speed_up()


@cache
def _alias_of(event: str) -> str:
    return _alias(EventAliaser(HierarchicalEmitter()), event)


def _sign(self: Any, request: AWSRequest) -> None:
    """Say who asks and in which region, by which emulators tell databases apart. A role's session is really signed: it has permissions."""
    if self._service_name != "dynamodb" or self.credentials.token:
        _really_sign(self, request)
        return
    scope = f"{self.credentials.access_key}/{SIGNED_AT[:8]}/{self._region_name}/dynamodb/aws4_request"
    request.headers["X-Amz-Date"] = SIGNED_AT
    request.headers["Authorization"] = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host;x-amz-date, Signature=0"
