"""The row of a session: how its attributes are stored, and in which indexes it stands."""

from typing import Any

from chalicelib.rules import times
from chalicelib.rules.date_reminders import first_check
from chalicelib.rules.money import Money
from chalicelib.rules.sessions import Meeting, Session, Tier
from chalicelib.tables import keys
from chalicelib.tables.codec import Codec, ValueCodec
from chalicelib.tables.items import Item, item, plain
from chalicelib.tables.known_rows import known


def sort_key(session: Session) -> str:
    """Return the key by which ended sessions are listed: by their end."""
    return f"{times.written(session.ends_at)}#{session.id}"


TIERS = ValueCodec(
    # The price lies flat in its tier, as it did before there was a codec.
    write=lambda tier: {"id": tier.id, "name": tier.name, **tier.price._asdict()},
    read=lambda values: Tier(values["id"], values["name"], Money(values["amount"], values["currency"])),
)
MEETINGS = Codec(Meeting, attributes={"starts_at": "from", "ends_at": "to"})
SESSIONS = Codec(
    Session,
    attributes={"registration_opens_at": "opens_at", "registration_closes_at": "closes_at"},
    elsewhere={"org", "id"},
    always={"version"},
    inner={Meeting: MEETINGS, Tier: TIERS},
)
INDEXED = {"calendar", "calendar_at", "due", "due_at", "remind", "remind_at"}
"""The attributes of the indexes."""


@known
def session_from(row: Item) -> Session:
    values = plain(row)
    org, _, id = values["pk"].partition("#")
    return SESSIONS.read(values, org=org, id=id)


def session_item(session: Session) -> Item:
    listed: dict[str, Any] = {"calendar": session.org, "calendar_at": sort_key(session)}
    if session.awaits_decision and session.decides_at:
        listed |= {"due": keys.to_decide(), "due_at": f"{times.written(session.decides_at)}#{session.org}#{session.id}"}
    if check_at := first_check(session):
        listed |= {"remind": keys.date_reminders(), "remind_at": times.written(check_at)}
    # Written by hand: every cancelled session, and no other, stores whether participants are told.
    cancellation = {"tell_cancelled": session.tell_cancelled if session.cancelled_at else None}
    return {**keys.session(session.org, session.id).stored(), **item({**listed, **SESSIONS.write(session), **cancellation})}
