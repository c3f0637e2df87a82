"""Rules of every page: its audience, its headers, and the origins from which its forms are accepted."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from chalicelib.operations import organisations
from chalicelib.operations.auth import authenticator
from chalicelib.pages.views import Page, every
from chalicelib.rules.organisations import StaffMember
from chalicelib.rules.permissions import LED, PERMISSIONS, Role, may
from chalicelib.rules.sessions import Session
from chalicelib.tables import staff
from chalicelib.web import uploads
from chalicelib.web.audience import Staff
from tests.aws import Demo
from tests.http import gateway
from tests.pages.browser import HOST, Browser
from tests.pages.browser import Page as Shown
from tests.pages.conftest import BASE

FOR_STAFF = [page for page in every() if isinstance(page.who, Staff)]
STEADY = sorted(every(), key=lambda page: page.method == "POST")
"""GET pages come first, so that the effects of empty forms are not visible on them."""
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


def test_an_anonymous_visitor_is_redirected_to_the_sign_in_page(demo_org: Demo) -> None:
    for page in FOR_STAFF:
        response = answer_of(Browser(gateway), page, path_of(page))
        assert (response.status, urlsplit(response.headers["location"]).path) == (303, "/"), named(page)


def test_another_organisation_is_not_found_like_an_unknown_one(as_role: Callable[[str], Browser], session: Session) -> None:
    organisations.create("other", "Other", now=datetime.now(UTC))
    for page in FOR_STAFF:
        for org in ("other", "nowhere"):
            path = path_of(page, org=org, session=session.id)
            assert answer_of(as_role("owner"), page, path).status == 404, named(page)


@pytest.fixture(autouse=True)
def without_second_factor(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no user pool here that could tell."""
    monkeypatch.setattr(authenticator, "is_on", lambda _email: False)


@pytest.mark.parametrize("role", PERMISSIONS)
def test_each_role_opens_what_it_may(role: Role, as_role: Callable[[str], Browser], session: Session) -> None:
    for page in FOR_STAFF:
        assert isinstance(page.who, Staff)
        status = answer_of(as_role(role), page, path_of(page, session=session.id)).status
        admitted = may(role, page.who.permission) or (page.who.led and "{session}" not in page.path and may(role, LED[page.who.permission]))
        assert (status == 403) is not admitted, (named(page), status)
        assert status != 500, named(page)


def test_viewers_post_read_marks_only() -> None:
    assert [page.path for page in FOR_STAFF if page.who == Staff("read") and page.method == "POST"] == ["/o/{org}/notifications"]


def test_every_answer_is_strict(as_role: Callable[[str], Browser], session: Session) -> None:
    bucket = {"form-action 'self' https://rollbook-test-imports-123456789012.s3.eu-central-1.amazonaws.com"}
    for page in STEADY:
        response = answer_of(as_role("owner"), page, path_of(page, session=session.id))
        large = page.path.endswith("/large") and response.status == 200
        wanted = POLICY - {"form-action 'self'"} | bucket if large else POLICY
        assert set(response.headers["content-security-policy"].split("; ")) == wanted, named(page)
        assert response.headers["referrer-policy"] == "same-origin", named(page)
        assert response.headers["x-content-type-options"] == "nosniff", named(page)
        cached = "public, max-age=3600" if page.path == "/embed.js" else "no-store"
        assert response.headers["cache-control"] == cached, named(page)
        assert response.status != 500, named(page)
        assert own_style_or_script(response.html) == [], named(page)


def own_style_or_script(html: str) -> list[str]:
    """Return the inline styles, inline scripts and http:// URLs of a page, all of which are forbidden."""
    found = [word for word in (" style=", "<style", " on" + "click=") if word in html]
    data = html.count('<script type="application/ld+json">')
    if html.count("<script") != html.count('<script type="module" src="/static/') + data:
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
        response = as_role("owner").post(path_of(page, session=session.id), {}, **headers)
        if page.any_origin:
            assert page.path == "/unsubscribe/{token}"
            assert response.status == 404
        else:
            assert response.status == 403, named(page)
            assert "not sent from our own page" in response.text, named(page)


def test_a_referer_of_this_host_replaces_a_missing_origin(manager: Browser, session: Session) -> None:
    response = manager.post(f"/o/demo/sessions/{session.id}/invite", {}, Origin="", Referer=f"http://{HOST}/o/demo")
    assert response.status == 422


def test_an_unknown_path_shows_the_404_page(visitor: Browser, demo_org: Demo) -> None:
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
        response = visitor.get(path)
        assert response.status == 404, path
        assert "Go to the start page" in response.text


def test_every_parent_path_answers_with_a_page(visitor: Browser, demo_org: Demo) -> None:
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
def test_an_invalid_name_in_a_path_is_not_found(name: str, as_role: Callable[[str], Browser], session: Session) -> None:
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


def test_too_large_a_body_is_refused(manager: Browser, session: Session) -> None:
    response = manager.post(f"/o/demo/sessions/{session.id}/invite", {"note": "x" * 300_000})
    assert response.status == 413


@pytest.mark.parametrize("page", [page for page in every() if page.files], ids=named)
def test_an_upload_without_permission_is_not_parsed(
    page: Page, visitor: Browser, as_role: Callable[[str], Browser], session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[object] = []
    monkeypatch.setattr(uploads, "form", read.append)
    path = path_of(page, session=session.id)
    assert visitor.send_file(path, {}, b"Name,Email").status == 303
    assert as_role("viewer").send_file(path, {}, b"Name,Email").status == 403
    assert read == []


def test_an_unexpected_exception_shows_the_page_of_status_500_without_details(
    manager: Browser, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("ana@example.org")

    monkeypatch.setattr("chalicelib.operations.sessions.read_roster", broken)
    response = manager.get(f"/o/demo/sessions/{session.id}")
    assert response.status == 500
    assert "Something went wrong on our side" in response.text
    assert "ana@example.org" not in response.html


def test_an_invited_member_has_no_access_before_activation(token_for: Callable[..., str], demo_org: Demo, session: Session) -> None:
    staff.add(StaffMember("demo", "user-new", "new@demo.test", "New", "owner", "invited", datetime.now(UTC)))
    browser = Browser(gateway)
    browser.cookies["rollbook-access"] = token_for("user-new")
    assert browser.get("/o/demo").status == 404
