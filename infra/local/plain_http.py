"""HTTP to a DynamoDB on this computer on plain sockets: urllib3 costs twice the processor time of everything else that botocore does.

It brings along TLS, proxies, redirects and compression, which nobody needs here. botocore writes, signs, repeats and reads the requests as
always, and its events see each of them.
"""

import atexit
from collections import defaultdict
from contextlib import suppress
from io import BufferedReader
from socket import IPPROTO_TCP, TCP_NODELAY, create_connection, socket
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ConnectionClosedError, EndpointConnectionError, ReadTimeoutError
from botocore.httpsession import URLLib3Session
from urllib3.util.wait import wait_for_read

LOCAL, DYNAMODB = "http://127.0.0.1:", b"DynamoDB"
_through_urllib3: Any = URLLib3Session.send


class Connection(NamedTuple):
    """A connection to a database. One thread at a time uses it."""

    sending: socket
    reading: BufferedReader

    def close(self) -> None:
        self.reading.close()
        self.sending.close()


_idle: defaultdict[str, list[Connection]] = defaultdict(list)
"""For each address, the connections that no thread uses now."""


def speed_up() -> None:
    """Replace urllib3 in this process where a DynamoDB on this computer is asked."""
    URLLib3Session.send = _send  # type: ignore


def close(url: str) -> None:
    """Close the connections to an address, which is about to be gone."""
    for connection in _idle.pop(urlsplit(url).netloc, ()):
        connection.close()


@atexit.register
def _close_all() -> None:
    """Close what is idle when the process ends: Python would complain of each connection."""
    while _idle:
        for connection in _idle.popitem()[1]:
            connection.close()


def _send(session: Any, request: AWSPreparedRequest) -> AWSResponse:
    target: Any = request.headers.get("X-Amz-Target", b"")
    if not request.url.startswith(LOCAL) or not target.startswith(DYNAMODB):
        return _through_urllib3(session, request)  # type: ignore[no-any-return]
    address = urlsplit(request.url).netloc
    connection = _taken(address, session._timeout, request.url)
    try:
        response = _response(connection, address, request)
    except TimeoutError as late:
        connection.close()
        raise ReadTimeoutError(endpoint_url=request.url, error=late) from late
    except BaseException as broken:
        connection.close()
        if not isinstance(broken, (OSError, ValueError)):
            raise
        raise ConnectionClosedError(endpoint_url=request.url, error=broken) from broken
    _idle[address].append(connection)
    return response


def _taken(address: str, timeout: Any, url: str) -> Connection:
    """Return a connection that no other thread uses and that the database has not closed in the meantime, a new one if need be."""
    while idle := _from_pool(address):
        if not wait_for_read(idle.sending, timeout=0):
            return idle
        idle.close()
    host, _, port = address.partition(":")
    try:
        sending = create_connection((host, int(port)), timeout.connect_timeout)
    except OSError as refused:
        raise EndpointConnectionError(endpoint_url=url, error=refused) from refused
    sending.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
    sending.settimeout(timeout.read_timeout)
    return Connection(sending, sending.makefile("rb"))


def _from_pool(address: str) -> Connection | None:
    with suppress(IndexError):
        return _idle[address].pop()
    return None


def _response(connection: Connection, address: str, request: AWSPreparedRequest) -> AWSResponse:
    """Send the request and read its answer. Raises OSError, or ValueError for the end of the connection in its place."""
    body: Any = request.body
    lines = [f"{name}: {value if isinstance(value, str) else value.decode()}" for name, value in request.headers.items()]
    head = "\r\n".join(["POST / HTTP/1.1", f"Host: {address}", *lines, "", ""])
    connection.sending.sendall(head.encode() + body)
    _, status, _ = connection.reading.readline().split(b" ", 2)
    headers: Any = {}
    while line := connection.reading.readline().strip():
        name, _, value = line.decode().partition(":")
        headers[name] = value.strip()
    response = AWSResponse(request.url, int(status), headers, None)
    response._content = connection.reading.read(int(headers["Content-Length"]))  # type: ignore[attr-defined]
    return response
