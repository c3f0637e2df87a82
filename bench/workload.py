"""The workload of an organisation, done by the real operations on moto, and what each part of it uses.

Requests come through the application as from API Gateway, what follows is carried by the streams' handlers, time passes by the clock's.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from bench.meter import Use, metered
from bench.simulation import ORG, STAGE, Part, World, form, invite, now, session, simulated
from chalicelib.events import schedules
from chalicelib.operations import figures, organisations, recount, reminders, waitlist
from chalicelib.operations.registrations import register
from chalicelib.rules.inputs.registrations import RegistrationInput
from chalicelib.rules.times import read, written
from chalicelib.tables import clock

TIMES = 4
"""So often is each part done, on one session: its use is the mean."""
SESSIONS, PEOPLE = 5, 10
OTHERS = 8


Measured = dict[str, Part]


def measure() -> Measured:
    """Do all parts of the workload, and return what each uses."""
    with simulated() as world:
        return {name: part(world) for name, part in PARTS.items()}


def _invitation(world: World) -> Part:
    """Invitations that are sent, delivered, opened and accepted, and their confirmations."""
    part, session_id = Part(TIMES), session()
    world.follow(Part())
    for number in range(TIMES):
        email = f"ana{number}@example.org"
        made = world.do(part, "api_handler", lambda email=email: invite(world, session_id, email))  # type: ignore[misc]
        world.follow(part)
        token = made["link"].rpartition("/")[2]
        world.do(part, "api_handler", lambda token=token: world.api("GET", f"/i/{token}"))  # type: ignore[misc]
        accept, body = f"/v1/invitations/{token}/accept", form(email)
        world.do(part, "api_handler", lambda path=accept, body=body: world.api("POST", path, body, key=uuid4().hex))  # type: ignore[misc]
        world.follow(part)
    return _each(part)


def _registration(world: World) -> Part:
    """Registrations of the public, and their confirmations."""
    part, path = Part(TIMES), f"/v1/portal/{ORG}/sessions/{session()}/registrations"
    for number in range(TIMES):
        body = form(f"ben{number}@example.org")
        world.do(part, "api_handler", lambda body=body: world.api("POST", path, body, key=uuid4().hex))  # type: ignore[misc]
        world.follow(part)
    return _each(part)


def _reminder(world: World) -> Part:
    """Invitations without an answer, of which the clock reminds, and the e-mails."""
    due = _unanswered(world, "cleo")
    part = Part(TIMES)
    reminded = world.do(part, "run_schedules", lambda: reminders.remind(now=due, leaves_at=datetime.now(UTC))).reminded
    assert reminded >= TIMES
    world.follow(part)
    return _each(replace(part, times=reminded))


def _expiry(world: World) -> Part:
    """Invitations without an answer, which the clock ends."""
    _unanswered(world, "eve")
    part, late = Part(TIMES), (now() + timedelta(days=300)).replace(hour=12, minute=0)
    part.times = world.do(part, "run_schedules", lambda: reminders.remind(now=late, leaves_at=late)).ended
    assert part.times >= TIMES
    world.follow(part)
    return _each(part)


def _unanswered(world: World, name: str) -> datetime:
    """Invite some addresses, and return the noon after the moment when all are to be reminded."""
    session_id = session()
    for number in range(TIMES):
        invite(world, session_id, f"{name}{number}@example.org")
    world.follow(Part())
    last = max(one.at for one in clock.due("invitations", until="9"))
    return (read(last[:20]) + timedelta(days=1)).replace(hour=12)


def _idle(_world: World) -> Part:
    """An idle minute of the clock."""
    part, minute = Part(), datetime.now(UTC).replace(minute=1)
    schedules.run(minute)
    with metered(STAGE) as part.by["run_schedules"]:
        schedules.run(minute)
    return part


def _idle_of_many(world: World) -> Part:
    """An idle minute of the clock, with many organisations."""
    for number in range(OTHERS):
        organisations.create(f"o{number}", "Other", now=datetime.now(UTC))
    world.follow(Part())
    return _idle(world)


def _figures(world: World) -> Part:
    """A session that changed, whose figures the clock counts."""
    for _ in range(TIMES):
        invite(world, session(), "dora@example.org")
    world.follow(Part())
    part = Part()
    part.times = world.do(part, "run_schedules", lambda: figures.recount_stale(now=datetime.now(UTC)))
    return _each(part)


def _waitlist_entry(world: World) -> Part:
    """A party on a waitlist, at which the clock looks."""
    for number in range(TIMES):
        session_id = session(spots=1)
        world.api("POST", f"/v1/portal/{ORG}/sessions/{session_id}/registrations", form(f"full{number}@example.org"), key=f"f{number}")
        world.api(
            "POST", f"/v1/portal/{ORG}/sessions/{session_id}/waitlist", {"email": f"w{number}@example.org", "name": "W"}, key=f"w{number}"
        )
    world.follow(Part())
    part = Part()
    world.do(part, "run_schedules", lambda: waitlist.advance_all(now=datetime.now(UTC)))
    part.times = len(clock.entries_of_waitlists("0"))
    return _each(part)


def _recount_of_none(world: World) -> Part:
    """The recount of an organisation without a session to come."""
    return _recount(world, "o1")


def _recount_of_some(world: World) -> Part:
    """The recount of an organisation with `SESSIONS` of `PEOPLE` to come."""
    for _ in range(SESSIONS):
        session_id = session("o2")
        for person in range(PEOPLE):
            register(
                "o2", session_id, RegistrationInput.model_validate(form(f"p{person}@example.org")), locale="en", key=uuid4().hex, now=now()
            )
    world.follow(Part())
    while figures.recount_stale(now=now()):
        pass
    return _recount(world, "o2")


def _recount(world: World, org: str) -> Part:
    """Recount an organisation twice; the second time is measured, since the first completes it."""
    for _ in range(2):
        part, steps = Part(), [recount.RecountStep(written(now()), org)]
        world.sqs.waiting.clear()
        while steps:
            step = steps.pop()
            world.do(part, "on_jobs", lambda step=step: recount.run_step(step, now=now()))  # type: ignore[misc]
            steps += [more for body in world.sqs.waiting if (more := recount.step_from(body))]
            world.sqs.waiting.clear()
    return part


def _page(world: World) -> Part:
    """A roster of `PEOPLE`, as staff read it."""
    part, session_id = Part(), session()
    for person in range(PEOPLE):
        world.api("POST", f"/v1/portal/{ORG}/sessions/{session_id}/registrations", form(f"q{person}@example.org"), key=f"q{person}")
    world.follow(Part())
    world.do(part, "api_handler", lambda: world.api("GET", f"/v1/orgs/{ORG}/sessions/{session_id}/roster", by_staff=True))
    return part


def _each(part: Part) -> Part:
    """Return what the part uses each time."""
    return Part(part.times, {name: Use().add(use, 1 / part.times) for name, use in part.by.items()}, part.mails / part.times)


PARTS: dict[str, Callable[[World], Part]] = {
    "an invitation, sent, opened and accepted": _invitation,
    "a registration by the public": _registration,
    "a reminder": _reminder,
    "an invitation that expires": _expiry,
    "the figures of a changed session": _figures,
    "a place on a waitlist, looked at": _waitlist_entry,
    "an idle minute of the clock": _idle,
    f"an idle minute with {OTHERS} organisations more": _idle_of_many,
    "a recount without sessions to come": _recount_of_none,
    f"a recount with {SESSIONS} sessions to come": _recount_of_some,
    "a page of staff": _page,
}
