"""Short functions for tests: a basket with a line of each kind, and what has become of it."""

from datetime import datetime
from typing import NamedTuple

from chalicelib.operations import discounts, links, orders
from chalicelib.operations.reconcile import reconcile_session
from chalicelib.rules.inputs.baskets import BasketInput
from chalicelib.rules.inputs.discounts import DiscountInput
from chalicelib.rules.invitations import Invitation
from chalicelib.tables import codes, invitations
from chalicelib.tables.discounts import shares as discount_shares
from tests.live.codes.scenario import code_for
from tests.live.ledger.scenario import NOW, ORG, assert_lawful, fresh, invited, open_session, spots_of

USES = 2


class Shop(NamedTuple):
    """Three sessions: one for anybody, one for a code, and one to which somebody is invited; and a discount code."""

    plain: str
    coded: str
    invited: str
    code: str
    invitation: Invitation
    discount: str

    @property
    def sessions(self) -> tuple[str, str, str]:
        return self.plain, self.coded, self.invited


class State(NamedTuple):
    """What the basket of a shop takes, counted where each thing is decided."""

    taken: tuple[int, ...]
    held: tuple[int, ...]
    uses_of_code: int
    uses_of_discount: int


UNTOUCHED, BOOKED = State((0, 0, 0), (0, 0, 1), 0, 0), State((1, 1, 1), (0, 0, 0), 1, 1)


def shop(spots: int = 2) -> Shop:
    plain, coded, other = (open_session(spots) for _ in range(3))
    code, invitation = code_for(coded, uses=USES), invited(other, "ana@example.org").invitation
    return Shop(plain, coded, other, code, invitation, discount())


def discount(uses: int = USES) -> str:
    code = fresh("D")
    draft = DiscountInput(code=code, kind="fixed", value=100, max_uses=uses, max_uses_per_customer=1)
    discounts.create_discount(ORG, draft, key=fresh("key"), now=NOW)
    assert discount_shares.allot(discounts.read_discount(ORG, code))
    return code


def basket(*sessions: str, email: str = "", name: str = "Kim", code: str | None = None) -> BasketInput:
    """Return a basket with a line for each session, and a discount code."""
    lines = [{"session": session, "participants": [{"name": name}]} for session in sessions]
    person = {"email": email or f"{fresh('parent')}@example.org", "name": "Ana"}
    return BasketInput.model_validate({**person, "lines": lines, "discount_code": code})


def everything(at: Shop) -> BasketInput:
    """Return a basket with a line of each kind."""
    named = {"participants": [{"name": "Kim"}]}
    token = links.invitation_token(at.invitation)
    lines = [
        {"session": at.plain, **named},
        {"session": at.coded, "invitation_code": at.code, **named},
        {"session": at.invited, "invitation": token, **named},
    ]
    return BasketInput.model_validate({"email": "ana@example.org", "name": "Ana", "lines": lines, "discount_code": at.discount})


def placed(draft: BasketInput, *, key: str = "", now: datetime = NOW) -> orders.PlacedOrder:
    return orders.place_order(ORG, draft, locale="en", key=key or fresh("key"), now=now)


def state(at: Shop, now: datetime = NOW) -> State:
    spots = [spots_of(session, now) for session in at.sessions]
    taken, held = tuple(one.taken for one in spots), tuple(one.held for one in spots)
    return State(taken, held, USES - codes.get(ORG, at.code).left, used(at.discount))


def used(code: str) -> int:
    return discounts.read_discount(ORG, code).used


def settled(*sessions: str, now: datetime) -> None:
    """Let the reconciler finish or take back what is left, check that nothing is left after it, and that every ledger adds up."""
    for session in sessions:
        reconcile_session(ORG, session, now=now, repair=True)
    for session in sessions:
        assert_lawful(session)
        assert reconcile_session(ORG, session, now=now, repair=False) == []


def invitation_of(at: Shop) -> Invitation:
    return invitations.get(ORG, at.invited, at.invitation.id)
