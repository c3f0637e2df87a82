"""One POST to an address of somebody else: checked when connecting, no redirects, bounded in time and in bytes read.

The name is resolved once, every address that it resolves to must be public, and the connection is made to the address that was checked:
between the check and the connection no name is looked up again. TLS still verifies the certificate against the name.
"""

import socket
import ssl
import time
from collections.abc import Mapping
from contextlib import closing, suppress
from functools import cache

from chalicelib.rules.webhook_addresses import LOCAL, Target, is_public
from chalicelib.rules.webhooks import DeliveryOutcome

SECONDS = 15.0
"""For all of an attempt: the lease is longer."""
MOST_READ = 4096
"""The status line is all that counts of an answer."""


def post(to: Target, headers: Mapping[str, str], body: bytes, *, local: bool = False, seconds: float = SECONDS) -> DeliveryOutcome:
    """Send the body and return how it was answered. It never raises for what the other side does."""
    until = time.monotonic() + seconds
    try:
        addresses = _checked_addresses(to, local=local)
        if not addresses:
            return DeliveryOutcome(None, "address_refused")
        with closing(_connected(to, addresses, until)) as connection:
            connection.sendall(_request(to, headers, body))
            return _answer(connection, until)
    except TimeoutError:
        return DeliveryOutcome(None, "timed_out")
    except socket.gaierror:
        return DeliveryOutcome(None, "name_not_found")
    except ssl.SSLError:
        return DeliveryOutcome(None, "certificate_refused")
    except (OSError, UnicodeError):
        return DeliveryOutcome(None, "not_reached")


def _checked_addresses(to: Target, *, local: bool) -> list[str]:
    """Return the addresses of the name; none unless all of them are public. A name with one private address is a trap."""
    found = [str(info[4][0]) for info in socket.getaddrinfo(to.host, to.port, type=socket.SOCK_STREAM)]
    allowed = all(is_public(address) or (local and not to.secure and address == LOCAL) for address in found)
    return found if allowed else []


def _connected(to: Target, addresses: list[str], until: float) -> socket.socket:
    """Return a connection to the first of these addresses that can be reached: a function may have no way to those of IPv6."""
    *others, last = addresses
    for address in others:
        with suppress(OSError):
            return _secured(to, socket.create_connection((address, to.port), timeout=_left(until) / 2), until)
    return _secured(to, socket.create_connection((last, to.port), timeout=_left(until)), until)


def _secured(to: Target, plain: socket.socket, until: float) -> socket.socket:
    plain.settimeout(_left(until))
    if not to.secure:
        return plain
    try:
        return _tls().wrap_socket(plain, server_hostname=to.host.rstrip("."))
    except BaseException:
        plain.close()
        raise


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _request(to: Target, headers: Mapping[str, str], body: bytes) -> bytes:
    lines = {
        "Host": to.authority,
        "User-Agent": "Rollbook-Webhooks/1",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Accept": "*/*",
        "Connection": "close",
        **headers,
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"POST {to.path} HTTP/1.1\r\n{head}\r\n".encode("ascii") + body


def _answer(connection: socket.socket, until: float) -> DeliveryOutcome:
    """Return the status of the answer, as soon as its first line is there."""
    received = b""
    while b"\n" not in received and len(received) < MOST_READ:
        connection.settimeout(_left(until))
        more = connection.recv(MOST_READ - len(received))
        if not more:
            break
        received += more
    version, _, rest = received.partition(b"\n")[0].partition(b" ")
    status = rest[:3]
    if not version.startswith(b"HTTP/1.") or len(status) != 3 or not status.isdigit():
        return DeliveryOutcome(None, "no_http")
    return DeliveryOutcome(int(status))


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
