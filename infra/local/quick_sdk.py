"""botocore for an emulator: without what takes more than half of its processor time and concerns nobody here.

For each event of a request it looks through its list of renamed services, for each request it composes its name, and signs it. Here names
and events are remembered, and requests to DynamoDB have one signature, which says who asks and where: an emulator checks no more. They
leave on plain sockets.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.hooks import EventAliaser, HierarchicalEmitter
from botocore.useragent import UserAgentString

from infra.local import plain_http

SIGNED_AT = "20261122T120000Z"
NAME = "local"
UNCHECKED = ("dynamodb", "dynamodbstreams")
_alias: Callable[..., str] = EventAliaser._alias_event_name  # type: ignore[attr-defined]
_really_sign = SigV4Auth.add_auth


def speed_up() -> None:
    """Replace botocore's slow steps in this process."""
    EventAliaser._alias_event_name = lambda _, name: _alias_of(name)  # type: ignore[attr-defined]
    UserAgentString.to_string = lambda self: NAME  # type: ignore[method-assign]
    SigV4Auth.add_auth = _sign  # type: ignore[method-assign]
    plain_http.speed_up()


@cache
def _alias_of(event: str) -> str:
    return _alias(EventAliaser(HierarchicalEmitter()), event)


def _sign(self: Any, request: AWSRequest) -> None:
    """Say who asks and in which region, by which emulators tell databases apart. A role's session is really signed: it has permissions."""
    if self._service_name not in UNCHECKED or self.credentials.token:
        _really_sign(self, request)
        return
    scope = f"{self.credentials.access_key}/{SIGNED_AT[:8]}/{self._region_name}/{self._service_name}/aws4_request"
    request.headers["X-Amz-Date"] = SIGNED_AT
    request.headers["Authorization"] = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host;x-amz-date, Signature=0"
