"""P9: what a browser loads for the first page that a visitor sees: requests, compressed bytes, and hosts."""

import gzip
import re
from collections.abc import Iterator

from bench.figures import Figure, at_most
from bench.world import ORG, session
from infra.local.gateway import Gateway
from infra.local.http_server import Request

HOST = "127.0.0.1:8000"
MOST_BYTES, MOST_REQUESTS = 60, 4
LOADED = re.compile(r'<(?:link[^>]*rel="(?:stylesheet|icon)"[^>]*href|script[^>]*src|img[^>]*src)="((?!data:)[^"]+)"')


def figures() -> Iterator[Figure]:
    from app import app

    gateway = Gateway(app, local={})
    paths = [f"/p/{ORG}/sessions/{session(12)}"]
    html = _load(gateway, paths[0])
    paths += dict.fromkeys(LOADED.findall(html.decode()))
    elsewhere = [path for path in paths if "//" in path]
    size = sum(len(gzip.compress(_load(gateway, path))) for path in paths if path not in elsewhere)
    yield at_most("P9", "first load of a session's page: compressed", size / 1000, MOST_BYTES, "kB")
    yield at_most("P9", "first load of a session's page: requests", len(paths), MOST_REQUESTS, "requests")
    yield at_most("P9", "first load of a session's page: hosts of others", len(elsewhere), 0, "hosts")


def _load(gateway: Gateway, path: str) -> bytes:
    bare, _, query = path.partition("?")
    response = gateway(Request("GET", bare, query, (("Host", HOST),), b"", "127.0.0.1"))
    assert response.status == 200, path
    return response.body
