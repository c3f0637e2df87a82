"""What N organisations need, the limits, and the costs. What each part of the workload uses is measured (bench/workload.py)."""

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from app import JOBS_AT_ONCE
from bench.simulation import ORG
from bench.workload import OTHERS, SESSIONS, Measured
from chalicelib.operations import recount, reminders, turns
from chalicelib.operations.figures.recount import MOST_A_RUN
from chalicelib.operations.messages.pace import MOST_AT_ONCE
from chalicelib.tables import clock, keys
from chalicelib.tables.keys.clock import PARTITIONS
from infra.commands.costs import IDLE, PER_INVITATION, PRICES
from infra.deployment.mappings import STREAMS

PROMISED = 10_000
INVITATION, REGISTRATION = "an invitation, sent, opened and accepted", "a registration by the public"
REMINDER, EXPIRY, FIGURES = "a reminder", "an invitation that expires", "the figures of a changed session"
IN_LINE, IDLE_MINUTE, PAGE = "a place on a waitlist, looked at", "an idle minute of the clock", "a page of staff"
IDLE_OF_MANY = f"an idle minute with {OTHERS} organisations more"
NO_SESSIONS, SOME_SESSIONS = "a recount without sessions to come", f"a recount with {SESSIONS} sessions to come"
PARTITION_WRITES = 1000
"""Units a second that DynamoDB gives one partition."""
MOST = 1_000_000
"""Beyond so many organisations nothing is computed."""
AWS = "AWS, on request"
STORED_GIGABYTE = 0.306 + 0.25
"""US dollars for a gigabyte and its backup, a month."""
FREE_SIGN_INS, SIGN_IN = 10_000, 0.0055
"""People who sign in during a month for nothing, and US dollars for each one more."""


@dataclass(frozen=True)
class Day:
    """The usual day of an organisation. A tenth of its customers signs in during a month."""

    invitations: int = 100
    registrations: int = 20
    reminders: int = 40
    expiries: int = 30
    changed_sessions: int = 70
    in_line: int = 5
    sessions_to_come: int = 150
    pages: int = 100
    customers: int = 1000
    peak: int = 5
    """In the busiest hour, so many times the mean."""

    def times(self) -> Iterator[tuple[str, int]]:
        """Yield how often each part is done."""
        yield INVITATION, self.invitations
        yield REGISTRATION, self.registrations
        yield REMINDER, self.reminders
        yield EXPIRY, self.expiries
        yield FIGURES, self.changed_sessions
        yield PAGE, self.pages


@dataclass(frozen=True)
class Pace:
    """Seconds, assumed: on-demand DynamoDB within a region, and our own work on a function of 1 GB."""

    request: float = 0.009
    send: float = 0.080
    shards: int = 4
    """Of a table's stream, as many as a new table has. It gets more as it grows."""


DAY, PACE = Day(), Pace()
DAY_SECONDS, DAY_MINUTES = 86_400, 1_440


@dataclass(frozen=True)
class Limit:
    """A limit: so much is `needed` of it by N organisations. A promise, unless AWS keeps it and gives more on request."""

    what: str
    unit: str
    most: float
    needed: Callable[[int], float]
    kept_by: str = ""

    @property
    def holds_for(self) -> int:
        """The largest number of organisations that it holds for, up to `MOST`."""
        return bisect_right(range(1, MOST + 1), False, key=lambda organisations: self.needed(organisations) > self.most)

    @property
    def is_broken(self) -> bool:
        """Whether a promise is not kept."""
        return not self.kept_by and self.holds_for < PROMISED


def limits(used: Measured) -> list[Limit]:
    """Return the limits, those first that break first."""
    found = [*_clock(used), *_queue(used), *_partitions(used), *_streams(used), *_quotas(used)]
    return sorted(found, key=lambda limit: limit.holds_for)


def _times(each: float, fixed: float = 0) -> Callable[[int], float]:
    return lambda organisations: fixed + each * organisations


def _clock(used: Measured) -> Iterator[Limit]:
    idle, of_many = (used[name].total.requests for name in (IDLE_MINUTE, IDLE_OF_MANY))
    yield Limit("clock: an idle minute", "requests", 100, _times((of_many - idle) / OTHERS, idle))
    share = turns.SECONDS / turns.SHARE
    seconds = reminders.MOST_IN_A_RUN * _checks_seconds(used) / (DAY.reminders + DAY.expiries)
    yield Limit("clock: invitations that a run looks at itself", "seconds", share, _times(0, seconds))
    counted = min(MOST_A_RUN, share / _clock_seconds(used, FIGURES))
    yield Limit("clock: changed sessions, counted", "a minute", counted, _times(DAY.changed_sessions / DAY_MINUTES))
    seen = len(keys.clocks("waitlists")) * clock.ENTRIES
    yield Limit("clock: a round over all waitlists", "minutes", 60, _times(DAY.in_line / seen))


def _clock_seconds(used: Measured, name: str) -> float:
    return used[name].by["run_schedules"].requests * PACE.request


def _checks_seconds(used: Measured) -> float:
    """Return the seconds of a day for reminders and expiries of an organisation."""
    return DAY.reminders * _clock_seconds(used, REMINDER) + DAY.expiries * _clock_seconds(used, EXPIRY)


def _queue(used: Measured) -> Iterator[Limit]:
    """Yield the recount of an hour, and how many functions it keeps busy together with reminders and expiries."""
    none, some = (used[name].total.requests for name in (NO_SESSIONS, SOME_SESSIONS))
    each = (none + (some - none) / SESSIONS * DAY.sessions_to_come) * PACE.request

    def recounted(organisations: int) -> float:
        return each * organisations / recount.hours_of_a_round(organisations)

    checks = _checks_seconds(used) * DAY.peak / DAY_SECONDS
    yield Limit("jobs: the recount of an hour", "minutes", recount.LATEST.seconds / 60, lambda n: recounted(n) / JOBS_AT_ONCE / 60)
    yield Limit("jobs: functions busy with the clock's work", "functions", JOBS_AT_ONCE / 2, lambda n: recounted(n) / 3600 + checks * n)


def _partitions(used: Measured) -> Iterator[Limit]:
    """Yield the partitions of indexes that all organisations share."""
    writes: dict[str, float] = {}
    for name, times in DAY.times():
        for partition, units in used[name].total.writes.items():
            if partition.value.startswith("#") or partition.value == "figures":
                shared = partition.value.rstrip("0123456789").strip("#")
                writes[shared] = writes.get(shared, 0) + units * times * DAY.peak / DAY_SECONDS
    for shared, each in sorted(writes.items()):
        partitions = 1 if shared == "figures" else PARTITIONS
        yield Limit(f"a partition of the clock: {shared}", "units/s", PARTITION_WRITES, _times(each / partitions))


def _streams(used: Measured) -> Iterator[Limit]:
    for table, (at_once, *_) in STREAMS.items():
        function = f"on_{table}"
        busy = sum(times * _seconds(used, name, function) for name, times in DAY.times()) * DAY.peak / DAY_SECONDS
        most = PACE.shards * at_once * (MOST_AT_ONCE if table == "messages" else 1)
        yield Limit(f"stream of {table}: at work", "at once", most, _times(busy))


def _seconds(used: Measured, name: str, function: str) -> float:
    """Return the seconds of a function for one part of the workload."""
    part = used[name]
    requests = part.by[function].requests if function in part.by else 0
    return requests * PACE.request + (part.mails * PACE.send if function == "on_messages" else 0)


def _seconds_of_all(used: Measured) -> float:
    """Return the seconds of all functions for a day of an organisation."""
    functions = sorted({function for part in used.values() for function in part.by})
    return sum(times * _seconds(used, name, function) for name, times in DAY.times() for function in functions)


def _quotas(used: Measured) -> Iterator[Limit]:
    peak = DAY.peak / DAY_SECONDS
    mails = sum(times * used[name].mails for name, times in DAY.times())
    yield Limit("SES: e-mails", "a second", 14, _times(mails * peak), AWS)
    yield Limit("SES: e-mails", "a day", 50_000, _times(mails), AWS)
    yield Limit("API Gateway: requests", "a second", 10_000, _times(_requests() * peak), AWS)
    yield Limit("Lambda: functions at once", "functions", 1000, _times(_seconds_of_all(used) * peak), AWS)
    yield Limit("Cognito: sign-ins", "a second", 120, _times(DAY.customers / 10 / 30 * peak), AWS)
    for table in ("rosters", "records", "messages"):
        yield Limit(f"DynamoDB: the table of {table}", "units/s", 40_000, _times(_table_writes(used, table) * peak), AWS)


def _requests() -> float:
    """Return the requests of a day of an organisation, with style sheets and scripts."""
    return (DAY.invitations + DAY.registrations) * PER_INVITATION["requests"] + DAY.pages


def rates(used: Measured) -> Iterator[tuple[str, str, float]]:
    """Yield (part, what takes it, how often a second): what the busiest partition of one session, and of one organisation, allows."""
    for name in (INVITATION, REGISTRATION):
        writes = used[name].total.writes.items()
        of_a_session = max(units for partition, units in writes if partition.table.endswith("rosters") and not partition.of_index)
        of_an_organisation = max(
            units for partition, units in writes if partition.value.startswith(ORG) and "rosters" not in partition.table
        )
        yield name, "one session", PARTITION_WRITES / of_a_session
        yield name, "one organisation", PARTITION_WRITES / of_an_organisation


def _table_writes(used: Measured, table: str) -> float:
    return sum(
        units * times
        for name, times in DAY.times()
        for partition, units in used[name].total.writes.items()
        if partition.table.endswith(table) and not partition.of_index
    )


def costs(used: Measured, organisations: int, *, months: int = 12) -> dict[str, float]:
    """Return US dollars a month by line, the storage after so many months. Without free tiers, but for Cognito's."""
    each = {name: times * 30 * organisations for name, times in DAY.times()}
    none, some = (used[name].total.read_units for name in (NO_SESSIONS, SOME_SESSIONS))
    recounted = (none + (some - none) / SESSIONS * DAY.sessions_to_come) * organisations / recount.hours_of_a_round(organisations)
    stored = sum(times * used[name].total.stored for name, times in each.items()) * months / 1e9
    return {
        "idle": sum(amount * PRICES[name] for name, amount in IDLE.items()),
        "writes": sum(times * used[name].total.write_units for name, times in each.items()) * PRICES["write units"],
        "reads": sum(times * used[name].total.read_units for name, times in each.items()) * PRICES["read units"],
        "recount": recounted * 24 * 30 * PRICES["read units"],
        "functions": _seconds_of_all(used) * 30 * organisations * PRICES["gigabyte-seconds"],
        "requests": _requests() * 30 * organisations * PRICES["requests"],
        "e-mails": sum(times * used[name].mails for name, times in each.items()) * PRICES["e-mails"],
        f"storage after {months} months": stored * STORED_GIGABYTE,
        "sign-ins": max(DAY.customers / 10 * organisations - FREE_SIGN_INS, 0) * SIGN_IN,
    }
