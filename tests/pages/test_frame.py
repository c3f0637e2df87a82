"""What holds for every page: who may open it, the headers it carries, where its forms may come from."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from chalicelib.operations import organisations
from chalicelib.pages.declaring import Page, Staff, every
from chalicelib.rules.organisations import Member
from chalicelib.rules.sessions import Session
from chalicelib.tables import members
from tests.conftest import Demo
from tests.http import gateway
from tests.pages.browser import HOST, Browser
from tests.pages.browser import Page as Shown
from tests.pages.conftest import BASE

FOR_STAFF = [page for page in every() if isinstance(page.who, Staff)]
RANKS = ["viewer", "manager", "owner"]
STEADY = sorted(every(), key=lambda page: page.method == "POST")
"""Looking comes before doing: what a form without anything in it does to the world, no page is looked at after."""
POLICY = {
    "default-src 'none'",
    "style-src 'self'",
    "script-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
}


def named(page: Page) -> str:
    return f"{page.method} {page.path}"


def path_of(page: Page, *, org: str = "demo", session: str = "s-1") -> str:
    values = {
        "org": org,
        "session": session,
        "invitation": f"{session}-1",
        "entry": f"{session}-1",
        "registration": f"{session}-1",
        "user": "user-viewer",
        "name": "confirmation",
        "locale": "fr",
        "customer": "nobody",
        "invoice": "2026-0001",
    }
    return re.sub(r"{(\w+)}", lambda name: values.get(name[1], "x"), page.path)


def answer_of(browser: Browser, page: Page, path: str) -> Shown:
    return browser.get(path) if page.method == "GET" else browser.post(path, {})


def test_nobody_in_particular_is_sent_to_sign_in(demo_org: Demo) -> None:
    for page in FOR_STAFF:
        answer = answer_of(Browser(gateway), page, path_of(page))
        assert (answer.status, urlsplit(answer.headers["location"]).path) == (303, "/"), named(page)


def test_another_organisation_looks_like_none(as_role: Callable[[str], Browser], session: Session) -> None:
    organisations.create("other", "Other", now=datetime.now(UTC))
    for page in FOR_STAFF:
        for org in ("other", "nowhere"):
            path = path_of(page, org=org, session=session.id)
            assert answer_of(as_role("owner"), page, path).status == 404, named(page)


@pytest.mark.parametrize("role", RANKS)
def test_each_role_opens_what_it_may(role: str, as_role: Callable[[str], Browser], session: Session) -> None:
    for page in FOR_STAFF:
        assert isinstance(page.who, Staff)
        status = answer_of(as_role(role), page, path_of(page, session=session.id)).status
        assert (status == 403) is (RANKS.index(role) < RANKS.index(page.who.role)), (named(page), status)
        assert status != 500, named(page)


def test_every_answer_is_strict(as_role: Callable[[str], Browser], session: Session) -> None:
    bucket = {"form-action 'self' https://rollbook-test-imports-123456789012.s3.eu-central-1.amazonaws.com"}
    for page in STEADY:
        answer = answer_of(as_role("owner"), page, path_of(page, session=session.id))
        large = page.path.endswith("/large") and answer.status == 200
        wanted = POLICY - {"form-action 'self'"} | bucket if large else POLICY
        assert set(answer.headers["content-security-policy"].split("; ")) == wanted, named(page)
        assert answer.headers["referrer-policy"] == "same-origin", named(page)
        assert answer.headers["x-content-type-options"] == "nosniff", named(page)
        assert answer.headers["cache-control"] == "no-store", named(page)
        assert answer.status != 500, named(page)
        assert own_style_or_script(answer.html) == [], named(page)


def own_style_or_script(html: str) -> list[str]:
    """Return what a page must not have in itself."""
    found = [word for word in (" style=", "<style", " on" + "click=") if word in html]
    if html.count("<script") != html.count('<script type="module" src="/static/'):
        found.append("<script")
    outside = html.replace("http://www.w3.org/2000/svg", "").replace(BASE, "")
    return [*found, *(["http://"] if "http://" in outside else [])]


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": ""}, {"Origin": "", "Referer": "https://evil.example/"}],
    ids=["foreign", "null", "none", "foreign referer"],
)
def test_forms_come_from_our_own_pages(headers: dict[str, str], as_role: Callable[[str], Browser], session: Session) -> None:
    for page in every():
        if page.method != "POST":
            continue
        answer = as_role("owner").post(path_of(page, session=session.id), {}, **headers)
        if page.any_origin:
            assert page.path == "/unsubscribe/{token}"
            assert answer.status == 404
        else:
            assert answer.status == 403, named(page)
            assert "not sent from our own page" in answer.text, named(page)


def test_a_referer_of_ours_stands_for_a_missing_origin(manager: Browser, session: Session) -> None:
    answer = manager.post(f"/o/demo/sessions/{session.id}/invite", {}, Origin="", Referer=f"http://{HOST}/o/demo")
    assert answer.status == 422


def test_addresses_that_lead_nowhere_are_pages_too(visitor: Browser, demo_org: Demo) -> None:
    for path in [
        "/x",
        "/x/y",
        "/x/y/z",
        "/x/y/z/w",
        "/o/demo/nothing",
        "/p/demo/nothing",
        "/i/bad",
        "/reset/bad",
        "/activate/bad",
        "/static/x",
    ]:
        answer = visitor.get(path)
        assert answer.status == 404, path
        assert "Go to the start page" in answer.text


def test_every_part_of_an_address_is_a_page_too(visitor: Browser, demo_org: Demo) -> None:
    for path in [
        "/o",
        "/p",
        "/i",
        "/static",
        "/unsubscribe",
        "/sign-out",
        "/o/demo/invitations",
        "/o/demo/registrations",
        "/p/demo/sessions",
    ]:
        assert "Go to the start page" in visitor.get(path).text, path


@pytest.mark.parametrize(
    "name", ["a%23b", "x%230%23SESSION", "..%2F..%2Fx", "%2e%2e", "%00", "x" * 5000, "%FF%FE", "-", "a-b-c", "%E2%80%AEcba"]
)
def test_whatever_stands_for_a_name_is_just_not_there(name: str, as_role: Callable[[str], Browser], session: Session) -> None:
    browser = as_role("owner")
    for path in [f"/o/{name}", f"/o/demo/sessions/{name}", f"/o/demo/registrations/{name}", f"/p/{name}", f"/p/demo/sessions/{name}"]:
        assert browser.get(path).status == 404, path
    for path in [
        f"/i/{name}",
        f"/reset/{name}",
        f"/activate/{name}",
        f"/unsubscribe/{name}",
        f"/p/demo/registered/{name}",
        f"/static/{name}",
    ]:
        assert browser.get(path).status == 404, path


def test_too_much_at_once_is_refused(manager: Browser, session: Session) -> None:
    answer = manager.post(f"/o/demo/sessions/{session.id}/invite", {"note": "x" * 300_000})
    assert answer.status == 413


def test_a_fault_of_ours_says_so_and_nothing_else(manager: Browser, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("ana@example.org")

    monkeypatch.setattr("chalicelib.operations.sessions.read_roster", broken)
    answer = manager.get(f"/o/demo/sessions/{session.id}")
    assert answer.status == 500
    assert "Something went wrong on our side" in answer.text
    assert "ana@example.org" not in answer.html


def test_a_member_who_has_not_joined_yet_sees_nothing(token_for: Callable[..., str], demo_org: Demo, session: Session) -> None:
    members.add(Member("demo", "user-new", "new@demo.test", "New", "owner", "invited", datetime.now(UTC)))
    browser = Browser(gateway)
    browser.cookies["rollbook-access"] = token_for("user-new")
    assert browser.get("/o/demo").status == 404
