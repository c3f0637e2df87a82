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
    place = session(2000)
    invited = []
    yield from _figures("invite", 3, _counted(lambda: invited.append(invite(place))))
    token = links.invitation_token(invited[0].invitation)
    yield from _figures("accept", 3, _counted(lambda: invitations.accept(token, acceptance("Kim"), locale="en", now=now())))
    other = invite(place).invitation
    yield from _figures(
        "cancel", 2, _counted(lambda: invitations.cancel_invitation(ORG, public_id(place, other.id), by="bench", now=now()))
    )
    yield from _figures("register (public)", 3, _counted(lambda: _register(place, 0)))
    full = session(ROSTER)
    for number in range(ROSTER):
        _register(full, number)
    yield from _figures(f"roster of {ROSTER}", 1, _counted(lambda: sessions.read_roster(ORG, full, now=now())))

    yield from _baskets()


def _baskets() -> Iterator[Figure]:
    for lines in (1, 5, 20):
        places = [session(20) for _ in range(lines)]
        count = _counted(lambda places=places: _place(places))  # type: ignore[misc]
        yield at_most("P15", f"basket of {lines}: requests", count.requests, 2 + 3 * lines, "requests")
        yield Figure("P15", f"basket of {lines}: computed units", count.write_units, f"WCU, {count.read_units:g} RCU")


def _place(places: list[str]) -> object:
    lines = [{"session": place, "participants": [{"name": "Kim"}]} for place in places]
    basket = BasketInput.model_validate({"email": f"{uuid.uuid4().hex}@example.org", "name": "A Parent", "lines": lines})
    return orders.place(ORG, basket, locale="en", key=uuid.uuid4().hex, now=now())


def _figures(name: str, most: int, count: Count) -> Iterator[Figure]:
    yield at_most("P1", f"{name}: requests", count.requests, most, "requests")
    yield Figure("P1", f"{name}: computed units", count.write_units, f"WCU, {count.read_units:g} RCU")


def _counted(do: Callable[[], object]) -> Count:
    with counting() as count:
        do()
    return count


def invite(place: str) -> invitations.Invited:
    draft = InvitationInput(email=f"{uuid.uuid4().hex}@example.org")
    return invitations.invite(ORG, place, draft, by="bench", key=uuid.uuid4().hex, now=now())


def acceptance(child: str) -> AcceptInput:
    return AcceptInput(email=f"{uuid.uuid4().hex}@example.org", name="A Parent", participants=[ParticipantInput(name=child)])


def _register(place: str, number: int) -> object:
    draft = RegistrationInput(email=f"p{number}@example.org", name="A Parent", participants=[ParticipantInput(name=f"Child {number}")])
    return registrations.register(ORG, place, draft, locale="en", key=uuid.uuid4().hex, now=now())
