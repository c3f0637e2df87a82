from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from infra.deployment import clients, tables
from infra.local.http_server import Handler, Server


@pytest.fixture
def serve() -> Iterator[Callable[[Handler], Server]]:
    """Return a function that serves a handler on a free port until the test ends."""
    with ExitStack() as running:

        def start(handler: Handler) -> Server:
            server = Server(0, handler)
            server.begin()
            running.callback(server.end)
            return server

        yield start


@pytest.fixture(autouse=True)
def forget() -> None:
    """Each test has tables and clients of its own."""
    tables.chosen.cache_clear()
    clients.client.cache_clear()  # type: ignore[attr-defined]
