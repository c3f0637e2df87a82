"""A threaded HTTP/1.1 server on loopback: requests in, responses out, protocol errors refused cleanly."""

import json
import logging
import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from infra import gateway_responses
from infra.gateway_responses import GatewayResponse
from infra.local.child import HOST
from infra.local.request_body import RefusedError, read_body

NEAR = {"127.0.0.1", "localhost", "::1"}
LINGER_SECONDS = 5
GRACE_SECONDS = 1
WITHOUT_BODY = (204, 304)
log = logging.getLogger(__name__)

Headers = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request, path and query still percent-encoded."""

    method: str
    path: str
    query: str = ""
    headers: Headers = ()
    body: bytes = b""
    client: str = HOST

    def header(self, name: str) -> str:
        """Return the first header of that name, or nothing."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    @property
    def is_local(self) -> bool:
        """Whether it names this computer and comes from no foreign page: a name that was made to point here (DNS rebinding) is refused."""
        host, origin = self.header("Host"), self.header("Origin")
        try:
            name = urlsplit(f"//{host}").hostname
        except ValueError:
            return False
        return name in NEAR and (not origin or origin.partition("://")[2] == host)


@dataclass(frozen=True, slots=True)
class Response:
    """One HTTP response; date, length and connection are added when it is sent."""

    status: int
    body: bytes = b""
    headers: Headers = ()


Handler = Callable[[Request], Response]


def json_response(status: int, content: Any, *, headers: Headers = (), content_type: str = "application/json") -> Response:
    return Response(status, json.dumps(content).encode(), (("Content-Type", content_type), *headers))


def gateway_response(declared: GatewayResponse, status: int = 0) -> Response:
    """Return the response of API Gateway itself; the status is needed where its declaration has none."""
    return Response(declared.status or status, declared.body.encode(), tuple(declared.headers.items()))


def problem_response(status: int, code: str, detail: str, *, headers: Headers = ()) -> Response:
    """Return a response in the form that the application's own errors have (RFC 9457)."""
    content = {"type": "about:blank", "title": _phrase(status), "status": status, "detail": detail, "code": code}
    return json_response(status, content, headers=headers, content_type="application/problem+json")


class PortTakenError(Exception):
    """The port cannot be listened on."""

    def __init__(self, port: int) -> None:
        super().__init__(f"Port {port} is taken. Stop what listens there, or choose others: make run PORT=… MAIL_PORT=…")


class Server(ThreadingHTTPServer):
    """A server for one handler, which may be replaced while it runs. Each connection has a thread."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def __init__(self, port: int, handler: Handler) -> None:
        self.handler = handler
        self.busy: set[object] = set()
        try:
            super().__init__((HOST, port), _Connection)
        except OSError:
            raise PortTakenError(port) from None

    def server_bind(self) -> None:
        """Bind without looking up our own name, as the parent does: that can take seconds."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = HOST, self.socket.getsockname()[1]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore clients that disconnect; any other exception is our error."""
        if not isinstance(sys.exception(), OSError):
            log.exception("a connection to port %s failed", self.server_port)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.server_port}"

    def begin(self) -> None:
        threading.Thread(target=self.serve_forever, args=(0.1,), name=f"port {self.server_port}", daemon=True).start()

    def end(self) -> None:
        """Stop listening, and finish the present requests. Repeating it does nothing."""
        self.shutdown()
        self.server_close()
        deadline = time.monotonic() + GRACE_SECONDS
        while self.busy and time.monotonic() < deadline:
            time.sleep(0.01)


class _Connection(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 75

    def _exchange(self) -> None:
        try:
            request = self._request()
        except RefusedError as refused:
            self.send_error(refused.status)
            return
        self.server.busy.add(self)
        try:
            self._send(self._respond(request))
        finally:
            self.server.busy.discard(self)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _exchange  # noqa: N815 - the parent looks these up

    def _request(self) -> Request:
        path, _, query = self.path.partition("?")
        if not path.startswith("/") or self.request_version == "HTTP/0.9":
            raise RefusedError(HTTPStatus.BAD_REQUEST)
        body = read_body(self.rfile, self.headers)
        return Request(self.command, path, query, tuple(self.headers.items()), body, self.client_address[0])

    def _respond(self, request: Request) -> Response:
        try:
            return self.server.handler(request)
        except Exception:
            log.exception("a request to port %s failed", self.server.server_port)
            return gateway_response(gateway_responses.FAILED, 500)

    def _send(self, response: Response) -> None:
        """Send the response in one piece."""
        headers = [*response.headers, ("Date", self.date_time_string())]
        if response.status not in WITHOUT_BODY:
            headers.append(("Content-Length", str(len(response.body))))
        if self.close_connection:
            headers.append(("Connection", "close"))
        lines = [f"HTTP/1.1 {response.status} {_phrase(response.status)}", *(f"{name}: {value}" for name, value in headers)]
        body = b"" if self.command == "HEAD" or response.status in WITHOUT_BODY else response.body
        self.wfile.write("\r\n".join([*lines, "", ""]).encode() + body)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Refuse a request that HTTP or our limit does not allow, as API Gateway does, and close the connection."""
        self.close_connection = True
        too_large = code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        self._send(gateway_response(gateway_responses.TOO_LARGE if too_large else gateway_responses.REFUSED, code))
        self._linger()

    def _linger(self) -> None:
        """Read the rest of the request for a moment: a client that is still writing reads its response only afterwards."""
        self.connection.shutdown(socket.SHUT_WR)
        self.connection.settimeout(LINGER_SECONDS)
        deadline = time.monotonic() + LINGER_SECONDS
        while time.monotonic() < deadline and self.connection.recv(65536):
            pass

    def log_message(self, *_: Any) -> None:
        """Log nothing: the application logs its requests."""


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
