"""Actions on a waitlist, one request each: run during a pass of the handlers, crashed, and retried."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from chalicelib.config import config
from chalicelib.operations import links, waitlist
from chalicelib.operations.invitations import accept, cancel_invitation, decline, sweep
from chalicelib.operations.sessions import cancel_session
from chalicelib.rules.inputs.invitations import AcceptInput
from chalicelib.rules.inputs.registrations import ParticipantInput
from chalicelib.rules.inputs.sessions import CancelInput
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.refusals import Refusal
from chalicelib.rules.waitlist import WaitlistEntry
from chalicelib.tables import dynamodb, invitations, keys
from tests.live.ledger.scenario import NOW, ORG, fresh, invited, later, named, registered, resized
from tests.live.waitlist.scenario import advanced, entry_of, full_session, gone, joined, offered_by_hand, set_rules

RUN_OUT = later(hours=25)


class Line(NamedTuple):
    """A session of three chunks with one free spot and three entries: the first has an offer, the others none."""

    session: str
    first: WaitlistEntry
    second: WaitlistEntry
    third: WaitlistEntry

    @property
    def offer(self) -> Invitation:
        found = invitations.get(ORG, self.session, entry_of(self.first).invitation)
        assert found.entry == self.first.id
        return found


def line() -> Line:
    """Return a new one, copied from the items of the first one of a test under a new id."""
    stored = _stored(_first[0]) if _first else []
    if not stored:
        _first[:] = [_line()]
        stored = _stored(_first[0])
    was, name = _first[0], fresh("s").replace("-", "")
    copies = json.loads(json.dumps(stored).replace(was.session, name))
    dynamodb.transact({"Put": {"TableName": config().rosters_table, "Item": copy}} for copy in copies)
    set_rules()
    return Line(name, *(replace(entry, session=name) for entry in was[1:]))


_first: list[Line] = []
"""What the last test made, whose items may be gone."""


def _line() -> Line:
    session = full_session(1, 2, 2, 2)
    made = Line(session, *(joined(session, spots, now=later(seconds=index)) for index, spots in enumerate((1, 1, 2))))
    gone(session, 0)
    advanced(session)
    gone(session, 1)
    return made


def _stored(line: Line) -> list[dict[str, Any]]:
    of_session = {"KeyConditionExpression": "pk = :pk", "ExpressionAttributeValues": {":pk": {"S": keys.roster(ORG, line.session)}}}
    return list(dynamodb.query(TableName=config().rosters_table, **of_session))


Action = Callable[[Line, datetime], object]


def join(at: Line, now: datetime) -> object:
    return joined(at.session, 1, email=f"late-{at.session}@example.org", key="action", now=now + timedelta(minutes=1))


def the_public_comes(at: Line, now: datetime) -> object:
    return registered(at.session, key="action", now=now)


def one_goes(at: Line, _: datetime) -> None:
    gone(at.session, 2)


def accept_it(at: Line, now: datetime) -> object:
    form = AcceptInput(email=at.first.email, name="Cleo", participants=[ParticipantInput(name="Kim")])
    return accept(links.invitation_token(at.offer), form, locale="en", now=now)


def decline_it(at: Line, now: datetime) -> None:
    decline(links.invitation_token(at.offer), now=now)


def take_it_back(at: Line, now: datetime) -> object:
    return cancel_invitation(ORG, named(at.session, at.offer.id), by="staff", now=now)


def offer_by_hand(at: Line, now: datetime) -> object:
    return offered_by_hand(at.third, now=now)


def invite_who_waits(at: Line, now: datetime) -> object:
    return invited(at.session, at.second.email, key="action", over=True, now=now)


def leave_with_an_offer(at: Line, now: datetime) -> None:
    waitlist.leave(links.waitlist_token(at.first), now=now)


def leave(at: Line, now: datetime) -> None:
    waitlist.leave(links.waitlist_token(at.second), now=now)


def remove_with_an_offer(at: Line, now: datetime) -> None:
    waitlist.remove_entry(ORG, named(at.session, at.first.id), by="staff", now=now)


def remove(at: Line, now: datetime) -> None:
    waitlist.remove_entry(ORG, named(at.session, at.second.id), by="staff", now=now)


def move(at: Line, _: datetime) -> object:
    return waitlist.move_entry(ORG, named(at.session, at.third.id), 1)


def grow(at: Line, now: datetime) -> None:
    resized(at.session, 9, now=now)


def shrink(at: Line, now: datetime) -> None:
    resized(at.session, 4, now=now)


def skip(_: Line, __: datetime) -> None:
    set_rules(mode="skip_to_fit")


def cancel(at: Line, now: datetime) -> object:
    return cancel_session(ORG, at.session, CancelInput(), by="staff", now=now)


def look(at: Line, now: datetime) -> object:
    return advanced(at.session, now=now)


def look_once_it_ran_out(at: Line, _: datetime) -> object:
    sweep(ORG, now=RUN_OUT)
    return advanced(at.session, now=RUN_OUT)


ACTIONS: dict[str, Action] = {
    "join": join,
    "the public comes": the_public_comes,
    "one goes": one_goes,
    "accept": accept_it,
    "decline": decline_it,
    "take back": take_it_back,
    "offer by hand": offer_by_hand,
    "invite who waits": invite_who_waits,
    "leave with an offer": leave_with_an_offer,
    "leave": leave,
    "remove with an offer": remove_with_an_offer,
    "remove": remove,
    "move": move,
    "grow": grow,
    "shrink": shrink,
    "skip to fit": skip,
    "cancel": cancel,
    "look": look,
    "look once it ran out": look_once_it_ran_out,
}


def done(action: Action, at: Line, now: datetime = NOW) -> object:
    """Run the action and return its answer, which may be a refusal."""
    try:
        return action(at, now)
    except Refusal as refusal:
        return refusal
