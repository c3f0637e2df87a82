"""R15: one POST to a hostile receiver: which address is connected to, how long it may take, what is read."""

import socket
import ssl
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from chalicelib.operations.webhooks.post import post
from chalicelib.rules.webhook_addresses import Target
from chalicelib.rules.webhooks import DeliveryOutcome
from tests.rules.test_webhook_addresses import PRIVATE

MODULE = sys.modules[post.__module__]
HEADERS = {"webhook-id": "m1"}
Talk = Callable[[socket.socket], None]


def answer(text: bytes) -> Talk:
    def talk(connection: socket.socket) -> None:
        received = b""
        while b"\r\n\r\n" not in received or not received.endswith(b"{}"):
            received += connection.recv(65536)
        seen.append(received)
        connection.sendall(text)

    return talk


seen: list[bytes] = []


@contextmanager
def receiver(talk: Talk, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """Listen on this machine, talk to one caller, and hang up."""
    server = socket.create_server(("127.0.0.1", 0))
    seen.clear()

    def serve() -> None:
        try:
            connection, _ = server.accept()
            with context.wrap_socket(connection, server_side=True) if context else connection as spoken:
                talk(spoken)
        except OSError:
            return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield server.getsockname()[1]
    server.close()
    thread.join(2)


def local(port: int, path: str = "/hook?a=1") -> Target:
    return Target(False, "127.0.0.1", port, path, f"127.0.0.1:{port}")


def posted(talk: Talk, **more: Any) -> DeliveryOutcome:
    with receiver(talk) as port:
        return post(local(port), HEADERS, b"{}", local=True, **more)


def test_a_call_is_a_plain_post() -> None:
    assert posted(answer(b"HTTP/1.1 204 No Content\r\n\r\n")) == DeliveryOutcome(204)
    head, _, body = seen[0].partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /hook?a=1 HTTP/1.1"
    assert {"Content-Type: application/json", "Content-Length: 2", "Connection: close", "webhook-id: m1"} <= {*lines}
    assert body == b"{}"


@pytest.mark.parametrize("status", [200, 301, 302, 307, 404, 410, 500, 503])
def test_the_status_is_all_that_counts_and_no_redirect_is_followed(status: int) -> None:
    there = answer(b"HTTP/1.1 %d Whatever\r\nLocation: http://127.0.0.1:1/\r\n\r\n" % status)
    assert posted(there) == DeliveryOutcome(status)


NO_HTTP = (b"", b"\r\n", b"SSH-2.0-OpenSSH_9\r\n", b"HTTP/1.1 abc\r\n", b"HTTP/1.1\r\n", b"HTTP/1.1 \xff\xff\xff\r\n")


@pytest.mark.parametrize("text", NO_HTTP)
def test_what_is_no_http_is_a_failure(text: bytes) -> None:
    assert posted(answer(text)) == DeliveryOutcome(None, "no_http")


def test_an_endless_line_is_read_up_to_a_limit() -> None:
    def talk(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"x" * 10_000_000)

    assert posted(talk).fault in {"no_http", "not_reached"}


def test_who_drips_or_hangs_has_the_time_of_one_attempt() -> None:
    def drip(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.settimeout(0.05)
        stop = threading.Event()
        for letter in b"HTTP/1.1 200 OK" * 100:
            connection.sendall(bytes([letter]))
            stop.wait(0.05)

    assert posted(drip, seconds=0.3) == DeliveryOutcome(None, "timed_out")


def test_who_never_answers_has_the_time_of_one_attempt() -> None:
    def hang(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.recv(1)

    assert posted(hang, seconds=0.2) == DeliveryOutcome(None, "timed_out")


def test_nobody_there() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))  # It does not listen, and nobody else gets its port.
        assert post(local(bound.getsockname()[1]), HEADERS, b"{}", local=True) == DeliveryOutcome(None, "not_reached")


def resolving(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[Any]:
    """Let every name resolve to these addresses, and return what is connected to."""
    connected: list[Any] = []

    def lookup(host: str, port: int, **_: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    def connect(address: Any, **_: Any) -> socket.socket:
        connected.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(MODULE.socket, "getaddrinfo", lookup)
    monkeypatch.setattr(MODULE.socket, "create_connection", connect)
    return connected


SAFE = Target(True, "hook.example.org", 443, "/", "hook.example.org")


@pytest.mark.parametrize("address", PRIVATE)
def test_a_name_that_leads_inside_is_not_connected_to(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    connected = resolving(monkeypatch, address)
    for allowed in (False, True):  # the exception of the local stack is for http to 127.0.0.1 only
        assert post(SAFE, HEADERS, b"{}", local=allowed) == DeliveryOutcome(None, "address_refused")
    assert connected == []


def test_one_private_address_among_public_ones_is_enough_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    connected = resolving(monkeypatch, "93.184.216.34", "10.0.0.1")
    assert post(SAFE, HEADERS, b"{}") == DeliveryOutcome(None, "address_refused")
    assert connected == []


def test_the_checked_addresses_are_connected_to_and_the_name_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name server that answers differently the second time (rebinding) is not asked a second time."""
    connected = resolving(monkeypatch, "93.184.216.34", "1.1.1.1")
    assert post(SAFE, HEADERS, b"{}") == DeliveryOutcome(None, "not_reached")
    assert connected == [("93.184.216.34", 443), ("1.1.1.1", 443)]


def test_an_unknown_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def lookup(*_: Any, **__: Any) -> Any:
        raise socket.gaierror

    monkeypatch.setattr(MODULE.socket, "getaddrinfo", lookup)
    assert post(SAFE, HEADERS, b"{}") == DeliveryOutcome(None, "name_not_found")


@pytest.mark.parametrize(
    ("name", "outcome"), [("hook.example.org", DeliveryOutcome(200)), ("other.example.org", DeliveryOutcome(None, "certificate_refused"))]
)
def test_the_certificate_is_checked_against_the_name(
    name: str, outcome: DeliveryOutcome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = certificate_for(name, tmp_path)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate)
    trusting = ssl.create_default_context(cafile=str(certificate))
    monkeypatch.setattr(MODULE, "_tls", lambda: trusting)
    monkeypatch.setattr(MODULE, "_checked_addresses", lambda *_, **__: ["127.0.0.1"])
    with receiver(answer(b"HTTP/1.1 200 OK\r\n\r\n"), server) as port:
        assert post(Target(True, "hook.example.org", port, "/", "hook.example.org"), HEADERS, b"{}") == outcome


def certificate_for(name: str, folder: Path) -> Path:
    """Return a file with a certificate that signs itself, and its key."""
    key, now, day = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC), timedelta(days=1)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number(), now - day, now + day)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, plain, form = serialization.Encoding.PEM, serialization.NoEncryption(), serialization.PrivateFormat.PKCS8
    file = folder / "certificate.pem"
    file.write_bytes(made.public_bytes(pem) + key.private_bytes(pem, form, plain))
    return file
