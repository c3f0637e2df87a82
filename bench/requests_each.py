"""P1: the requests of each operation to DynamoDB. P15: those of a basket."""

import uuid
from collections.abc import Callable, Iterator

from bench.counting import Count, counting
from bench.figures import Figure, at_most
from bench.world import ORG, now, session
from chalicelib.operations import invitations, links, orders, registrations, sessions
from chalicelib.rules.inputs.baskets import BasketInput
from chalicelib.rules.inputs.invitations import AcceptInput, InvitationInput
from chalicelib.rules.inputs.registrations import ParticipantInput, RegistrationInput
from chalicelib.rules.refs import public_id

ROSTER = 500


def figures() -> Iterator[Figure]:
    session_id = session(2000)
    invited = []
    yield from _figures("invite", 3, _counted(lambda: invited.append(invite(session_id))))
    token = links.invitation_token(invited[0].invitation)
    yield from _figures("accept", 3, _counted(lambda: invitations.accept(token, acceptance("Kim"), locale="en", now=now())))
    other = invite(session_id).invitation
    yield from _figures(
        "cancel", 2, _counted(lambda: invitations.cancel_invitation(ORG, public_id(session_id, other.id), by="bench", now=now()))
    )
    yield from _figures("register (public)", 3, _counted(lambda: _register(session_id, 0)))
    full = session(ROSTER)
    for number in range(ROSTER):
        _register(full, number)
    yield from _figures(f"roster of {ROSTER}", 1, _counted(lambda: sessions.read_roster(ORG, full, now=now())))

    yield from _baskets()


def _baskets() -> Iterator[Figure]:
    for lines in (1, 5, 20):
        session_ids = [session(20) for _ in range(lines)]
        count = _counted(lambda session_ids=session_ids: _book(session_ids))  # type: ignore[misc]
        yield at_most("P15", f"basket of {lines}: requests", count.requests, 2 + 3 * lines, "requests")
        yield Figure("P15", f"basket of {lines}: computed units", count.write_units, f"WCU, {count.read_units:g} RCU")


def _book(session_ids: list[str]) -> object:
    lines = [{"session": session_id, "participants": [{"name": "Kim"}]} for session_id in session_ids]
    basket = BasketInput.model_validate({"email": f"{uuid.uuid4().hex}@example.org", "name": "A Parent", "lines": lines})
    return orders.place_order(ORG, basket, locale="en", key=uuid.uuid4().hex, now=now())


def _figures(name: str, most: int, count: Count) -> Iterator[Figure]:
    yield at_most("P1", f"{name}: requests", count.requests, most, "requests")
    yield Figure("P1", f"{name}: computed units", count.write_units, f"WCU, {count.read_units:g} RCU")


def _counted(do: Callable[[], object]) -> Count:
    with counting() as count:
        do()
    return count


def invite(session_id: str) -> invitations.Invited:
    draft = InvitationInput(email=f"{uuid.uuid4().hex}@example.org")
    return invitations.invite(ORG, session_id, draft, by="bench", key=uuid.uuid4().hex, now=now())


def acceptance(child: str) -> AcceptInput:
    return AcceptInput(email=f"{uuid.uuid4().hex}@example.org", name="A Parent", participants=[ParticipantInput(name=child)])


def _register(session_id: str, number: int) -> object:
    draft = RegistrationInput(email=f"p{number}@example.org", name="A Parent", participants=[ParticipantInput(name=f"Child {number}")])
    return registrations.register(ORG, session_id, draft, locale="en", key=uuid.uuid4().hex, now=now())
