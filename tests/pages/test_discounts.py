"""The discounts page, and the price lines that the booking form shows before anything is booked."""

import re
from collections.abc import Callable
from datetime import datetime

import pytest

from chalicelib.operations import discounts, organisations, sessions
from chalicelib.pages import session_choice
from chalicelib.rules.codes import MISSES
from chalicelib.rules.discounts import SiblingDiscount
from chalicelib.rules.inputs.discounts import DiscountInput
from chalicelib.rules.inputs.organisations import OrganisationChanges, SiblingDiscountInput
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.sessions import Session
from tests.pages.browser import Browser

AsRole = Callable[[str], Browser]
Invite = Callable[..., tuple[Invitation, str]]
FORM = {"name": "Ana Ortiz", "email": "ana@example.org", "participants/0/name": "Zoé", "participants/1/name": "Tim", "party_size": "2"}


@pytest.fixture
def code(session: Session, today: datetime) -> str:
    draft = DiscountInput(code="Spring", kind="percent", value=25, max_uses=1)
    return discounts.create_discount("demo", draft, key="spring", now=today).code


def test_a_code_is_made_changed_switched_off_and_on(as_role: AsRole, session: Session) -> None:
    manager = as_role("manager")
    assert "No discount codes yet." in manager.get("/o/demo/discounts").text
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


def test_each_fault_is_shown_at_its_field(as_role: AsRole, session: Session) -> None:
    manager = as_role("manager")
    page = manager.send(manager.get("/o/demo/discounts/new"), {"code": "a b", "kind": "percent", "value": "101", "max_uses": "many"})
    assert page.status == 422
    for words in ("without spaces", "Please fix"):
        assert words in page.text
    assert discounts.list_discounts("demo") == []


def test_sessions_beyond_the_first_page_are_found_and_ticks_are_kept(
    as_role: AsRole, make_session: Callable[..., Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_choice, "OFFERED", 2)
    made = [make_session(title=title) for title in ("Judo", "Pottery", "Weaving", "Yoga")]
    manager = as_role("manager")
    form = manager.get("/o/demo/discounts/new")
    first = [one for one in made if one.title in form.text]
    assert len(first) == 2
    later = next(one for one in made if one not in first)
    typed = {"code": "Kept", "kind": "percent", "value": "10", f"sessions/{first[0].id}": "true"}
    found = manager.send(form, {**typed, "sought": later.title.lower()[:3], "look": ""})
    assert (found.status, later.title in found.text, first[1].title in found.text, "Kept" in found.html) == (200, True, False, True)
    following = re.search(r'name="look" value="([^"]+)"', form.html)
    assert following
    paged = manager.send(form, {**typed, "look": following[1]})
    assert all((one.title in paged.text) == (one is not first[1]) for one in made)
    assert manager.send(form, {**typed, "sought": "x", "look": following[1]}).status == 200, "the cursor of another search begins anew"
    assert discounts.list_discounts("demo") == []
    manager.send(found, {f"sessions/{later.id}": "true"})
    assert set(discounts.read_discount("demo", "Kept").sessions) == {first[0].id, later.id}


def test_a_viewer_can_change_nothing(as_role: AsRole, code: str) -> None:
    viewer = as_role("viewer")
    assert "Deactivate" not in viewer.get("/o/demo/discounts").text
    assert viewer.post(f"/o/demo/discounts/codes/{code}/off", {}).status == 403


def test_the_public_cart_shows_every_line_and_books_nothing_by_it(visitor: Browser, session: Session, code: str, today: datetime) -> None:
    organisations.change("demo", OrganisationChanges(sibling_discount=SiblingDiscountInput(from_nth=2, percent=10)), expected=None)
    page = visitor.get(f"/p/demo/sessions/{session.id}")
    assert "What it costs" in page.text
    priced = visitor.send(page, {**FORM, "discount_code": "SPRING", "show": "price"})
    for words in ("€24.00", "Discount code · Spring", "−€6.00", "Sibling discount · 10 %", "−€0.90", "€17.10"):
        assert words in priced.text
    assert (priced.status, sessions.read_session("demo", session.id, now=today).spots.taken) == (200, 0)
    done = visitor.follow(visitor.send(priced, {}))
    assert "€17.10" in done.text
    assert discounts.read_discount("demo", code).used == 1


def test_a_used_up_code_is_refused_at_its_field_in_french(french: Browser, visitor: Browser, session: Session, code: str) -> None:
    path = f"/p/demo/sessions/{session.id}"
    visitor.follow(visitor.send(visitor.get(path), {**FORM, "discount_code": code}))
    for more, status in (({"show": "price"}, 200), ({}, 409)):
        refused = french.send(french.get(path), {**FORM, "email": "bo@example.org", "discount_code": code, **more})
        assert (refused.status, "Ce code promo a été utilisé autant de fois que possible" in refused.text) == (status, True)


def test_a_throttled_client_may_book_without_a_code(visitor: Browser, session: Session, code: str) -> None:
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
    for words in ("Discount code · Spring", "−€6.00", "€18.00"):
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
