"""Where a webhook may lead: to a public address over HTTPS, whatever its name resolves to at that moment."""

import re
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

LONGEST_URL = 2000
UNICAST = IPv6Network("2000::/3")
"""All public addresses of IPv6."""
HOST = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\.?")
LOCAL = "127.0.0.1"


class Target(NamedTuple):
    """What a URL says about the connection to make."""

    secure: bool
    host: str
    port: int
    path: str
    """With the query."""
    authority: str
    """The value of the header Host."""


def target(url: str, *, local: bool = False) -> Target | None:
    """Return the target of a webhook's URL, None for a URL that cannot be one. `local`: http to 127.0.0.1 is allowed too."""
    if len(url) > LONGEST_URL or not url.isascii() or re.search(r"[\x00-\x20\\^`{|}<>\"]", url):
        return None
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return None
    secure = parts.scheme == "https"
    if not secure and not (local and parts.scheme == "http" and host == LOCAL):
        return None
    if "@" in parts.netloc or parts.fragment or not _is_host(host, local=local):
        return None
    path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    return Target(secure, host, port or (443 if secure else 80), path, parts.netloc)


def _is_host(host: str, *, local: bool) -> bool:
    """Whether the host is a name, or an address that a webhook may lead to."""
    try:
        ip_address(host)
    except ValueError:
        # `2130706433` and `0x7f.1` are addresses to many resolvers; a name on the internet ends in letters.
        return HOST.fullmatch(host) is not None and re.search(r"\.[a-z][a-z0-9-]*\.?$", host) is not None
    return is_public(host) or (local and host == LOCAL)


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet, and so does the IPv4 address inside it, if it has one."""
    found = ip_address(address.partition("%")[0])
    if "%" in address or not _is_global(found):
        return False
    return isinstance(found, IPv4Address) or all(map(_is_global, _carried(found)))


def _is_global(found: IPv4Address | IPv6Address) -> bool:
    if isinstance(found, IPv6Address) and found not in UNICAST:
        return False
    return found.is_global and not (found.is_multicast or found.is_reserved)


def _carried(found: IPv6Address) -> list[IPv4Address]:
    """Return the IPv4 addresses inside an IPv6 address of the public internet: 6to4 and Teredo. Mapped ones are not."""
    return [one for one in (found.sixtofour, *(found.teredo or ())) if one is not None]
