"""HTTP requests as the events that API Gateway's REST APIs send to Lambda, and Lambda's results as HTTP responses.

What AWS does and is easily missed: the path and its parameters stay percent-encoded, the query is decoded once; absent maps are null;
a body of an undeclared type is text, whatever bytes it was; a binary result leaves as binary only if the first accepted type is declared.
"""

import base64
import binascii
import time
from collections.abc import Collection
from typing import Any
from urllib.parse import parse_qsl

from chalicelib.web.path_match import Match
from infra import gateway_responses
from infra.local.http_server import Headers, Request, Response, gateway_response

ACCOUNT, API, STAGE = "000000000000", "rollbook", "local"
NOT_KNOWN = (
    *("accessKey", "accountId", "caller", "user", "userArn", "principalOrgId"),
    *("cognitoAuthenticationProvider", "cognitoAuthenticationType", "cognitoIdentityId", "cognitoIdentityPoolId"),
)
HOP_BY_HOP = {"connection", "content-length", "expect", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"}


def proxy_event(request: Request, match: Match, *, request_id: str, binary_types: Collection[str]) -> dict[str, Any]:
    """Return the event for a request that belongs to a declared resource."""
    headers = _forwarded(request)
    query = parse_qsl(request.query, keep_blank_values=True, errors="replace")
    binary = _media_type(request.header("Content-Type")) in binary_types
    return {
        "resource": match.resource,
        "path": request.path,
        "httpMethod": request.method,
        "headers": dict(headers) or None,
        "multiValueHeaders": _multi(headers),
        "queryStringParameters": dict(query) or None,
        "multiValueQueryStringParameters": _multi(query),
        "pathParameters": dict(match.names) or None,
        "stageVariables": None,
        "requestContext": _context(request, match, request_id=request_id),
        "body": _body(request.body, binary=binary),
        "isBase64Encoded": binary and bool(request.body),
    }


def response_from(result: Any, *, accept: str, binary_types: Collection[str]) -> Response:
    """Return the HTTP answer that a function's result means; a malformed one is the gateway's 502."""
    try:
        return Response(int(result["statusCode"]), _result_body(result, _first(accept) in binary_types), _result_headers(result))
    except (KeyError, TypeError, ValueError, AttributeError, binascii.Error):
        return BAD_RESULT


BAD_RESULT = gateway_response(gateway_responses.FAILED, 502)


def _forwarded(request: Request) -> Headers:
    """Return the headers that reach the function, with what API Gateway adds."""
    kept = [(name, value) for name, value in request.headers if name.lower() not in HOP_BY_HOP | {"x-forwarded-for"}]
    via = [value for name, value in request.headers if name.lower() == "x-forwarded-for"]
    port = request.header("Host").rpartition(":")[2] or "80"
    return [*kept, ("X-Forwarded-For", ", ".join([*via, request.client])), ("X-Forwarded-Port", port), ("X-Forwarded-Proto", "http")]


def _context(request: Request, match: Match, *, request_id: str) -> dict[str, Any]:
    now = time.time()
    return {
        "accountId": ACCOUNT,
        "apiId": API,
        "domainName": request.header("Host"),
        "domainPrefix": request.header("Host").partition(".")[0],
        "extendedRequestId": request_id,
        "httpMethod": request.method,
        "identity": _identity(request),
        "path": request.path,
        "protocol": "HTTP/1.1",
        "requestId": request_id,
        "requestTime": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)),
        "requestTimeEpoch": int(now * 1000),
        "resourceId": "local",
        "resourcePath": match.resource,
        "stage": STAGE,
    }


def _identity(request: Request) -> dict[str, str | None]:
    return dict.fromkeys(NOT_KNOWN) | {"sourceIp": request.client, "userAgent": request.header("User-Agent") or None}


def _multi(pairs: Headers) -> dict[str, list[str]] | None:
    grouped: dict[str, list[str]] = {}
    for name, value in pairs:
        grouped.setdefault(name, []).append(value)
    return grouped or None


def _body(body: bytes, *, binary: bool) -> str | None:
    if not body:
        return None
    return base64.b64encode(body).decode() if binary else body.decode(errors="replace")


def _result_body(result: dict[str, Any], accepts_binary: bool) -> bytes:
    body = result.get("body") or ""
    return base64.b64decode(body, validate=True) if result.get("isBase64Encoded") and accepts_binary else body.encode()


def _result_headers(result: dict[str, Any]) -> Headers:
    """Return the result's headers; where a name has many values, those count."""
    many = {name: values for name, values in (result.get("multiValueHeaders") or {}).items() if name.lower() not in HOP_BY_HOP}
    hidden = HOP_BY_HOP | {name.lower() for name in many}
    single = [(name, str(value)) for name, value in (result.get("headers") or {}).items() if name.lower() not in hidden]
    headers = [*single, *((name, str(value)) for name, values in many.items() for value in values)]
    if any("\n" in value or "\r" in value for _, value in headers):
        raise ValueError("a header value has a line break")
    return headers if any(name.lower() == "content-type" for name, _ in headers) else [*headers, ("Content-Type", "application/json")]


def _first(accept: str) -> str:
    return _media_type(accept.partition(",")[0])


def _media_type(header: str) -> str:
    return header.partition(";")[0].strip().lower()
