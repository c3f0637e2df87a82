"""Whether the application answers."""

from typing import Literal

from chalicelib.api.answers import Answer, Out
from chalicelib.api.endpoints import Public, Request, endpoint


class Health(Out):
    status: Literal["ok"] = "ok"


@endpoint("GET", "/v1/health", who=Public(), gives={200: Health})
def health(_request: Request[None]) -> Answer:
    """Say that the application is there."""
    return Answer(200, Health())
