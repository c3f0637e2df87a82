"""Reads of all facts that a decision about a roster needs, in one request."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from chalicelib.config import config
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.ledger import Chunk, Hold
from chalicelib.rules.organisations import EmailPreferences, Organisation
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session
from chalicelib.rules.waitlist import Queue, WaitlistEntry, queue_of
from chalicelib.tables import dynamodb, keys, ledger
from chalicelib.tables.customers.other_addresses import other_addresses_from
from chalicelib.tables.invitations import invitation_from
from chalicelib.tables.items import Item
from chalicelib.tables.ledger import FullMark
from chalicelib.tables.organisations import email_preferences_from, organisation_from
from chalicelib.tables.registrations import registration_from
from chalicelib.tables.sessions.rows import session_from
from chalicelib.tables.waitlist import entry_from

UNREAD = Chunk(number=0, cap=0, spots=0, extra=0, holds={})


class BookingContext(NamedTuple):
    """The facts for one decision about a booking, read in one request."""

    organisation: Organisation
    session: Session
    first_chunk: Chunk
    """Chunk 0: the whole ledger of a session of at most fifty spots, the first part of a larger one's."""
    email_preferences: EmailPreferences
    invitation: Invitation | None
    invited_before: str
    """The id of the address's latest invitation, live or not."""
    other_addresses: tuple[str, ...]
    """The other addresses of the same customer, after a merge."""
    full_mark: FullMark | None = None
    """Of a session that was found full; read for the public only."""
    customer: str = ""
    """The id of the customer who has the address."""

    @property
    def queue(self) -> Queue:
        """The rules of the waitlist's queue."""
        return queue_of(self.session, self.organisation.waitlist)


class Roster(NamedTuple):
    """A session's roster: its rows and its ledger."""

    session: Session
    chunks: list[Chunk]
    invitations: list[Invitation]
    registrations: list[Registration]
    waitlist: list[WaitlistEntry]

    def holds(self) -> dict[str, Hold]:
        return {key: hold for chunk in self.chunks for key, hold in chunk.holds.items()}

    def registered(self) -> list[Registration]:
        """Return the registrations that have their spots and were not removed."""
        holds = self.holds()
        return [one for one in self.registrations if not one.removed_at and one.holds(holds.get(one.hold))]

    def only(self, ids: Collection[str]) -> "Roster":
        """Return the roster with only those invitations, registrations and entries; the session and its ledger are whole."""
        return self._replace(
            invitations=[one for one in self.invitations if one.id in ids],
            registrations=[one for one in self.registrations if one.id in ids],
            waitlist=[one for one in self.waitlist if one.id in ids],
        )


def read(org: str, session_id: str, *, email: str = "", invitation: str = "") -> BookingContext:
    """Return session, settings, chunk 0, the address's e-mail preferences and the invitation in one request. Raises NotFound."""
    found = dynamodb.batch_get(booking_context_keys(org, session_id, email=email, invitation=invitation))
    return booking_context_from(org, session_id, found, email=email, invitation=invitation)


def read_for_letter(org: str, session_id: str, *, invitation: str = "") -> BookingContext:
    """Return session, settings and the invitation in one request, with chunk 0 only for the invitation's hold: no letter asks for another
    one, and a full chunk takes longer to read than all the others together. Raises NotFound."""
    if invitation:
        return read(org, session_id, invitation=invitation)
    header, settings = keys.session(org, session_id), keys.organisation(org)
    found = dynamodb.batch_get({config().rosters_table: [header], config().records_table: [settings]})
    if header not in found or settings not in found:
        raise NotFound
    organisation, session = organisation_from(found[settings]), session_from(found[header])
    return BookingContext(organisation, session, UNREAD, EmailPreferences(), None, "", ())


def read_publicly(org: str, session_id: str, *, email: str) -> BookingContext:
    """Return the context with the mark of a full session, which may be as it was a moment ago, in one request. Raises NotFound."""
    wanted = booking_context_keys(org, session_id, email=email) | {config().memory_table: [keys.full_session(org, session_id)]}
    found = dynamodb.batch_get(wanted, eventual={config().memory_table})
    return booking_context_from(org, session_id, found, email=email)


def read_many(org: str, session_id: str, emails: Sequence[str]) -> dict[str, BookingContext]:
    """Return the context of each of up to a hundred addresses, in one request for each forty-eight. Raises NotFound."""
    shared = booking_context_keys(org, session_id)
    guards = [keys.invited_address(org, session_id, email) for email in emails]
    preferences = [keys.address(org, email) for email in emails]
    rosters, records = config().rosters_table, config().records_table
    found = dynamodb.batch_get({rosters: [*shared[rosters], *guards], records: [*shared[records], *preferences]})
    return {email: booking_context_from(org, session_id, found, email=email) for email in emails}


def booking_context_keys(org: str, session_id: str, *, email: str = "", invitation: str = "") -> dict[str, list[keys.Key]]:
    """Return the keys of the context's items, by table."""
    on_roster = [keys.session(org, session_id), keys.chunk(org, session_id, 0)]
    on_roster += [keys.invitation(org, session_id, invitation)] if invitation else []
    on_roster += [keys.invited_address(org, session_id, email)] if email else []
    return {
        config().rosters_table: on_roster,
        config().records_table: [keys.organisation(org), *([keys.address(org, email)] if email else [])],
    }


def booking_context_from(
    org: str, session_id: str, found: Mapping[keys.Key, Item], *, email: str = "", invitation: str = ""
) -> BookingContext:
    """Return the context built from items found by `booking_context_keys`, and the mark of a full session. Raises NotFound."""
    header, chunk = keys.session(org, session_id), keys.chunk(org, session_id, 0)
    invited, before = keys.invitation(org, session_id, invitation), keys.invited_address(org, session_id, email)
    if header not in found or chunk not in found or keys.organisation(org) not in found:
        raise NotFound
    address = found.get(keys.address(org, email)) if email else None
    return BookingContext(
        organisation=organisation_from(found[keys.organisation(org)]),
        session=session_from(found[header]),
        first_chunk=ledger.chunk_from(found[chunk]),
        email_preferences=email_preferences_from(address),
        invitation=invitation_from(found[invited]) if invited in found else None,
        invited_before=found[before]["invitation"]["S"] if before in found else "",
        other_addresses=other_addresses_from(address, email),
        full_mark=ledger.full_mark_from(found.get(keys.full_session(org, session_id))),
        customer=address["customer"]["S"] if address and "customer" in address else "",
    )


def roster(org: str, session_id: str) -> Roster:
    """Return the whole roster: one query per megabyte. Raises NotFound."""
    found: dict[str, list[Item]] = {"0": [], "1": [], "2": [], "3": [], "4": []}
    for row in dynamodb.query(
        TableName=config().rosters_table,
        KeyConditionExpression="pk = :pk AND sk < :below",
        ExpressionAttributeValues={":pk": {"S": keys.roster(org, session_id)}, ":below": {"S": keys.ROSTER_AND_BELOW}},
        ConsistentRead=True,
    ):
        found[row["sk"]["S"][0]].append(row)
    if not found["0"]:
        raise NotFound
    return Roster(
        session=session_from(found["0"][0]),
        chunks=[ledger.chunk_from(row) for row in found["1"]],
        invitations=[invitation_from(row) for row in found["2"]],
        registrations=[registration_from(row) for row in found["3"]],
        waitlist=[entry_from(row) for row in found["4"]],
    )
