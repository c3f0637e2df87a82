"""The HTTP server, tested byte by byte."""

import json
import socket
import threading
from collections.abc import Callable

import pytest

from infra.local.http_server import PortTakenError, Request, Response, Server
from infra.local.request_body import LARGEST_BODY


def echo(request: Request) -> Response:
    if request.path == "/fails":
        raise RuntimeError
    return Response(200, request.body or f"{request.method} {request.path}?{request.query}".encode(), (("Content-Type", "text/plain"),))


@pytest.fixture
def port(serve: Callable[..., Server]) -> int:
    return serve(echo).server_port


def talk(port: int, sent: bytes) -> bytes:
    """Send, close the sending side, and return the whole answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        received = b""
        while more := connection.recv(65536):
            received += more
        return received


def test_a_connection_carries_many_requests(port: int) -> None:
    requests = (
        b"GET /a?b=1 HTTP/1.1\r\nHost: x\r\n\r\n"
        b"POST /c HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc"
        b"GET /d HTTP/1.1\r\nConnection: close\r\n\r\n"
    )
    answers = talk(port, requests)
    assert answers.count(b"HTTP/1.1 200 OK") == 3
    assert b"GET /a?b=1" in answers
    assert b"abc" in answers
    assert answers.endswith(b"GET /d?")


def test_a_body_may_come_in_chunks(port: int) -> None:
    chunks = b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrailer: 1\r\n\r\n"
    assert talk(port, b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks).endswith(b"abcde")


def test_head_has_no_body(port: int) -> None:
    response = talk(port, b"HEAD /a HTTP/1.1\r\n\r\n")
    assert b"Content-Length: 8" in response
    assert response.endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"GET / HTTP/x\r\n\r\n", 400),
        (b"GET / HTTP/2.0\r\n\r\n", 505),
        (b"GET http://x/ HTTP/1.1\r\n\r\n", 400),
        (b"BREW / HTTP/1.1\r\n\r\n", 501),
        (b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (b"GET /" + b"a" * 70000 + b" HTTP/1.1\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 200 + b"\r\n", 431),
        (b"GET /fails HTTP/1.1\r\n\r\n", 500),
    ],
)
def test_malformed_http_is_answered_in_json(port: int, sent: bytes, status: int) -> None:
    head, _, body = talk(port, sent).partition(b"\r\n\r\n")
    assert head.startswith(f"HTTP/1.1 {status} ".encode())
    assert json.loads(body)["code"]


def test_a_body_too_large_is_refused_while_it_is_still_coming(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(f"POST / HTTP/1.1\r\nContent-Length: {3 * LARGEST_BODY}\r\n\r\n".encode())
        writer = threading.Thread(target=connection.sendall, args=(b"x" * 3 * LARGEST_BODY,))
        writer.start()
        assert connection.recv(65536).startswith(b"HTTP/1.1 413 ")
        writer.join(60)
        assert not writer.is_alive()


def test_a_body_of_the_largest_size_arrives(port: int) -> None:
    response = talk(port, f"POST / HTTP/1.1\r\nContent-Length: {LARGEST_BODY}\r\n\r\n".encode() + b"x" * LARGEST_BODY)
    assert response.count(b"x") == LARGEST_BODY + response.partition(b"\r\n\r\n")[0].count(b"x")


def test_a_taken_port_is_refused(port: int) -> None:
    with pytest.raises(PortTakenError, match=str(port)):
        Server(port, echo)
