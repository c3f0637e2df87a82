"""The hourly recount goes through the queue of jobs, and costs nothing for sessions that are over."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib import clients, telemetry
from chalicelib.config import config
from chalicelib.events import schedules
from chalicelib.operations import organisations as settings
from chalicelib.operations import recount
from chalicelib.rules import times
from chalicelib.rules.inputs.organisations import OrganisationChanges
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.sessions import Meeting, Session
from chalicelib.tables import dynamodb, figures, keys, meetings, organisations
from chalicelib.tables.conditions import ALWAYS, THERE, Update
from chalicelib.tables.sessions.rows import session_item
from tests.operations.request_counter import counted
from tests.operations.simulated_aws import Crash, Streams
from tests.operations.simulated_queue import Sqs, Worker

OpenSession = Callable[..., Session]
DAY = timedelta(days=1)


@pytest.fixture
def drift(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The measured drift of each step."""
    found: list[int] = []
    monkeypatch.setattr(telemetry, "count", lambda name, value=1: found.append(value) if name == "Drift" else None)
    return found


@pytest.fixture
def faults(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """What the log names as failed."""
    found: list[dict[str, str]] = []
    monkeypatch.setattr(telemetry, "record_failure", lambda **about: found.append(about))
    return found


@pytest.fixture
def recounted(worker: Worker) -> Callable[[], None]:
    def run() -> None:
        recount.begin(worker.now)
        worker.work()

    return run


def corrupt(session: str, org: str = "demo") -> None:
    dynamodb.update(config().rosters_table, keys.chunk(org, session, 0), Update().add(spots=1), THERE)


def ends(now: datetime, days: float) -> tuple[Meeting, ...]:
    at = now + days * DAY
    return (Meeting("m1", at - timedelta(hours=1), at),)


def over(like: Session, number: int, now: datetime) -> None:
    """Write the row of a session that was over long ago, and nothing else."""
    old = Session(**{**{name: getattr(like, name) for name in Session.__dataclass_fields__}, "id": f"o{number}", "meetings": ends(now, -9)})
    dynamodb.put(config().rosters_table, session_item(old), ALWAYS)


@pytest.fixture
def long_over(open_session: OpenSession, now: datetime) -> Session:
    return open_session(id="long", meetings=ends(now, -3))


def test_the_clock_queues_one_step_at_the_full_hour(organisation: Organisation, sqs: Sqs, now: datetime) -> None:
    schedules.run(now.replace(minute=59))
    assert sqs.waiting == []
    schedules.run(now)
    (step,) = map(recount.step_from, sqs.waiting)
    assert step
    assert step.org == ""
    assert datetime.now(UTC) - times.read(step.asked_at) < timedelta(minutes=1)


def test_wrong_counts_are_repaired_and_measured(
    open_session: OpenSession, now: datetime, recounted: Callable[[], None], drift: list[int]
) -> None:
    open_session(id="soon")
    open_session(id="just", meetings=ends(now, -1))
    for session in ("soon", "just"):
        corrupt(session)
    recounted()
    assert sorted(drift) == [0, 2], "the organisation's step, and the list's"
    recounted()
    assert sorted(drift[2:]) == [0, 0]


def test_a_session_that_is_over_is_not_read(
    open_session: OpenSession, long_over: Session, recounted: Callable[[], None], drift: list[int]
) -> None:
    open_session(id="soon")
    corrupt(long_over.id)
    recounted()
    assert sum(drift) == 0


def test_sessions_that_are_over_cost_nothing(open_session: OpenSession, now: datetime, recounted: Callable[[], None]) -> None:
    """The same requests, and the same rows read, whatever is over: those of one session to come."""
    session, requests, read = open_session(id="soon"), [], []
    recounted()
    for many in (0, 150, 450):
        for number in range(many):
            over(session, number, now)
        with counted() as counts, rows_read() as rows:
            recounted()
        requests.append(counts.total())
        read.append(sum(rows))
    assert requests[0] == requests[1] == requests[2] <= 25
    assert read[0] == read[1] == read[2] <= 20


class rows_read:  # noqa: N801 - a context
    """Counts the rows that DynamoDB looks at."""

    def __enter__(self) -> list[int]:
        self.rows: list[int] = []
        clients.dynamodb().meta.events.register("after-call.dynamodb", self._count, unique_id="rows")
        return self.rows

    def _count(self, parsed: dict[str, Any], **_: Any) -> None:
        self.rows.append(parsed.get("ScannedCount", 0) + sum(map(len, parsed.get("Responses", {}).values()), 0))

    def __exit__(self, *_: object) -> None:
        clients.dynamodb().meta.events.unregister("after-call.dynamodb", unique_id="rows")


def test_an_organisation_of_many_sessions_takes_several_steps(
    open_session: OpenSession, now: datetime, recounted: Callable[[], None], drift: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recount, "SLICE", 2)
    monkeypatch.setattr(meetings, "AT_ONCE", 2)
    for number in range(5):
        open_session(id=f"s{number}", meetings=ends(now, number + 1))
        corrupt(f"s{number}")
    stray = meetings._row(session := open_session(id="moved"), next(iter(meetings._rows(session)))[0])
    dynamodb.put(config().records_table, {**stray, "sk": {"S": stray["sk"]["S"].replace("#m1#", "#m9#")}}, ALWAYS)
    recounted()
    assert sum(drift) == 6
    assert len(drift) >= 7, "three steps of sessions, three more of meetings, and the list"


def test_every_organisation_has_a_step_of_its_own(
    open_session: OpenSession, worker: Worker, now: datetime, drift: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recount, "ORGANISATIONS", 12)
    for number in range(30):
        organisations.create(Organisation(org=f"o{number:02}", name="O", created_at=now))
    delays: dict[str, int] = {}
    send = worker.sqs.send_message

    def note(*, QueueUrl: str, MessageBody: str, DelaySeconds: int = 0) -> dict[str, str]:  # noqa: N803 - as boto3 has it
        delays[json.loads(MessageBody)["org"]] = DelaySeconds
        return send(QueueUrl=QueueUrl, MessageBody=MessageBody)

    monkeypatch.setattr(worker.sqs, "send_message", note)
    recount.begin(now)
    worker.work()
    assert len(delays) == 32
    assert delays[""] == 0
    assert len(set(delays.values())) > 25
    assert max(delays.values()) < recount.SPREAD_SECONDS
    assert drift == [0] * 32


def test_an_unreadable_session_is_named_and_keeps_nobody_from_the_recount(
    open_session: OpenSession, recounted: Callable[[], None], drift: list[int], faults: list[dict[str, str]]
) -> None:
    for session in ("bad", "good"):
        open_session(id=session)
        corrupt(session)
    dynamodb.update(config().rosters_table, keys.session("demo", "bad"), Update().remove("created_at"), THERE)
    recounted()
    assert sum(drift) == 1
    assert faults == [{"org": "demo", "session": "bad"}, {"org": "demo", "part": "meetings"}]


def test_a_step_that_dies_anywhere_is_repeated(
    open_session: OpenSession, worker: Worker, recounted: Callable[[], None], drift: list[int], faults: list[dict[str, str]]
) -> None:
    """A crash before and after each request of the whole recount, one at a time: all is counted, by the retry."""
    open_session(id="soon")
    requests = list(requests_of(recounted))
    for index in range(len(requests)):
        corrupt("soon")
        with dying_at(index):
            while True:
                try:
                    recount.begin(worker.now)
                    break
                except Crash:
                    continue
            worker.work()
        assert worker.set_aside == []
        drift.clear()
        recounted()
        assert sum(drift) == 0, requests[index]


def requests_of(act: Callable[[], Any]) -> Iterator[str]:
    requests: list[str] = []
    events = clients.dynamodb().meta.events
    events.register("before-call.dynamodb", lambda model, **_: requests.append(model.name), unique_id="requests")
    act()
    events.unregister("before-call.dynamodb", unique_id="requests")
    yield from requests


class dying_at:  # noqa: N801 - a context
    """Crashes after DynamoDB's answer number `number`, once."""

    def __init__(self, number: int) -> None:
        self.left = number

    def __enter__(self) -> None:
        clients.dynamodb().meta.events.register("after-call.dynamodb", self._die, unique_id="death")

    def _die(self, **_: Any) -> None:
        self.left -= 1
        if self.left == -1:
            raise Crash

    def __exit__(self, *_: object) -> None:
        clients.dynamodb().meta.events.unregister("after-call.dynamodb", unique_id="death")


def test_an_old_step_is_dropped(open_session: OpenSession, worker: Worker, drift: list[int]) -> None:
    open_session()
    recount.begin(worker.now - timedelta(minutes=61))
    worker.work()
    assert drift == []


def test_data_of_an_earlier_version_is_counted_whole_once(
    open_session: OpenSession, long_over: Session, recounted: Callable[[], None], drift: list[int], streams: Streams
) -> None:
    for key in (keys.figures_complete("demo"), keys.meetings_complete("demo")):
        dynamodb.delete(config().records_table, key, ALWAYS)
    row = next(iter(meetings.every("demo")))
    dynamodb.delete(config().records_table, keys.Key(keys.meetings("demo"), meetings.sort_key(row)), ALWAYS)
    meetings._complete.clear()
    recounted()
    assert set(meetings.every("demo")) == {row}
    assert "long" in figures.all_headers("demo")
    assert figures.is_complete("demo")
    assert meetings.is_complete("demo")
    corrupt("long")
    drift.clear()
    recounted()
    assert sum(drift) == 0


def test_the_version_before_finds_no_job_in_a_step(open_session: OpenSession, sqs: Sqs, now: datetime) -> None:
    from chalicelib.events.jobs import WORK
    from chalicelib.operations.jobs import run_step
    from chalicelib.operations.jobs.queue import ids_from

    recount.begin(now)
    (body,) = sqs.waiting
    run_step(*ids_from(body), WORK, now=now)


def test_a_queue_that_refuses_a_step_has_the_list_repeated(organisation: Organisation, sqs: Sqs, now: datetime) -> None:
    sqs.send_message_batch = lambda **_: {"Failed": [{"Id": "0"}]}  # type: ignore[method-assign]
    with pytest.raises(RuntimeError):
        recount.begin(now)


def test_another_time_zone_has_every_session_counted_anew(
    open_session: OpenSession, now: datetime, recounted: Callable[[], None], drift: list[int]
) -> None:
    open_session(id="long", meetings=ends(now, -2.75))
    dynamodb.delete(config().records_table, keys.figures_complete("demo"), ALWAYS)
    recounted()
    before = figures.all_headers("demo")["long"].zone
    settings.change("demo", OrganisationChanges(time_zone="Asia/Tokyo"), expected=None)
    assert not figures.is_complete("demo")
    recounted()
    assert (before, figures.all_headers("demo")["long"].zone) == ("Europe/Paris", "Asia/Tokyo")
    assert sum(drift) == 0


def test_with_many_organisations_each_has_its_hour(
    open_session: OpenSession, sqs: Sqs, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An hour counts a part of them; within so many hours each is counted once."""
    monkeypatch.setattr(recount, "MOST_AN_HOUR", 10)
    for number in range(25):
        organisations.create(Organisation(org=f"o{number:02}", name="O", created_at=now))
    hours = list[set[str]]()
    for hour in range(3):
        recount.run_step(recount.RecountStep(times.written(at := now + timedelta(hours=hour))), now=at)
        hours.append({json.loads(body)["org"] for body in sqs.waiting})
        sqs.waiting.clear()
    assert sum(map(len, hours)) == len(set.union(*hours)) == 26
    assert all(3 < len(hour) < 16 for hour in hours)


@pytest.mark.parametrize(("count", "hours"), [(0, 1), (1, 1), (2_000, 1), (2_001, 2), (10_000, 5)])
def test_up_to_two_thousand_organisations_are_counted_each_hour(count: int, hours: int) -> None:
    assert recount.hours_of_a_round(count) == hours
