"""R23: in a language whose catalogue marks every text, a page shows nothing that goes around the catalogue."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.operations import contracts, links, orders, organisations, waitlist
from chalicelib.operations.auth import user_pool as pool
from chalicelib.operations.customers import create_group
from chalicelib.operations.registrations import add
from chalicelib.pages import basket_cookie
from chalicelib.pages.basket_cookie import Basket
from chalicelib.pages.views import every
from chalicelib.rules.customers import Customer, Participant
from chalicelib.rules.inputs.baskets import BasketInput, BasketLineInput
from chalicelib.rules.inputs.contracts import ContractInput, ContractParticipantInput, PriceInput
from chalicelib.rules.inputs.groups import GroupInput
from chalicelib.rules.inputs.organisations import OrganisationChanges
from chalicelib.rules.inputs.roster import AddInput
from chalicelib.rules.inputs.waitlist import PublicJoinInput
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.orders import OrderPayment
from chalicelib.rules.sessions import Session
from chalicelib.tables import customers, dynamodb, order_payments
from chalicelib.tables import orders as order_rows
from tests.aws import Demo
from tests.pages.browser import Browser
from tests.pages.test_every_page import FOR_STAFF, path_of
from tests.pseudo_language import untranslated

Make = Callable[..., Session]
Invite = Callable[..., tuple[Invitation, str]]
PASSWORD = "demo-Passw0rd!"
EURO = {"amount": 1200, "currency": "EUR"}
KINDS = ("text", "choice", "yes_no", "number", "date", "consent")
CYRILLIC = {
    "title": "Дзюдо",
    "tiers": [{"name": name, "price": EURO} for name in ("Цена", "Ребёнок")],
    "questions": [{"label": "Вопрос", "kind": kind, **({"options": ["Да", "Нет"]} if kind == "choice" else {})} for kind in KINDS],
}
FORM = {"name": "Ана", "email": "ana@example.org", "participants/0/name": "Зоя"}
IN_ENGLISH = {"/docs": "the reference of the API, which is written in English like the OpenAPI document"}


@pytest.fixture
def cyrillic(make_session: Make) -> Session:
    return make_session(**CYRILLIC)


@pytest.fixture
def full(make_session: Make) -> Session:
    return make_session(title="Йога", spots_total=1, tiers=[{"name": "Цена", "price": EURO}])


@pytest.fixture
def ana(demo_org: Demo, user_pool: str) -> Customer:
    """A customer with an account and two children."""
    now = datetime.now(UTC)
    invited = Customer("demo", "ana", FORM["email"], "Ана", created_at=now, status="invited", link_version=1, invited_at=now)
    customers.create(invited)
    known = customers.save(replace(invited, participants=(Participant("Зоя"), Participant("Лео"))), was=invited)
    return customers.accept(known, pool.sign_up(FORM["email"], PASSWORD) or "")


def test_the_reader_finds_what_goes_around_the_catalogue() -> None:
    assert untranslated('<p>⟦Save⟧</p><a title="Bad title">⟦%d of ⟦x⟧⟧ ana@example.org</a><b>Bad</b>') == ["Bad title", "Bad"]
    assert untranslated("<p>⟦Held until <b>Friday</b>~~~⟧</p><p>⟦Cut</p><p>Bad</p>") == ["⟦Cut", "Bad"]


def left_on(browser: Browser, paths: Iterable[str]) -> dict[str, list[str]]:
    """Return the untranslated texts of each page that has some. When all were seen, an empty form is sent to each."""
    paths = list(paths)
    responses = [*map(browser.get, paths), *(browser.post(path, {}) for path in paths)]
    shown = [response for response in responses if "html" in response.headers.get("content-type", "")]
    left = {f"{response.status} {response.path}": untranslated(response.html, names=["Judo", "TEAM"]) for response in shown}
    return {path: texts for path, texts in left.items() if texts}


def test_no_staff_page_shows_a_text_that_is_not_translated(
    pseudo: None, as_role: Callable[[str], Browser], cyrillic: Session, invite: Invite
) -> None:
    invitation, _ = invite("ana@example.org", to=cyrillic)
    looking = [page for page in FOR_STAFF if page.method == "GET"]
    paths = [path_of(page, session=cyrillic.id).replace(f"{cyrillic.id}-1", f"{cyrillic.id}-{invitation.id}") for page in looking]
    found = left_on(as_role("owner"), [*paths, "/o/demo/nothing"])
    assert not found, "\n".join(f"{path}: {left}" for path, left in found.items())


def test_no_page_of_a_customer_or_a_contract_shows_a_text_that_is_not_translated(
    pseudo: None, as_role: Callable[[str], Browser], cyrillic: Session, today: datetime
) -> None:
    made = contracts.create_contract("demo", ContractInput(name="Договор", client="Клиент", prefix="DOG"), key="c", now=today)
    draft = {"code": "TEAM", "label": "Цена", "price": EURO, "session": cyrillic.id}
    price = contracts.create_price("demo", made.id, PriceInput.model_validate(draft), key="p")
    person = contracts.add_participant("demo", made.id, ContractParticipantInput(client_id="1", name="Ана"), key="a")
    group = create_group("demo", GroupInput(name="Группа"), key="g", now=today)
    customers.create(
        Customer("demo", "ana", FORM["email"], "Ана", created_at=today, participants=(Participant("Зоя"),), groups=(group.id,))
    )
    own, their = f"/o/demo/contracts/{made.id}", "/o/demo/customers/ana"
    tabs = (
        "",
        "/edit",
        "/delete",
        "/participants",
        "/participants/new",
        "/prices/new",
        "/codes",
        "/batches/new",
        "/imports",
    )
    paths = [f"{own}{tab}" for tab in (*tabs, f"/prices/{price.id}", f"/participants/{person.id}", f"/participants/{person.id}/code")]
    paths += [f"{their}{tab}" for tab in ("", "/messages", "/edit", "/merge", "/erase")] + [f"/o/demo/groups/{group.id}"]
    owner = as_role("owner")
    assert {path: status for path in paths if (status := owner.get(path).status) != 200} == {}
    found = left_on(owner, paths)
    assert not found, "\n".join(f"{path}: {left}" for path, left in found.items())


def test_no_page_of_a_basket_or_an_order_shows_a_text_that_is_not_translated(
    pseudo: None, visitor: Browser, cyrillic: Session, full: Session, invite: Invite, today: datetime
) -> None:
    free = {"session": full.id, "participants": [{"name": "Зоя"}]}
    draft = {"email": "ana@example.org", "name": "Ана", "lines": [free]}
    order = orders.place_order("demo", BasketInput.model_validate(draft), locale="en", key="o", now=today)
    token = links.invitation_token(invite("ben@example.org", to=cyrillic)[0])
    chosen = {"session": cyrillic.id, "participants": [{"name": "Зоя"}], "tier": cyrillic.tiers[0].id}
    lines = [chosen, {**chosen, "invitation": token, "party_size": 1}, free, {**chosen, "session": "gone", "party_size": 2}]
    kept = Basket(tuple(BasketLineInput.model_validate(line) for line in lines))
    visitor._keep(basket_cookie.write("demo", kept))
    found = left_on(visitor, ["/p/demo/basket", f"/order/{links.order_token(order.order)}"])
    visitor._keep(basket_cookie.write("demo", replace(kept, lines=kept.lines[:3])))
    found |= left_on(visitor, ["/p/demo/basket"])
    assert not found, "\n".join(f"{path}: {left}" for path, left in found.items())


def test_no_page_of_an_order_that_is_paid_online_shows_a_text_that_is_not_translated(
    pseudo: None, visitor: Browser, full: Session, today: datetime
) -> None:
    draft = {"email": "ana@example.org", "name": "Ана", "lines": [{"session": full.id, "participants": [{"name": "Зоя"}]}]}
    placed = orders.place_order("demo", BasketInput.model_validate(draft), locale="en", key="o", now=today).order
    waiting = replace(placed, id="w", booked_at=None, held_at=today, checkout="cs_1", deadline=today + timedelta(minutes=30))
    dynamodb.transact([order_rows.begin_write(waiting)])
    path = f"/order/{links.order_token(waiting)}"
    found = left_on(visitor, [path, f"{path}?done=paid-online"])
    order_payments.expire(waiting, now=today)
    found |= left_on(visitor, [path])
    order_payments.refund(waiting, OrderPayment("demo", "w", "cs_1", "pi_1", waiting.total), now=today)
    found |= left_on(visitor, [path])
    assert not found, "\n".join(f"{path}: {left}" for path, left in found.items())


def test_no_public_page_shows_a_text_that_is_not_translated(
    pseudo: None, visitor: Browser, cyrillic: Session, full: Session, invite: Invite, today: datetime, ana: Customer
) -> None:
    invite("first@example.org", to=full)
    organisations.change("demo", OrganisationChanges(cancel_until_hours=24, self_service_moves=True), expected=None)
    _, open_to_all = invite("ana@example.org", to=cyrillic)
    _, approved = invite("ben@example.org", to=cyrillic, forwarding="approve")
    _, locked = invite("cleo@example.org", to=cyrillic, forwarding="locked")
    joined = PublicJoinInput(name="Лео", email="leo@example.org", spots=1)
    place = f"/waitlist/{links.waitlist_token(waitlist.join('demo', full.id, joined, locale='en', key='leo', now=today).entry)}"
    body = {"new_customer": {"name": "Ана", "email": FORM["email"]}, "participants": [{"name": "Зоя"}], "tier": cyrillic.tiers[0].id}
    booked = add(
        "demo", cyrillic.id, AddInput.model_validate({**body, "billing": {"method": "invoice"}}), by="o", key="k", now=today
    ).registration
    paths = {
        *(page.path.replace("{org}", "demo") for page in every() if page.method == "GET" and "/{" not in page.path.replace("{org}", "")),
        *(f"/p/demo/sessions/{one.id}" for one in (cyrillic, full)),
        *(f"/p/demo/sessions/{one.id}/waitlist" for one in (cyrillic, full)),
        *(path + page for path in (open_to_all, approved, locked) for page in ("", "/decline", "/waiting")),
        *(place, f"{place}/leave"),
        f"/invoice/{links.invoice_token(booked, booked.invoice)}",
        *(f"/b/{links.booking_token(booked)}{page}" for page in ("", "/edit", "/cancel", "/move")),
        f"/p/demo/check-in/{links.check_in_token(booked)}",
        f"/unsubscribe/{links.unsubscribe_token('demo', 'ana@example.org')}",
        "/i/bad",
        "/reset/bad",
    }
    found = left_on(visitor, sorted(paths - IN_ENGLISH.keys()))
    signed_in = visitor.send(visitor.get("/p/demo/sign-in"), {"email": FORM["email"], "password": PASSWORD})
    assert signed_in.headers["location"] == "/p/demo/me"
    found |= left_on(visitor, ["/p/demo/me", "/p/demo/me/profile", f"/p/demo/sessions/{cyrillic.id}", open_to_all])
    assert not found, "\n".join(f"{path}: {left}" for path, left in found.items())
