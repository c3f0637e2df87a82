from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from infra.deployment import tables
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
def forget_the_chosen_tables() -> None:
    """Each test has tables of its own."""
    tables.chosen.cache_clear()
