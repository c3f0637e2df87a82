from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from infra.local.wire import Handler, Server


@pytest.fixture
def serve() -> Iterator[Callable[[Handler], Server]]:
    """Serves handlers on free ports until the test ends."""
    with ExitStack() as running:

        def start(handler: Handler) -> Server:
            server = Server(0, handler)
            server.begin()
            running.callback(server.end)
            return server

        yield start
