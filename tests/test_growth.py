"""The simulation of growth: what the meter counts, that promises hold and a broken one is named, and the tables of docs/scale.md."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from bench import growth, limits, workload
from bench.meter import Partition, Use, metered
from bench.workload import Measured
from chalicelib import clients
from chalicelib.operations import recount, reminders
from infra.commands.costs import PER_INVITATION
from infra.deployment import mappings
from infra.deployment.stage import PROJECT
from tests.environment import ENVIRONMENT, enter

ROSTERS = "rollbook-test-rosters"
KILOBYTE = 1024
NUMBER = re.compile(r"[0-9.]+")


@pytest.fixture(scope="module")
def used() -> Iterator[Measured]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        yield workload.measure()
        enter({})


def put(kilobytes: float, **more: str) -> dict[str, Any]:
    keys = {"pk": "demo#s", "sk": "x", **more}
    item = {name: {"S": value} for name, value in keys.items()}
    return {"TableName": ROSTERS, "Item": {**item, "text": {"S": "x" * int(kilobytes * KILOBYTE)}}}


def units(use: Use) -> dict[tuple[str, str], float]:
    return {(partition.of_index, partition.value): amount for partition, amount in use.writes.items()}


@pytest.mark.usefixtures("tables")
def test_a_write_costs_a_unit_for_each_kilobyte_and_twice_in_a_transaction() -> None:
    client = clients.dynamodb()
    with metered("test") as once:
        client.put_item(**put(1.5))
    with metered("test") as again:
        client.transact_write_items(TransactItems=[{"Put": put(0.5)}])  # type: ignore[typeddict-item]
    assert (once.requests, units(once)) == (1, {("", "demo#s"): 2})
    assert units(again) == {("", "demo#s"): 2 * 2}, "the larger of the item before and after"
    assert once.stored == pytest.approx(1.5 * KILOBYTE, rel=0.02)
    assert again.stored == -KILOBYTE


@pytest.mark.usefixtures("tables")
def test_an_index_costs_what_its_entry_costs_twice_if_its_key_changes_and_nothing_if_it_stays() -> None:
    client, due = clients.dynamodb(), {"due": "#x#1", "due_at": "1"}
    with metered("test") as made:
        client.put_item(**put(1.5, **due))
    with metered("test") as moved:
        client.put_item(**put(1.5, **due | {"due_at": "2"}))
    with metered("test") as kept:
        client.put_item(**put(1.2, **due | {"due_at": "2"}))
    assert [units(use).get(("due", "#x#1")) for use in (made, moved, kept)] == [1, 2, None]


@pytest.mark.usefixtures("tables")
def test_a_refused_write_costs_the_item_that_is_there() -> None:
    client = clients.dynamodb()
    client.put_item(**put(2.5))
    with metered("test") as use, pytest.raises(client.exceptions.ConditionalCheckFailedException):
        client.put_item(**put(0), ConditionExpression="attribute_not_exists(pk)")
    assert units(use) == {("", "demo#s"): 3}


@pytest.mark.usefixtures("tables")
def test_a_query_costs_what_it_looks_at_and_half_if_it_may_be_stale() -> None:
    client = clients.dynamodb()
    for number in range(8):
        client.put_item(**put(1, sk=str(number)))
    query: dict[str, Any] = {
        "TableName": ROSTERS,
        "KeyConditionExpression": "pk = :pk",
        "FilterExpression": "sk = :sk",
        "ExpressionAttributeValues": {":pk": {"S": "demo#s"}, ":sk": {"S": "nothing"}},
    }
    with metered("test") as stale:
        assert client.query(**query)["Items"] == []
    with metered("test") as consistent:
        client.query(**query, ConsistentRead=True)
    assert (stale.reads, consistent.read_units) == ({Partition(ROSTERS, "", "demo#s"): 1.5}, 3)


def test_ten_thousand_organisations_pass(used: Measured) -> None:
    assert [limit.what for limit in limits.limits(used) if limit.is_broken] == []
    assert limits.PROMISED * limits.DAY.invitations == 1_000_000


@pytest.mark.parametrize(
    ("where", "name", "value", "broken"),
    [
        (recount, "MOST_AN_HOUR", 10**9, "jobs: the recount of an hour"),
        (reminders, "MOST_IN_A_RUN", 10**6, "clock: invitations that a run looks at itself"),
        (limits, "MOST_A_RUN", 200, "clock: changed sessions, counted"),
        (mappings, "STREAMS", {"rosters": (1,)}, "stream of rosters: at work"),
    ],
)
def test_a_broken_promise_is_named_and_fails(
    used: Measured, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], where: Any, name: str, value: Any, broken: str
) -> None:
    """These were the first to break, before each was mended."""
    monkeypatch.setattr(where, name, value)
    monkeypatch.setattr(limits, "STREAMS", mappings.STREAMS)
    monkeypatch.setattr(growth, "measure", lambda: used)
    assert growth.main() == 1
    assert f"NOT KEPT: {broken}" in capsys.readouterr().out


def test_all_pass_and_are_printed(used: Measured, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(growth, "measure", lambda: used)
    assert growth.main() == 0
    assert "10,000 organisations with 1,000,000 invitations a day pass." in capsys.readouterr().out


def test_an_idle_minute_costs_the_same_for_any_number_of_organisations(used: Measured) -> None:
    assert used[limits.IDLE_MINUTE].total.requests == used[limits.IDLE_OF_MANY].total.requests


def test_the_guide_has_the_tables_that_the_command_prints(used: Measured) -> None:
    """Random ids make an item larger than a kilobyte or not: so numbers may differ by a part."""
    guide = (PROJECT / "docs" / "scale.md").read_text()
    tables = guide.partition("## The tables")[2].partition("\n## ")[0]
    said, computed = rows(tables.splitlines()), rows(growth.tables(used))
    assert said.keys() == computed.keys()
    for name, numbers in computed.items():
        assert said[name] == pytest.approx(numbers, rel=0.4, abs=1), name


def test_what_one_session_takes_is_what_the_guide_says(used: Measured) -> None:
    """A partition takes a thousand units a second, whatever else grows; the guide rounds down, or by less than a tenth up."""
    guide = (PROJECT / "docs" / "scale.md").read_text()
    table = guide.partition("## What one session can take")[2].partition("\n## ")[0]
    said = {words.partition(" · ")[0]: words.rpartition(" · ")[2] for words in rows(table.splitlines())}
    computed = {(name, of): rate for name, of, rate in limits.rates(used)}
    for words, measured in {
        "public registration": computed[limits.REGISTRATION, "one session"],
        "the same, many sessions": computed[limits.REGISTRATION, "one organisation"],
        "invitation, from sending to the answer": computed[limits.INVITATION, "one session"],
    }.items():
        assert 0.75 * measured <= int(said[words].partition(" ")[0]) <= 1.1 * measured, words


def rows(lines: Iterable[str]) -> dict[str, list[float]]:
    """Return the numbers of each row of tables by its words."""
    found = {}
    for line in lines:
        if line.startswith("| ") and "---" not in line:
            cells = [cell.strip(" *") for cell in line.strip("|").split("|")]
            numbers = [cell.replace(",", "") for cell in cells]
            words = " · ".join(cell for cell, number in zip(cells, numbers, strict=True) if not NUMBER.fullmatch(number))
            found[words] = [float(number) for number in numbers if NUMBER.fullmatch(number)]
    return found


def test_the_estimate_of_an_invitation_is_what_it_uses(used: Measured) -> None:
    """`python -m infra costs` needs no moto, so it has the figures as constants."""
    part = used[limits.INVITATION]
    assert part.mails == PER_INVITATION["e-mails"]
    assert part.total.write_units == pytest.approx(PER_INVITATION["write units"], rel=0.05)
    assert part.total.read_units == pytest.approx(PER_INVITATION["read units"], rel=0.05)
