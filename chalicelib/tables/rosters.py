"""Reads that gather, in one request, all that a decision about a roster needs."""

from collections.abc import Mapping
from typing import NamedTuple

from chalicelib.rules.invitations import Invitation
from chalicelib.rules.ledger import Chunk, Hold
from chalicelib.rules.organisations import Organisation, Wishes
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session
from chalicelib.rules.waitlist import Entry, Line, line
from chalicelib.settings import settings
from chalicelib.tables import keys, ledger, requests
from chalicelib.tables.invitations import invitation_from
from chalicelib.tables.items import Item
from chalicelib.tables.organisations import organisation_from, wishes_from
from chalicelib.tables.registrations import registration_from
from chalicelib.tables.sessions import session_from
from chalicelib.tables.waitlist import entry_from


class Desk(NamedTuple):
    """What lies on the desk when somebody asks for spots."""

    organisation: Organisation
    session: Session
    first_chunk: Chunk
    """The whole ledger of a session of at most fifty spots, the first part of a larger one's."""
    wishes: Wishes
    invitation: Invitation | None
    invited_before: str
    """The invitation that the address got last, live or not."""

    @property
    def line(self) -> Line:
        """How the waitlist's line works, and until when."""
        return line(self.session, self.organisation.waitlist)


class Roster(NamedTuple):
    """Everybody on a session, and its ledger."""

    session: Session
    chunks: list[Chunk]
    invitations: list[Invitation]
    registrations: list[Registration]
    waitlist: list[Entry]

    def holds(self) -> dict[str, Hold]:
        return {key: hold for chunk in self.chunks for key, hold in chunk.holds.items()}


def desk(org: str, session_id: str, *, email: str = "", invitation: str = "") -> Desk:
    """Return session, settings, first chunk, the address's wishes and the invitation in one request, or NotFound."""
    found = requests.batch_get(desk_keys(org, session_id, email=email, invitation=invitation))
    return desk_from(org, session_id, found, email=email, invitation=invitation)


def desk_keys(org: str, session_id: str, *, email: str = "", invitation: str = "") -> dict[str, list[keys.Key]]:
    """Return what a desk is made of, by table."""
    on_roster = [keys.session(org, session_id), keys.chunk(org, session_id, 0)]
    on_roster += [keys.invitation(org, session_id, invitation)] if invitation else []
    on_roster += [keys.invited_address(org, session_id, email)] if email else []
    return {
        settings().rosters_table: on_roster,
        settings().records_table: [keys.organisation(org), *([keys.address(org, email)] if email else [])],
    }


def desk_from(org: str, session_id: str, found: Mapping[keys.Key, Item], *, email: str = "", invitation: str = "") -> Desk:
    """Return the desk of what was found, or NotFound."""
    header, chunk = keys.session(org, session_id), keys.chunk(org, session_id, 0)
    invited, before = keys.invitation(org, session_id, invitation), keys.invited_address(org, session_id, email)
    if header not in found or chunk not in found or keys.organisation(org) not in found:
        raise NotFound
    return Desk(
        organisation=organisation_from(found[keys.organisation(org)]),
        session=session_from(found[header]),
        first_chunk=ledger.chunk_from(found[chunk]),
        wishes=wishes_from(found.get(keys.address(org, email))),
        invitation=invitation_from(found[invited]) if invited in found else None,
        invited_before=found[before]["invitation"]["S"] if before in found else "",
    )


def roster(org: str, session_id: str) -> Roster:
    """Return the whole roster: one query per megabyte. Raises NotFound."""
    found: dict[str, list[Item]] = {"0": [], "1": [], "2": [], "3": [], "4": []}
    for entry in requests.query(
        TableName=settings().rosters_table,
        KeyConditionExpression="pk = :pk AND sk < :below",
        ExpressionAttributeValues={":pk": {"S": keys.roster(org, session_id)}, ":below": {"S": keys.ROSTER_AND_BELOW}},
        ConsistentRead=True,
    ):
        found[entry["sk"]["S"][0]].append(entry)
    if not found["0"]:
        raise NotFound
    return Roster(
        session=session_from(found["0"][0]),
        chunks=[ledger.chunk_from(entry) for entry in found["1"]],
        invitations=[invitation_from(entry) for entry in found["2"]],
        registrations=[registration_from(entry) for entry in found["3"]],
        waitlist=[entry_from(entry) for entry in found["4"]],
    )
