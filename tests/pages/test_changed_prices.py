"""A price that staff change while a family fills in its form: what was shown is what is booked, or the new price is shown first."""

from collections.abc import Callable
from datetime import datetime

from chalicelib.operations import discounts, organisations, sessions
from chalicelib.rules.inputs.discounts import DiscountChanges, DiscountInput
from chalicelib.rules.inputs.organisations import OrganisationChanges
from chalicelib.rules.inputs.sessions import SessionChanges
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.sessions import Session
from tests.pages.browser import Browser, Page

TIERS = [{"name": "Child", "price": {"amount": 1200, "currency": "EUR"}}, {"name": "Sibling", "price": {"amount": 800, "currency": "EUR"}}]
CHANGED = "The price has changed since you opened this page."
FORM = {"name": "Ana Ortiz", "email": "ana@example.org", "participants/0/name": "Zoé Ortiz"}
TWO = {"participants/1/name": "Max Ortiz", "party_size": "2"}
Invite = Callable[..., tuple[Invitation, str]]
MakeSession = Callable[..., Session]


def price(session: Session, amount: int, now: datetime) -> None:
    """Change the price of the first tier; the others stay."""
    (first, *others) = [tier.id for tier in session.tiers]
    tiers = [{"id": first, "name": "Child", "price": {"amount": amount, "currency": "EUR"}}]
    tiers += [
        {"id": one.id, "name": one.name, "price": {"amount": one.price.amount, "currency": "EUR"}}
        for one in session.tiers
        if one.id in others
    ]
    sessions.edit_session("demo", session.id, SessionChanges.model_validate({"tiers": tiers}), expected=None, now=now)


def used(session: Session, now: datetime) -> int:
    return sessions.read_session("demo", session.id, now=now).spots.taken


def refused_then_booked(visitor: Browser, page: Page, typed: dict[str, str], old: str, new: str) -> Page:
    """Send a form whose price has changed: it comes back as it was typed, with the new price, which a second press books."""
    assert old in page.text
    again = visitor.send(page, typed)
    assert (again.status, CHANGED in again.text, new in again.text, old in again.text) == (409, True, True, False)
    assert all(again.form().fields[name] == value for name, value in FORM.items() if name in again.form().fields)
    done = visitor.follow(visitor.send(again, {}))
    assert new in done.text
    return done


def test_the_form_of_a_session(visitor: Browser, session: Session, today: datetime) -> None:
    page = visitor.get(f"/p/demo/sessions/{session.id}")
    price(session, 1500, today)
    refused_then_booked(visitor, page, FORM, "€12.00", "€15.00")
    assert used(session, today) == 1


def test_an_edit_that_leaves_the_price_alone_disturbs_nobody(visitor: Browser, session: Session, today: datetime) -> None:
    page = visitor.get(f"/p/demo/sessions/{session.id}")
    changes = SessionChanges.model_validate({"title": "Judo for all", "spots_total": 9})
    sessions.edit_session("demo", session.id, changes, expected=None, now=today)
    assert "€12.00" in visitor.follow(visitor.send(page, FORM)).text


def test_the_form_of_a_signed_out_family_that_saw_another_sibling_discount(visitor: Browser, session: Session, today: datetime) -> None:
    def siblings(percent: int) -> None:
        changes = OrganisationChanges.model_validate({"sibling_discount": {"from_nth": 2, "percent": percent}})
        organisations.change("demo", changes, expected=None, now=today)

    siblings(50)
    page = visitor.send(visitor.get(f"/p/demo/sessions/{session.id}"), {**FORM, **TWO, "show": "price"})
    siblings(25)
    refused_then_booked(visitor, page, {}, "€18.00", "€21.00")


def test_a_discount_code_that_was_shown_with_more_off(visitor: Browser, session: Session, today: datetime) -> None:
    discounts.create_discount("demo", DiscountInput(code="SPRING", kind="percent", value=50), key="d", now=today)
    coded = {**FORM, "discount_code": "SPRING"}
    page = visitor.send(visitor.get(f"/p/demo/sessions/{session.id}"), {**coded, "show": "price"})
    assert "€6.00" in page.text
    discounts.edit_discount("demo", "SPRING", DiscountChanges(value=25), expected=None, now=today)
    again = visitor.send(page, {})
    assert (again.status, CHANGED in again.text) == (409, True)
    shown = visitor.send(again, {"show": "price"})
    assert "€9.00" in shown.text
    assert "€9.00" in visitor.follow(visitor.send(shown, {})).text


def test_an_invitation_whose_price_the_family_chooses(visitor: Browser, make_session: MakeSession, invite: Invite, today: datetime) -> None:
    session = make_session(tiers=TIERS)
    page = visitor.send(visitor.get(invite("ana@example.org", to=session)[1]), {**FORM, "tier": session.tiers[0].id, "show": "price"})
    price(session, 1500, today)
    refused_then_booked(visitor, page, {}, "€12.00", "€15.00")


def test_an_invitation_keeps_the_price_that_it_was_sent_with(visitor: Browser, session: Session, invite: Invite, today: datetime) -> None:
    page = visitor.get(invite("ana@example.org", to=session)[1])
    price(session, 1500, today)
    assert "€12.00" in visitor.follow(visitor.send(page, FORM)).text


def test_a_basket(visitor: Browser, session: Session, today: datetime) -> None:
    form = visitor.get(f"/p/demo/sessions/{session.id}")
    page = visitor.follow(visitor.send(form, {**FORM, "basket": "add"}))
    price(session, 1500, today)
    refused_then_booked(visitor, page, {"name": FORM["name"], "email": FORM["email"]}, "€12.00", "€15.00")
    assert used(session, today) == 1
