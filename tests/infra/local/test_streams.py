import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from infra.local import streams
from infra.local.activity import Activity
from infra.local.stream_records import as_lambda_sends
from infra.local.streams import Pump


class Shard:
    """A stream in memory."""

    def __init__(self) -> None:
        self.records: list[dict[str, Any]] = []
        self.position = 0
        self.checkpoint = 0
        self.faults = 0

    def write(self, *names: str) -> None:
        start = len(self.records)
        self.records += [{"name": name, "dynamodb": {"SequenceNumber": str(start + index)}} for index, name in enumerate(names, start=1)]

    def read(self, limit: int) -> tuple[str, list[dict[str, Any]]] | None:
        if self.faults:
            self.faults -= 1
            raise ConnectionError
        found = self.records[self.position : self.position + limit]
        self.position += len(found)
        return ("shard", found) if found else None

    def done(self, shard: str, record: dict[str, Any]) -> None:
        self.checkpoint = int(record["dynamodb"]["SequenceNumber"])

    def reread(self) -> None:
        self.position = self.checkpoint


@pytest.fixture(autouse=True)
def without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "FIRST_BACKOFF_SECONDS", 0.001)
    monkeypatch.setattr(streams, "FAULT_SECONDS", 0.001)
    monkeypatch.setattr(streams, "POLL_SECONDS", 0.005)


@contextmanager
def pumping(shard: Shard, handler: Callable[[dict[str, Any]], Any], failed: Path) -> Iterator[Pump]:
    pump = Pump("Test", shard, handler, failed=failed, activity=Activity())  # type: ignore[arg-type]
    pump.start()
    yield pump
    pump.stop()


def test_records_arrive_in_order_and_in_batches(tmp_path: Path) -> None:
    shard, batches = Shard(), []
    many = streams.BATCH * 2 + 10
    shard.write(*map(str, range(many)))
    with pumping(shard, lambda event: batches.append([record["name"] for record in event["Records"]]), tmp_path / "failed") as pump:
        assert pump.drain(60)
    assert [name for batch in batches for name in batch] == [str(number) for number in range(many)]
    assert max(map(len, batches)) == streams.BATCH
    assert shard.checkpoint == many


def test_a_partial_failure_is_retried_from_the_lowest_that_failed(tmp_path: Path) -> None:
    shard, batches = Shard(), []
    shard.write("a", "b", "c", "d")

    def handler(event: dict[str, Any]) -> dict[str, Any]:
        batches.append("".join(record["name"] for record in event["Records"]))
        return {"batchItemFailures": [{"itemIdentifier": number} for number in ("4", "2")] if len(batches) == 1 else []}

    with pumping(shard, handler, tmp_path / "failed") as pump:
        assert pump.drain(60)
    assert batches == ["abcd", "bcd"]


def test_a_record_that_never_succeeds_is_set_aside_and_does_not_block_others(tmp_path: Path) -> None:
    shard, handled = Shard(), []
    shard.write("a", "poison", "c")

    def handler(event: dict[str, Any]) -> None:
        names = [record["name"] for record in event["Records"]]
        if "poison" in names:
            raise RuntimeError
        handled.extend(names)

    with pumping(shard, handler, tmp_path / "failed") as pump:
        assert pump.drain(60)
    assert handled == ["a", "c"]
    assert [json.loads(line)["record"]["name"] for line in (tmp_path / "failed").read_text().splitlines()] == ["poison"]
    assert shard.checkpoint == 3


def test_a_record_gets_five_retries(tmp_path: Path) -> None:
    shard, attempts = Shard(), []
    shard.write("a")

    def handler(event: dict[str, Any]) -> dict[str, Any]:
        attempts.append(1)
        return {"batchItemFailures": [{"itemIdentifier": "1"}]}

    with pumping(shard, handler, tmp_path / "failed") as pump:
        assert pump.drain(60)
    assert len(attempts) == 1 + 5
    assert (tmp_path / "failed").exists()


def test_a_stream_that_cannot_be_read_for_a_while_does_not_end_the_pump(tmp_path: Path) -> None:
    shard = Shard()
    names: list[str] = []
    shard.faults = 3
    shard.write("a")
    with pumping(shard, lambda event: names.extend(record["name"] for record in event["Records"]), tmp_path / "failed") as pump:
        assert pump.drain(60)
    assert names == ["a"]


def test_draining_waits_for_the_record_being_handled(tmp_path: Path) -> None:
    shard, entered, go_on = Shard(), threading.Event(), threading.Event()
    shard.write("a")

    def handler(_: dict[str, Any]) -> None:
        entered.set()
        go_on.wait(60)

    with pumping(shard, handler, tmp_path / "failed") as pump:
        assert entered.wait(60)
        assert not pump.drain(0.05)
        go_on.set()
        assert pump.drain(60)


def test_an_empty_map_of_dynamodb_local_arrives_as_one() -> None:
    record = {"dynamodb": {"SequenceNumber": "1", "NewImage": {"pk": {"S": "a"}, "h": {}}, "OldImage": {"h": {"M": {}}}}}
    images = as_lambda_sends(record, "arn")["dynamodb"]
    assert (images["NewImage"], images["OldImage"]) == ({"pk": {"S": "a"}, "h": {"M": {}}}, {"h": {"M": {}}})
