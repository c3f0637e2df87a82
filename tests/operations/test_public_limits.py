"""R18: what one client, towards one mailbox and one domain, can make the system send, hold and write."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

import pytest

from chalicelib.config import config
from chalicelib.operations import public_limits, public_registration, waitlist
from chalicelib.operations.links import waitlist_token
from chalicelib.rules.inputs.registrations import ParticipantInput, RegistrationInput
from chalicelib.rules.inputs.waitlist import JoinInput
from chalicelib.rules.invitations import InvitationForOtherAddress
from chalicelib.rules.ledger import SessionFull
from chalicelib.rules.limits import LIMITS, Limit, PublicAction, TooManyRequests, mailbox
from chalicelib.rules.sessions import Session
from chalicelib.tables import dynamodb, keys, throttle
from chalicelib.tables.items import stored
from tests.live.ledger import race_report
from tests.operations.simulated_aws import Ses, Streams
from tests.samples import INVITATION

OpenSession = Callable[..., Session]
SOURCE = "192.0.2.1"
EMAIL = "victim@example.org"
numbers = count()


def counted_before(key: keys.Key, tries: int, ends: datetime) -> None:
    """Set a count, so that a test need not make a thousand attempts."""
    item = {**key.stored(), "tries": stored(tries), "forget_at": stored(int(ends.timestamp()))}
    dynamodb.put_new(config().memory_table, item)


Report = Callable[[str, object], None]


def refused_at(attempt: Callable[[], None]) -> int:
    """Return how many attempts pass before one is refused."""
    for passed in range(100):
        try:
            attempt()
        except TooManyRequests:
            return passed
    return 100


@pytest.mark.parametrize("action", LIMITS)
@pytest.mark.parametrize("by", ["client", "mailbox", "domain"])
def test_each_limit_is_exact_and_ends_with_its_time(action: PublicAction, by: str, tables: None, now: datetime) -> None:
    limit: Limit | None = getattr(LIMITS[action], by)
    if limit is None:
        return
    counted = {"client": (SOURCE,), "mailbox": ("demo", EMAIL), "domain": ("demo", "example.org")}[by]
    counted_before(keys.throttle(action, by, *counted), limit.most - 3, now + limit.within)

    def attempt(later: timedelta = timedelta()) -> None:
        number = next(numbers)
        source = SOURCE if by == "client" else f"client {number}"
        email = EMAIL if by == "mailbox" else f"v{number}@example.org" if by == "domain" else f"v{number}@{number}.org"
        public_limits.count(action, "demo", email, source=source, now=now + later)

    assert refused_at(attempt) == 3
    with pytest.raises(TooManyRequests) as refused:
        attempt(limit.within - timedelta(seconds=7))
    assert refused.value.retry_after == 7
    attempt(limit.within)


def test_a_refused_client_uses_up_nothing_of_a_mailbox(tables: None, now: datetime) -> None:
    counted_before(keys.throttle("waitlist", "client", SOURCE), 250, now + timedelta(minutes=5))
    for _ in range(50):
        with pytest.raises(TooManyRequests):
            public_limits.count("waitlist", "demo", EMAIL, source=SOURCE, now=now)
    public_limits.count("waitlist", "demo", EMAIL, source="192.0.2.2", now=now)


PLACE_COUNTS = {
    "client": (keys.throttle("waitlist", "client", SOURCE), 250),
    "mailbox": (keys.throttle("waitlist", "mailbox", "demo", EMAIL), 30),
    "domain": (keys.throttle("waitlist", "domain", "demo", "example.org"), 1_000),
    "e-mails of a waitlist": (keys.throttle("place", "demo", "s1", EMAIL), 2),
    "e-mails of all waitlists": (keys.throttle("place", "demo", EMAIL), 10),
}


def place_counts() -> dict[str, int]:
    return {name: int(found["tries"]["N"]) if (found := throttle.find(key)) else 0 for name, (key, _) in PLACE_COUNTS.items()}


def a_place(now: datetime, session: str = "s1") -> str:
    try:
        return "mailed" if public_limits.count_place("demo", session, EMAIL, source=SOURCE, now=now) else "silent"
    except TooManyRequests as refused:
        return f"again in {refused.retry_after}"


@pytest.mark.parametrize("together", [True, False], ids=["in one request", "each by itself, as another request counts one of them"])
@pytest.mark.parametrize("name", PLACE_COUNTS)
def test_a_place_is_counted_up_to_each_limit(
    name: str, together: bool, tables: None, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not together:
        monkeypatch.setattr(throttle, "count_together", lambda *_, **__: None)
    key, most = PLACE_COUNTS[name]
    counted_before(key, most - 1, now + timedelta(minutes=5))
    at_the_limit = "silent" if name.startswith("e-mails") else "again in 300"
    assert [a_place(now), a_place(now)] == ["mailed", at_the_limit]
    assert place_counts()[name] == most
    another = "s2" if name == "e-mails of all waitlists" else "s1"  # A refused e-mail may have counted for its own waitlist.
    assert a_place(now + timedelta(minutes=6), another) == "mailed", "the count begins anew"
    assert place_counts()[name] == 1


@pytest.mark.parametrize("name", ["client", "mailbox", "domain"])
def test_a_refused_place_counts_nothing(name: str, tables: None, now: datetime) -> None:
    key, most = PLACE_COUNTS[name]
    counted_before(key, most, now + timedelta(minutes=5))
    assert a_place(now) == "again in 300"
    assert place_counts() == {one: most if one == name else 0 for one in PLACE_COUNTS}


def test_a_place_without_an_e_mail_counts_none(tables: None, now: datetime) -> None:
    counted_before(PLACE_COUNTS["e-mails of all waitlists"][0], 10, now + timedelta(minutes=5))
    assert a_place(now) == "silent"
    assert place_counts() == {"client": 1, "mailbox": 1, "domain": 1, "e-mails of a waitlist": 0, "e-mails of all waitlists": 10}


def test_a_class_on_one_network_is_never_refused(tables: None, now: datetime) -> None:
    """30 families behind one address, each with a registration for three children, a place on a waitlist and an account."""
    for family in range(30):
        for action in ("registration",) * 3 + ("waitlist", "sign_up"):
            public_limits.count(action, "demo", f"f{family}@school.example", source=SOURCE, now=now)


@pytest.mark.parametrize(
    ("written", "counted"),
    [
        ("Victim+shop@Example.org", EMAIL),
        ("victim+1+2@example.org", EMAIL),
        ("+only@example.org", "+only@example.org"),
        ("a@xn--bcher-kva.example", "a@xn--bcher-kva.example"),
        ("a@bücher.example", "a@xn--bcher-kva.example"),
    ],
)
def test_a_mailbox_is_counted_in_any_spelling(written: str, counted: str) -> None:
    assert mailbox(written) == counted


def test_leaving_and_joining_again_sends_two_e_mails_a_day(
    open_session: OpenSession, streams: Streams, ses: Ses, now: datetime, record_property: Report
) -> None:
    full(open_session, now)
    streams.drain(now)
    ses.sent.clear()
    for number in range(25):
        joined = join(f"victim+{number}@example.org", f"key {number}", now)
        streams.drain(now)
        waitlist.leave(waitlist_token(joined.entry), now=now)
    assert len(ses.sent) == 2
    record_property(race_report.PROPERTY, f"R18: 25 joins and leaves of one mailbox: {len(ses.sent)} e-mails")
    tomorrow = now + timedelta(days=1)
    join(EMAIL, "tomorrow", now=tomorrow)
    streams.drain(tomorrow)
    assert len(ses.sent) == 3


def test_joining_many_waitlists_sends_ten_e_mails_a_day(
    open_session: OpenSession, streams: Streams, ses: Ses, now: datetime, record_property: Report
) -> None:
    for number in range(15):
        full(open_session, now, id=f"s{number}")
        streams.drain(now)
        joined = join(EMAIL, f"key {number}", now, session=f"s{number}")
        streams.drain(now)
        assert joined.entry.silent == (number >= 10)
    told = [mail for mail in ses.sent if mail["Destination"]["ToAddresses"] == [EMAIL]]
    assert len(told) == 10
    record_property(race_report.PROPERTY, f"R18: one mailbox on 15 waitlists: {len(told)} e-mails")


def test_staff_are_not_counted(open_session: OpenSession, now: datetime) -> None:
    full(open_session, now)
    for number in range(40):
        draft = JoinInput(email=f"f{number}@example.org", name="F")
        assert not waitlist.add_by_staff("demo", "s1", draft, key=str(number), now=now).entry.silent


def test_whom_a_full_session_refuses_is_not_counted(open_session: OpenSession, now: datetime) -> None:
    full(open_session, now)
    for _ in range(599):
        public_limits.count_client("registration", source=SOURCE, now=now)
    for _ in range(3):
        with pytest.raises(SessionFull):
            register("late@example.org", now)


def test_guesses_at_a_locked_invitation_s_address_are_counted(tables: None, now: datetime) -> None:
    locked = replace(INVITATION, forwarding="locked")

    def attempt(email: str = "", source: str = SOURCE) -> None:
        with public_limits.wrong_addresses(locked, source=source, now=now):
            if email != locked.email:
                raise InvitationForOtherAddress

    wrong = 0
    for _ in range(25):
        try:
            attempt("guess@example.org")
        except InvitationForOtherAddress:
            wrong += 1
        except TooManyRequests:
            continue
    assert wrong == 10
    with pytest.raises(TooManyRequests):
        attempt(locked.email)
    attempt(locked.email, source="192.0.2.2")


def full(open_session: OpenSession, now: datetime, *, id: str = "s1") -> None:
    open_session(spots_total=1, id=id)
    register(f"{id}@example.org", now, session=id)


def register(email: str, now: datetime, *, session: str = "s1") -> None:
    draft = RegistrationInput(email=email, name="A", participants=[ParticipantInput(name="A")])
    key = f"{email} {next(numbers)}"
    public_registration.register("demo", session, draft, locale="en", key=key, source=SOURCE, now=now)


def join(email: str, key: str, now: datetime, *, session: str = "s1") -> waitlist.Joined:
    return waitlist.join("demo", session, JoinInput(email=email, name="V"), locale="en", key=key, source=SOURCE, now=now)
