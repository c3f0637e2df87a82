"""Who acts: known for the time of a request, a stream record or a step of a job, and written into the rows that the audit log covers."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from chalicelib.config import config
from chalicelib.rules.actor import Actor
from chalicelib.tables import keys
from chalicelib.tables.conditions import Update
from chalicelib.tables.items import Item, stored
from chalicelib.tables.keys import Key

WRITTEN_BY = "written_by"
DELETED_BY = "deleted_by"
ON_ROSTERS = (keys.SESSION, keys.INVITATION, keys.REGISTRATION, keys.WAITLIST_ENTRY)
IN_RECORDS = (
    "ORGANISATION",
    "KEYS",
    keys.STAFF_MEMBER,
    keys.API_KEY,
    keys.WEBHOOK,
    keys.CUSTOMER,
    keys.GROUP,
    keys.CONTRACT,
    keys.PRICE,
    keys.PARTICIPANT,
    keys.BATCH,
    keys.TEMPLATE,
    keys.DISCOUNT,
    keys.INVOICE,
    keys.JOB,
    keys.ADDRESS,
)
_actor: ContextVar[Actor | None] = ContextVar("actor", default=None)


@contextmanager
def acting(actor: Actor) -> Iterator[None]:
    """Name the actor as the writer of the rows of the block."""
    token = _actor.set(actor)
    try:
        yield
    finally:
        _actor.reset(token)


@contextmanager
def unnamed() -> Iterator[None]:
    """Write the rows of the block without an actor, so that the audit log ignores them."""
    token = _actor.set(None)
    try:
        yield
    finally:
        _actor.reset(token)


def current() -> Actor | None:
    """Return who acts, None outside a request, a stream record or a job."""
    return _actor.get()


def with_actor(table: str, item: Item) -> Item:
    """Return an item to be put, with the actor's mark if the audit log covers its kind."""
    actor, sort_key = _actor.get(), item["sk"]["S"] if "sk" in item else ""
    if actor is None or not sort_key.startswith(_audited(table)):
        return item
    return {**item, WRITTEN_BY: stored(actor.written())}


def change_with_actor(table: str, key: Key, change: Update) -> Update:
    """Return a change of an item, with the actor's mark if the audit log covers its kind."""
    actor = _actor.get()
    return change.set(**{WRITTEN_BY: actor.written()}) if actor and key.sk.startswith(_audited(table)) else change


def _audited(table: str) -> tuple[str, ...]:
    return ON_ROSTERS if table == config().rosters_table else IN_RECORDS
