"""The audit log of demo as an owner reads it, with the streams that it follows."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from chalicelib.config import config
from chalicelib.events import audit, rosters
from tests.api.tenants import World
from tests.operations.simulated_aws import Stream


class Log:
    """The audit log of demo. Reading it first carries the streams until nothing follows."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._rosters, self._records = Stream(config().rosters_table), Stream(config().records_table)
        self._known: set[str] = set()

    def news(self) -> list[Any]:
        """Return the entries since the last call, latest first."""
        found = [entry for entry in self.entries() if entry["id"] not in self._known]
        self._known |= {entry["id"] for entry in found}
        return found

    def one(self, action: str) -> Any:
        """Return the only new entry with this action."""
        news = self.news()
        found = [entry for entry in news if entry["action"] == action]
        assert len(found) == 1, [entry["action"] for entry in news]
        return found[0]

    def entries(self) -> list[Any]:
        self.follow()
        return list(self._read())

    def follow(self) -> None:
        while written := self._rosters.read():
            assert rosters.handle({"Records": written}, clock=lambda: datetime.now(UTC)) == {"batchItemFailures": []}
        while written := self._records.read():
            assert audit.handle({"Records": written}, clock=lambda: datetime.now(UTC)) == {"batchItemFailures": []}

    def _read(self) -> Iterator[Any]:
        cursor = ""
        while True:
            found = self._world.demo.call("GET", f"/audit?limit=200{cursor}", by="owner").json
            yield from found["items"]
            if not found["next"]:
                return
            cursor = f"&cursor={found['next']}"
