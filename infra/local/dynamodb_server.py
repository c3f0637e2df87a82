"""A server for MiniStack's DynamoDB and streams, which get nearly all requests of the local stack.

MiniStack's own leads through a general web server and a search among two hundred services, which takes longer than most requests
themselves. Here comes only what AWS's SDKs send: a POST with a length, on a connection that is kept, one after the other.
"""

import asyncio
import logging
import re
from collections.abc import Callable, Mapping
from typing import Any

from ministack.core.responses import set_request_account_id, set_request_region
from ministack.services import dynamodb, dynamodb_streams

SIGNED = re.compile(r"Credential=(?P<account>[^/]+)/\d+/(?P<region>[^/]+)/")
FAILED: tuple[int, dict[str, str], bytes] = 500, {}, b'{"__type": "InternalError", "message": "The request failed."}'
SERVICES = {"DynamoDB_20120810": dynamodb.handle_request, "DynamoDBStreams_20120810": dynamodb_streams.handle_request}
MOST_BYTES = 64 * 1024
"""Of a request's headers."""
Headers = Mapping[str, str]
log = logging.getLogger(__name__)


async def serve(host: str, port: int, note: Callable[[str], None]) -> asyncio.Server:
    """Listen. `note` is told the operation of each request once it is done."""
    return await asyncio.start_server(lambda reader, writer: _converse(reader, writer, note), host, port, limit=MOST_BYTES)


async def _converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, note: Callable[[str], None]) -> None:
    """Answer the requests of a connection until it ends, or sends what no SDK does."""
    try:
        while True:
            headers = _headers(await reader.readuntil(b"\r\n\r\n"))
            body = await reader.readexactly(int(headers["content-length"]))
            writer.write(await _answered(headers, body))
            note(headers["x-amz-target"].partition(".")[2])
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError, KeyError, ValueError):
        pass
    finally:
        writer.close()


def _headers(head: bytes) -> Headers:
    lines = (line.partition(":") for line in head.decode("latin-1").split("\r\n")[1:-2])
    return {name.lower(): value.strip() for name, _, value in lines}


async def _answered(headers: Headers, body: bytes) -> bytes:
    """Return the answer as bytes. Whose tables are meant, the signature says, which nobody checks here."""
    service, _, operation = headers["x-amz-target"].partition(".")
    handle = SERVICES[service]
    signed = SIGNED.search(headers.get("authorization", ""))
    set_request_account_id(signed["account"] if signed else "")
    set_request_region(signed["region"] if signed else None)
    try:
        status, more, content = await handle("POST", "/", headers, body, {})
    except Exception:
        log.exception("%s failed", operation)
        status, more, content = FAILED
    return _written(status, more, content)


def _written(status: int, more: Mapping[str, Any], content: bytes | str) -> bytes:
    body = content.encode() if isinstance(content, str) else content
    lines = [f"HTTP/1.1 {status} {'OK' if status < 400 else 'Refused'}", *(f"{name}: {value}" for name, value in more.items())]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body
