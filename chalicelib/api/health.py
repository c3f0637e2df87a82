"""The health check."""

from typing import Literal

from chalicelib.api.endpoints import Request, endpoint
from chalicelib.api.responses import ApiResponse, Out
from chalicelib.web.audience import Public


class Health(Out):
    status: Literal["ok"] = "ok"


@endpoint("GET", "/v1/health", id="health.health", who=Public(), gives={200: Health})
def health(_request: Request[None]) -> ApiResponse:
    """Check that the application responds."""
    return ApiResponse(200, Health())
