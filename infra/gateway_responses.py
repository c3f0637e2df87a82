"""API Gateway's own answers, for requests that do not reach the application or get no answer from it.

As problem+json with CORS, like the API's own refusals. API Gateway cannot tell pages from the API here, so pages get the same.
"""

import json
from dataclasses import dataclass
from typing import Any

from chalicelib.web.cors import CORS
from chalicelib.web.headers import HEADERS, HSTS

SECURE = {**HEADERS, "Content-Security-Policy": "sandbox"}
"""API Gateway takes no quotes in a fixed value, so the policy is the strictest without any."""
READABLE = ("Access-Control-Allow-Origin", "Access-Control-Expose-Headers")
OVER_HTTPS = {"Strict-Transport-Security": HSTS}


@dataclass(frozen=True, slots=True)
class GatewayResponse:
    """A response type of API Gateway. Without a status, each type of its family keeps its own."""

    type: str
    status: int | None
    code: str
    detail: str
    retry_after: int | None = None

    @property
    def headers(self) -> dict[str, str]:
        allowed = CORS.get_access_control_headers()
        wait = {"Retry-After": str(self.retry_after)} if self.retry_after else {}
        return {"Content-Type": "application/problem+json", **{name: allowed[name] for name in READABLE}, **SECURE, **wait}

    @property
    def body(self) -> str:
        status = {"status": self.status} if self.status else {}
        title = self.code.replace("_", " ").capitalize()
        return json.dumps({"type": f"urn:rollbook:problem:{self.code}", "title": title, **status, "detail": self.detail, "code": self.code})

    def settings(self) -> dict[str, Any]:
        """Return it as PutGatewayResponse takes it."""
        status = {"statusCode": str(self.status)} if self.status else {}
        headers = {f"gatewayresponse.header.{name}": f"'{value}'" for name, value in {**self.headers, **OVER_HTTPS}.items()}
        return {**status, "responseParameters": headers, "responseTemplates": {"application/json": self.body}}


NO_ROUTE = GatewayResponse("MISSING_AUTHENTICATION_TOKEN", 404, "not_found", "There is nothing here under this address and method.")
TOO_LARGE = GatewayResponse("REQUEST_TOO_LARGE", 413, "body_too_large", "The body is larger than any that is taken. Send less at once.")
THROTTLED = GatewayResponse("THROTTLED", 429, "too_many_requests", "Too many requests came at once. Please try again in a few seconds.", 5)
NO_FUNCTION = GatewayResponse(
    "INTEGRATION_FAILURE", 503, "busy", "Many people are doing this at the same moment. Please try again in a few seconds.", 5
)
TIMED_OUT = GatewayResponse("INTEGRATION_TIMEOUT", 504, "timed_out", "This took too long. See whether it was done, then try again.", 5)
FAILED = GatewayResponse("DEFAULT_5XX", None, "internal_error", "Something went wrong on our side. Try again in a minute.", 60)
REFUSED = GatewayResponse(
    "DEFAULT_4XX", None, "refused", "This request was refused before it reached Rollbook. Check its address and headers."
)

ALL = (NO_ROUTE, TOO_LARGE, THROTTLED, NO_FUNCTION, TIMED_OUT, FAILED, REFUSED)
