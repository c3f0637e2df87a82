"""The discounts page, and the cart that shows every line of its price before anything is booked."""

from collections.abc import Callable
from datetime import datetime

import pytest

from chalicelib.operations import discounts, organisations, sessions
from chalicelib.rules.codes import MISSES
from chalicelib.rules.discounts import SiblingDiscount
from chalicelib.rules.drafts.discounts import DiscountDraft
from chalicelib.rules.drafts.organisations import OrganisationChanges, SiblingDiscountDraft
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.sessions import Session
from tests.pages.browser import Browser

AsRole = Callable[[str], Browser]
Invite = Callable[..., tuple[Invitation, str]]
FORM = {"name": "Ana Ortiz", "email": "ana@example.org", "participants/0/name": "Zoé", "participants/1/name": "Tim", "party_size": "2"}


@pytest.fixture
def code(session: Session, today: datetime) -> str:
    draft = DiscountDraft(code="Spring", kind="percent", value=25, max_uses=1)
    return discounts.create_discount("demo", draft, key="spring", now=today).code


def test_a_code_is_made_changed_switched_off_and_on(as_role: AsRole, session: Session) -> None:
    manager = as_role("manager")
    assert "No discount code yet." in manager.get("/o/demo/discounts").text
    typed = {"code": "Five", "kind": "fixed", "value": "5.50", "max_uses": "10", "tags": "clay, wood", f"sessions/{session.id}": "true"}
    listed = manager.follow(manager.send(manager.get("/o/demo/discounts/new"), typed))
    for words in ("Five", "Active", "€5.50 off", "0 of 10", "1 session and tagged clay, wood"):
        assert words in listed.text
    again = manager.send(manager.get("/o/demo/discounts/new"), {**typed, "code": "FIVE"})
    assert (again.status, "There is a discount code of this name" in again.text) == (409, True)
    manager.send(manager.get("/o/demo/discounts/codes/five"), {"value": "6", "max_uses": ""})
    changed = discounts.read_discount("demo", "Five")
    assert (changed.value, changed.max_uses, changed.sessions, changed.tags) == (600, None, (session.id,), ("clay", "wood"))
    off = manager.follow(manager.post("/o/demo/discounts/codes/Five/off", {}))
    assert "Reactivate" in off.text
    on = manager.follow(manager.post("/o/demo/discounts/codes/Five/on", {}))
    assert "Deactivate" in on.text


def test_what_is_wrong_stands_beside_its_field(as_role: AsRole, session: Session) -> None:
    manager = as_role("manager")
    page = manager.send(manager.get("/o/demo/discounts/new"), {"code": "a b", "kind": "percent", "value": "101", "max_uses": "many"})
    assert page.status == 422
    for words in ("without spaces", "things need another look"):
        assert words in page.text
    assert discounts.list_discounts("demo") == []


def test_a_viewer_looks_and_changes_nothing(as_role: AsRole, code: str) -> None:
    viewer = as_role("viewer")
    assert "Deactivate" not in viewer.get("/o/demo/discounts").text
    assert viewer.post(f"/o/demo/discounts/codes/{code}/off", {}).status == 403


def test_the_public_cart_shows_every_line_and_books_nothing_by_it(visitor: Browser, session: Session, code: str, today: datetime) -> None:
    organisations.change("demo", OrganisationChanges(sibling_discount=SiblingDiscountDraft(from_nth=2, percent=10)), expected=None)
    page = visitor.get(f"/p/demo/sessions/{session.id}")
    assert "What it costs" in page.text
    priced = visitor.send(page, {**FORM, "discount_code": "SPRING", "show": "price"})
    for words in ("€24.00", "Discount code · Spring", "-€6.00", "Sibling discount · 10 %", "-€0.90", "€17.10"):
        assert words in priced.text
    assert (priced.status, sessions.read_session("demo", session.id, now=today).spots.taken) == (200, 0)
    done = visitor.follow(visitor.send(priced, {}))
    assert "€17.10" in done.text
    assert discounts.read_discount("demo", code).used == 1


def test_a_used_up_code_says_why_beside_its_field_in_french(french: Browser, visitor: Browser, session: Session, code: str) -> None:
    path = f"/p/demo/sessions/{session.id}"
    visitor.follow(visitor.send(visitor.get(path), {**FORM, "discount_code": code}))
    for more, status in (({"show": "price"}, 200), ({}, 409)):
        refused = french.send(french.get(path), {**FORM, "email": "bo@example.org", "discount_code": code, **more})
        assert (refused.status, "Ce code promo a été utilisé autant de fois que possible" in refused.text) == (status, True)


def test_who_guesses_codes_is_told_to_leave_them_out_and_may_book_without(visitor: Browser, session: Session, code: str) -> None:
    path = f"/p/demo/sessions/{session.id}"
    for _ in range(MISSES):
        wrong = visitor.send(visitor.get(path), {**FORM, "discount_code": "Winter", "show": "price"})
        assert (wrong.status, "We do not know this discount code." in wrong.described("discount_code")) == (200, True)
    for more in ({"show": "price"}, {}):
        refused = visitor.send(visitor.get(path), {**FORM, "discount_code": code, **more})
        assert (refused.status, "Leave the code out" in refused.described("discount_code")) == (429, True)
        assert 0 < int(refused.headers["retry-after"]) <= 600
    assert "€24.00" in visitor.follow(visitor.send(refused, {"discount_code": ""})).text


def test_an_invitation_shows_its_lines(visitor: Browser, invite: Invite, code: str) -> None:
    page = visitor.get(invite("ana@example.org", party_size=2, discount_code=code)[1])
    for words in ("Discount code · Spring", "-€6.00", "€18.00"):
        assert words in page.text


def test_the_sibling_discount_is_set_and_taken_away_in_the_settings(as_role: AsRole, session: Session) -> None:
    owner = as_role("owner")
    page = owner.get("/o/demo/settings")
    owner.send(page, {"sibling_discount/from_nth": "2", "sibling_discount/percent": "15"})
    assert organisations.read("demo").sibling_discount == SiblingDiscount(2, 15)
    half = owner.send(owner.get("/o/demo/settings"), {"sibling_discount/from_nth": ""})
    assert half.status == 422
    owner.send(owner.get("/o/demo/settings"), {"sibling_discount/from_nth": "", "sibling_discount/percent": ""})
    assert organisations.read("demo").sibling_discount is None
