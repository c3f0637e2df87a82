"""The basket's pages without JavaScript: sessions are collected, priced, and booked together; a full one is named."""

import random
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit

import pytest

from chalicelib.operations import discounts, invitations, invoices, links, organisations, reactions, registrations, sessions
from chalicelib.operations.auth import user_pool as pool
from chalicelib.operations.registrations import remove_registration
from chalicelib.rules.customers import Customer, Participant
from chalicelib.rules.inputs.discounts import DiscountInput
from chalicelib.rules.inputs.invitations import InvitationInput
from chalicelib.rules.inputs.organisations import OrganisationChanges
from chalicelib.rules.sessions import Session
from chalicelib.tables import customers
from tests.aws import Demo
from tests.pages.browser import Browser, Page

BASKET, PASSWORD = "/p/demo/basket", "Lilac-Otter-12"
MakeSession = Callable[..., Session]
ANA = {"name": "Ana Ortiz", "email": "ana@example.org"}


@pytest.fixture
def two(make_session: MakeSession) -> tuple[Session, Session]:
    return make_session(title="Judo", spots_total=3), make_session(title="Chess", spots_total=1)


def add(visitor: Browser, session: Session, *names: str, **more: str) -> Page:
    """Fill in a session's form and put it into the basket."""
    typed = {f"participants/{index}/name": name for index, name in enumerate(names)}
    page = visitor.get(f"/p/demo/sessions/{session.id}")
    return visitor.send(page, {"party_size": str(len(names)), **typed, **more, "basket": "add"})


def added(visitor: Browser, session: Session, *names: str, **more: str) -> Page:
    return visitor.follow(add(visitor, session, *names, **more))


def taken(*found: Session, today: datetime) -> list[int]:
    return [sessions.read_session("demo", one.id, now=today).spots.used for one in found]


def test_sessions_are_collected_and_booked_together(visitor: Browser, two: tuple[Session, Session], today: datetime) -> None:
    added(visitor, two[0], "Zoé", "Max")
    page = added(visitor, two[1], "Zoé")
    for words in ("Basket (2)", "Judo", "Zoé and Max", "Chess", "€24.00", "€12.00", "€36.00"):
        assert words in page.text
    assert taken(*two, today=today) == [0, 0]
    done = visitor.send(page, ANA)
    order = visitor.follow(done)
    for words in ("Booked", "Your bookings", "Judo", "Chess", "€36.00", "A confirmation is on its way to ana@example.org"):
        assert words in order.text
    assert taken(*two, today=today) == [2, 1]
    assert "Basket (" not in order.text
    assert "Your basket is empty." in visitor.get(BASKET).text
    assert visitor.get(order.path.partition("?")[0] + "/calendar").html.count("BEGIN:VEVENT") == 2
    (booking, *_) = [link for link in order.links if link.startswith("/b/")]
    assert urlsplit(order.path).path in visitor.get(booking).links


def test_who_books_is_typed_once_for_all_sessions(visitor: Browser, two: tuple[Session, Session]) -> None:
    added(visitor, two[0], "Zoé", **ANA)
    form = visitor.get(f"/p/demo/sessions/{two[1].id}").form()
    assert (form.fields["name"], form.fields["email"]) == (ANA["name"], ANA["email"])
    assert not form.fields["participants/0/name"]


def test_the_same_form_sent_twice_books_once(visitor: Browser, two: tuple[Session, Session], today: datetime) -> None:
    page, kept = added(visitor, two[0], "Zoé"), dict(visitor.cookies)
    first = visitor.send(page, ANA)
    visitor.cookies = kept
    assert visitor.send(page, ANA).headers["location"] == first.headers["location"]
    assert taken(two[0], today=today) == [1]


def test_a_session_that_became_full_is_named_and_nothing_is_booked(visitor: Browser, two: tuple[Session, Session], today: datetime) -> None:
    added(visitor, two[0], "Zoé")
    page = added(visitor, two[1], "Zoé")
    other = {**ANA, "email": "ben@example.org", "party_size": "1", "participants/0/name": "Kim"}
    Browser(visitor._gateway).send(visitor.get(f"/p/demo/sessions/{two[1].id}"), other)
    refused = visitor.send(page, ANA)
    assert refused.status == 409
    assert "Nothing was booked. Chess: This session is full." in refused.text
    assert taken(*two, today=today) == [0, 1]
    left = visitor.follow(visitor.send(refused, {"remove": "1"}))
    assert "Chess" not in left.text
    assert left.form().fields["name"] == "Ana Ortiz"
    assert visitor.follow(visitor.send(left, ANA)).text.count("Judo") == 1


def test_what_is_wrong_with_a_session_stays_on_its_form(visitor: Browser, session: Session) -> None:
    refused = add(visitor, session)
    assert (refused.status, bool(refused.described("participants/0/name"))) == (422, True)
    assert "Your basket is empty." in visitor.get(BASKET).text


def test_who_books_is_asked_for_with_everything_kept(visitor: Browser, session: Session) -> None:
    page = added(visitor, session, "Zoé")
    refused = visitor.send(page, {"name": "", "email": "ana"})
    assert (refused.status, bool(refused.described("name")), bool(refused.described("email"))) == (422, True, True)
    assert "Zoé" in refused.text


def test_a_discount_code_is_priced_before_it_is_booked(visitor: Browser, session: Session, today: datetime) -> None:
    discounts.create_discount("demo", DiscountInput(code="SPRING", kind="percent", value=25), key="d", now=today)
    page = added(visitor, session, "Zoé")
    wrong = visitor.send(page, {"discount_code": "NOSUCH", "show": "price"})
    assert (wrong.status, "We do not know this discount code" in wrong.text, "€12.00" in wrong.text) == (200, True, True)
    right = visitor.send(wrong, {"discount_code": "spring", "show": "price"})
    assert "€9.00" in right.text
    order = visitor.follow(visitor.send(right, ANA))
    assert "€9.00" in order.text


def test_a_signed_in_family_ticks_its_children_and_finds_who_books_filled_in(
    visitor: Browser, session: Session, demo_org: Demo, user_pool: str, today: datetime
) -> None:
    children = (Participant("Zoé"), Participant("Léo"))
    family = Customer(org="demo", id="ana", email=ANA["email"], name="Ana", created_at=today, status="invited", participants=children)
    customers.create(family)
    user = pool.sign_up(ANA["email"], PASSWORD)
    assert user
    customers.accept(family, user)
    visitor.send(visitor.get("/p/demo/sign-in"), {"email": ANA["email"], "password": PASSWORD})
    page = visitor.get(f"/p/demo/sessions/{session.id}")
    ticked = {"participants/0/name": "Zoé", "participants/1/name": "Léo", "basket": "add"}
    basket = visitor.follow(visitor.send(page, ticked))
    assert (basket.form().fields["email"], basket.form().fields["name"]) == (ANA["email"], "Ana")
    assert "Zoé and Léo" in basket.text
    order = visitor.follow(visitor.send(basket, {}))
    _, id = links.read_booking_token(next(link for link in order.links if link.startswith("/b/")).removeprefix("/b/"))
    assert registrations.read_registration("demo", id)[0].signed_in


def test_an_invitation_is_collected_too(visitor: Browser, session: Session, today: datetime) -> None:
    draft = InvitationInput(email="ana@example.org")
    invitation = invitations.invite("demo", session.id, draft, by="m", key="k", now=today).invitation
    path = urlsplit(links.invitation_link(invitation)).path
    page = visitor.follow(visitor.send(visitor.get(path), {"participants/0/name": "Zoé", "basket": "add"}))
    assert "by invitation" in page.text
    assert "€12.00" in visitor.follow(visitor.send(page, ANA)).text
    assert taken(session, today=today) == [1]


def test_the_order_tells_what_stands_today(visitor: Browser, two: tuple[Session, Session], today: datetime) -> None:
    added(visitor, two[0], "Zoé")
    done = visitor.send(added(visitor, two[1], "Zoé"), ANA)
    order = visitor.follow(done)
    for link, left in zip([link for link in order.links if link.startswith("/b/")], ("€12.00", "None of these bookings"), strict=True):
        _, id = links.read_booking_token(link.removeprefix("/b/").partition("?")[0])
        assert registrations.read_registration("demo", id)[0].order
        remove_registration("demo", id, by="m", now=today)
        shown = visitor.get(order.path).text
        assert "Removed" in shown
        assert left in shown
    assert "on its way" not in visitor.get(order.path).text


def test_what_cancelling_one_of_several_bookings_means_for_their_invoice(
    visitor: Browser, two: tuple[Session, Session], today: datetime
) -> None:
    billed = OrganisationChanges.model_validate({"public_billing": "invoice", "cancel_until_hours": 0})
    organisations.change("demo", billed, expected=None)
    added(visitor, two[0], "Zoé")
    order = visitor.follow(visitor.send(added(visitor, two[1], "Zoé"), ANA))
    path = next(link for link in order.links if link.startswith("/b/")).partition("?")[0]
    found, _ = registrations.read_registration(*links.read_booking_token(path.removeprefix("/b/")))
    invoices.issue_if_wanted(found, now=today)
    assert "You pay nothing for this booking." in visitor.get(f"{path}/cancel").text


def test_a_cookie_that_was_made_up_is_an_empty_basket(visitor: Browser, session: Session) -> None:
    added(visitor, session, "Zoé")
    (name,) = [name for name in visitor.cookies if "basket" in name]
    for wrong in (visitor.cookies[name][:-2] + "xx", "demo.x.y", visitor.cookies[name].replace("demo.", "zebra.")):
        visitor.cookies[name] = wrong
        assert "Your basket is empty." in visitor.get(BASKET).text


def test_a_basket_that_a_cookie_cannot_keep_is_refused(visitor: Browser, make_session: MakeSession) -> None:
    question = {"id": "q", "label": "Tell", "kind": "text", "required": False}
    session = make_session(questions=[question])
    dice = random.Random(1)
    noise = "".join(chr(dice.randrange(0x4E00, 0x9FFF)) for _ in range(1500))
    refused = add(visitor, session, "Zoé", **{"answers/q": noise})
    assert (refused.status, "Your basket is full" in refused.text) == (409, True)


def test_a_line_whose_session_is_gone_can_be_taken_out(visitor: Browser, session: Session) -> None:
    added(visitor, session, "Zoé")
    sessions.delete_session("demo", session.id)
    page = visitor.get(BASKET)
    assert "This session is not there any more" in page.text
    assert "Your basket is empty." in visitor.follow(visitor.send(page, {"remove": "0"})).text


def test_the_basket_speaks_french(french: Browser, session: Session) -> None:
    page = added(french, session, "Zoé")
    assert "Panier (1)" in page.text
    assert "Tout réserver" in page.text
    assert customers.of_address("demo", "ana@example.org") is None


def test_the_order_leads_to_its_one_invoice(visitor: Browser, two: tuple[Session, Session], today: datetime) -> None:
    organisations.change("demo", OrganisationChanges.model_validate({"public_billing": "invoice"}), expected=None)
    added(visitor, two[0], "Zoé")
    order = visitor.follow(visitor.send(added(visitor, two[1], "Zoé"), ANA))
    assert "An invoice comes by e-mail." in order.text
    _, id = links.read_booking_token(next(link for link in order.links if link.startswith("/b/")).removeprefix("/b/"))
    registration, hold = registrations.read_registration("demo", id)
    assert hold
    reactions.hold_confirmed("demo", registration.session, registration.hold, hold, now=today)
    shown = visitor.get(order.path)
    assert "Open your invoice" in shown.text
    invoice = visitor.get(next(link for link in shown.links if link.startswith("/invoice/")))
    assert all(words in invoice.text for words in ("Judo", "Chess", "€24.00"))
