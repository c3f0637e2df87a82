"""Origins of web sites: scheme, host and port, as browsers compare them."""

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, StringConstraints

from chalicelib.rules.input_errors import error_about
from chalicelib.rules.text import plain
from chalicelib.rules.translation import N_

HOST = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")
ON_THIS_MACHINE = ("localhost", "127.0.0.1")
PORTS = {"https": 443, "http": 80}


def origin_of(address: str) -> str:
    """Return the origin that a web address consists of, written as browsers send it.

    Raises ValueError for everything else: a path, a query, a wildcard, a user name, or a scheme other than https. Only sites on one's
    own machine may have http.
    """
    address = plain(address)
    parts = urlsplit(address)
    host, port = _ascii(parts.hostname or ""), parts.port
    beyond = parts.path not in {"", "/"} or re.search(r"[?#@\s]", address)
    if beyond or not HOST.fullmatch(host) or not (parts.scheme == "https" or (parts.scheme == "http" and host in ON_THIS_MACHINE)):
        raise ValueError(address)
    return f"{parts.scheme}://{host}" + (f":{port}" if port not in {None, PORTS[parts.scheme]} else "")


def _ascii(host: str) -> str:
    """Return a host as it is sent. Raises ValueError where an international name has several forms."""
    if host.isascii():
        return host
    sent = host.encode("idna").decode()
    if sent.encode().decode("idna") != host:
        raise ValueError(host)
    return sent


def _checked(typed: str) -> str:
    try:
        return origin_of(typed)
    except ValueError:
        raise error_about(
            "not_an_origin", N_("“%(typed)s” is not the address of a site, such as https://www.example.org."), typed=typed
        ) from None


Origin = Annotated[str, StringConstraints(max_length=300), AfterValidator(_checked)]
