"""Short functions for tests: a session, and actions on it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, TypeVar

from chalicelib import clients
from chalicelib.config import config
from chalicelib.operations import links
from chalicelib.operations.identity import derived
from chalicelib.operations.invitations import Accepted, Invited, accept, invite
from chalicelib.operations.registrations import Registered, register
from chalicelib.operations.sessions import edit_session
from chalicelib.operations.sessions.edit import write_session
from chalicelib.rules import ledger as rules
from chalicelib.rules.inputs.invitations import AcceptInput, InvitationInput
from chalicelib.rules.inputs.registrations import ParticipantInput, RegistrationInput
from chalicelib.rules.inputs.sessions import MeetingInput, SessionChanges, SessionInput, TierInput
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.ledger import Chunk, Hold, Spots
from chalicelib.rules.money import Price
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.refs import public_id
from chalicelib.rules.refusals import NotFound
from chalicelib.tables import ledger, organisations

T = TypeVar("T")
ORG = "studio"
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
_numbers = count(1)


def fresh(word: str) -> str:
    return f"{word}-{next(_numbers)}"


def later(**time: float) -> datetime:
    return NOW + timedelta(**time)


def open_session(spots: int, *, org: str = ORG, opened: datetime = NOW - timedelta(days=1)) -> str:
    """Open a session with this many spots and one meeting in sixty days, and return its id. Founds its organisation, if need be."""
    draft = SessionInput(
        title="Pottery",
        meetings=[MeetingInput(starts_at=later(days=60), ends_at=later(days=60, hours=2))],
        time_zone="Europe/Paris",
        spots_total=spots,
        tiers=[TierInput(name="Standard", price=Price(amount=1250, currency="EUR"))],
        registration_opens_at=opened,
    )
    return in_organisation(org, lambda: write_session(org, draft, id=derived("session", org, fresh("session")), now=NOW)).id


def in_organisation(org: str, act: Callable[[], T]) -> T:
    """Do it, after founding the organisation if there is none."""
    try:
        return act()
    except NotFound:
        organisations.create(Organisation(org=org, name="Studio", created_at=NOW))
        return act()


def invited(
    session: str, email: str = "", *, party: int = 1, key: str = "", now: datetime = NOW, over: bool = False, **more: Any
) -> Invited:
    draft = InvitationInput(email=email or f"{fresh('guest')}@example.org", party_size=party, confirm_over_capacity=over, **more)
    return invite(ORG, session, draft, by="staff", key=key or fresh("key"), now=now)


def accepted(invitation: Invitation, email: str = "", *, names: tuple[str, ...] = ("Kim",), now: datetime = NOW) -> Accepted:
    """Accept as the invited address, or as another one."""
    form = AcceptInput(email=email or invitation.email, name="Ana", participants=[ParticipantInput(name=name) for name in names])
    outcome = accept(links.invitation_token(invitation), form, locale="en", now=now)
    assert isinstance(outcome, Accepted)
    return outcome


def registered(
    session: str, email: str = "", *, party: int = 1, key: str = "", names: tuple[str, ...] = ("Kim",), now: datetime = NOW
) -> Registered:
    draft = RegistrationInput(
        email=email or f"{fresh('parent')}@example.org",
        name="Ana",
        participants=[ParticipantInput(name=name) for name in names],
        party_size=party,
    )
    return register(ORG, session, draft, locale="en", key=key or fresh("key"), now=now)


def resized(session: str, spots: int, *, now: datetime = NOW, below_use: bool = True) -> None:
    edit_session(ORG, session, SessionChanges(spots_total=spots, confirm_below_use=below_use), expected=None, now=now)


def sell_out(session: str) -> None:
    """Take every spot of the session by a hold of its own."""
    for chunk in chunks_of(session):
        taken = {f"sold{chunk.number}x{index}": Hold(spots=1, state="taken", nonce="sold") for index in range(chunk.spots)}
        row = ledger.empty(ORG, session, chunk.number, chunk.cap)
        row |= {"spots": {"N": "0"}, "h": {"M": {id: ledger.hold_item(hold) for id, hold in taken.items()}}}
        clients.dynamodb().put_item(TableName=config().rosters_table, Item=row)


def forget_full(session: str) -> None:
    """Forget that the session was found full, in this process and in others, as five seconds later."""
    ledger.reopen(ORG, session)
    ledger.remove_full_mark(ORG, session)


def named(session: str, id: str) -> str:
    """Return the public id of an invitation or registration of the session."""
    return public_id(session, id)


def chunks_of(session: str) -> list[Chunk]:
    return ledger.read(ORG, session)


def spots_of(session: str, now: datetime = NOW) -> Spots:
    return rules.count(chunks_of(session), now)


def holds_of(session: str) -> dict[str, Hold]:
    """Return every hold of the session by id. Fails if a hold is in two chunks."""
    chunks = chunks_of(session)
    found = {key: hold for chunk in chunks for key, hold in chunk.holds.items()}
    assert len(found) == sum(len(chunk.holds) for chunk in chunks), "one id holds spots in two chunks"
    return found


def on_chunk(number: int, chunks: int, word: str = "own") -> str:
    """Return a hold id whose preferred chunk is this one."""
    return next(id for id in (f"{word}{suffix}" for suffix in count()) if ledger.preferred(id, chunks) == number)


def assert_lawful(session: str) -> None:
    """Check that every chunk keeps its invariants, no id occurs twice, and the chunks add up to the session."""
    holds_of(session)
    assert [rules.faults(chunk) for chunk in chunks_of(session)] == [[] for _ in chunks_of(session)]
