"""The health check."""

from typing import Literal

from chalicelib.api.answers import Answer, Out
from chalicelib.api.endpoints import Request, endpoint
from chalicelib.web.audience import Public


class Health(Out):
    status: Literal["ok"] = "ok"


@endpoint("GET", "/v1/health", id="health.health", who=Public(), gives={200: Health})
def health(_request: Request[None]) -> Answer:
    """Check that the application responds."""
    return Answer(200, Health())
