"""Signing in on the start page, staying signed in, signing out; a new password; joining the staff."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from chalicelib.operations import access, links, organisations, staff
from chalicelib.pages.paths import safe
from chalicelib.rules.accounts import SignedOut
from chalicelib.rules.drafts.organisations import StaffDraft
from chalicelib.settings import settings
from tests.http import gateway
from tests.pages.browser import Browser

OWNER = {"email": "owner@demo.test", "password": "demo-Passw0rd!"}


@pytest.fixture
def owner(user_pool: str) -> None:
    """The owner of `demo`, with a password."""
    organisations.create("demo", "Demo", now=datetime.now(UTC))
    staff.set_owner("demo", OWNER["email"], "Olivia", password=OWNER["password"], now=datetime.now(UTC))


def test_who_signs_in_gets_to_the_organisation(owner: None, visitor: Browser) -> None:
    answer = visitor.send(visitor.get("/"), OWNER)
    assert (answer.status, answer.headers["location"]) == (303, "/o/demo")
    assert "Today" in visitor.follow(answer).text


def test_cookies_are_out_of_reach_for_scripts_and_other_sites(owner: None, visitor: Browser) -> None:
    access_cookie, renewal_cookie = visitor.post("/", OWNER).cookies
    for cookie, name in ((access_cookie, "rollbook-access"), (renewal_cookie, "rollbook-renewal")):
        assert cookie.startswith(f"{name}=")
        assert set(re.sub(r"Max-Age=\d+; ", "", cookie).split("; ")[1:]) == {"Path=/", "HttpOnly", "SameSite=Lax"}


def test_over_https_they_are_bound_to_the_host(owner: None, visitor: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROLLBOOK_PUBLIC_URL", "https://rollbook.example/api")
    settings.cache_clear()
    assert visitor.post("/", OWNER).status == 403
    visitor.host = "rollbook.example"
    answer = visitor.post("/", OWNER, Origin="https://rollbook.example")
    assert answer.headers["location"] == "/api/o/demo"
    for cookie in answer.cookies:
        assert cookie.startswith("__Host-rollbook-")
        assert {"Path=/", "HttpOnly", "SameSite=Lax", "Secure"} < set(cookie.split("; "))
        assert "Domain" not in cookie


def test_a_wrong_password_keeps_the_address_and_not_the_password(owner: None, visitor: Browser) -> None:
    answer = visitor.send(visitor.get("/"), {**OWNER, "password": "wrong-Passw0rd!"})
    assert answer.status == 401
    assert "The address or the password is wrong" in answer.text
    assert answer.form().fields["email"] == OWNER["email"]
    assert "wrong-Passw0rd!" not in answer.html
    assert answer.cookies == ()


def test_both_faults_of_an_empty_form_are_shown(owner: None, visitor: Browser) -> None:
    answer = visitor.send(visitor.get("/"), {})
    assert answer.status == 422
    assert "2 things need another look." in answer.text
    assert answer.described("email")
    assert answer.described("password")


def test_signing_in_goes_on_where_somebody_wanted_to(owner: None, visitor: Browser) -> None:
    wanted = visitor.get("/o/demo/sessions")
    assert wanted.status == 303
    assert parse_qs(urlsplit(wanted.headers["location"]).query) == {"next": ["/o/demo/sessions"]}
    answer = visitor.send(visitor.follow(wanted), OWNER)
    assert answer.headers["location"] == "/o/demo/sessions"


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "evil",
        "/ä",
        "/a b",
        "",
    ],
)
def test_nobody_is_sent_elsewhere(target: str, owner: None, visitor: Browser) -> None:
    assert safe(target) == ""
    visitor_page = visitor.get("/?next=" + target.replace("\\", "%5C").replace("\t", "%09").replace(" ", "%20"))
    answer = visitor.send(visitor_page, OWNER)
    assert answer.headers["location"] == "/o/demo"


def test_an_access_token_that_ran_out_is_renewed(owner: None, visitor: Browser) -> None:
    visitor.post("/", OWNER)
    visitor.cookies["rollbook-access"] = "run-out"
    answer = visitor.get("/o/demo")
    assert answer.status == 200
    assert answer.cookies[0].startswith("rollbook-access=")
    assert visitor.cookies["rollbook-access"] != "run-out"


def test_cookies_that_are_worth_nothing_are_taken_away(owner: None, visitor: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    def ended(_token: str) -> None:
        raise SignedOut

    monkeypatch.setattr(access, "refresh", ended)
    visitor.cookies = {"rollbook-access": "bad", "rollbook-renewal": "bad"}
    answer = visitor.get("/o/demo")
    assert answer.status == 303
    assert visitor.cookies == {}


def test_signing_out_ends_it(owner: None, visitor: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[str] = []
    monkeypatch.setattr(access, "sign_out", ended.append)
    visitor.post("/", OWNER)
    renewal = visitor.cookies["rollbook-renewal"]
    answer = visitor.send(visitor.get("/o/demo"), {}, action="/sign-out")
    assert "You are signed out." in visitor.follow(answer).text
    assert (ended, visitor.cookies) == ([renewal], {})


def test_somebody_of_two_organisations_chooses(owner: None, visitor: Browser) -> None:
    organisations.create("other", "Other studio", now=datetime.now(UTC))
    staff.set_owner("other", OWNER["email"], "Olivia", password=OWNER["password"], now=datetime.now(UTC))
    page = visitor.follow(visitor.post("/", OWNER))
    assert {"/o/demo", "/o/other"} < set(page.links)
    assert "Other studio" in page.text


def test_the_start_page_points_to_the_mailbox_only_in_the_local_stack(visitor: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "mailbox" not in visitor.get("/").text
    monkeypatch.setenv("ROLLBOOK_MAILBOX_URL", "http://127.0.0.1:8025")
    settings.cache_clear()
    page = visitor.get("/")
    assert "http://127.0.0.1:8025" in page.links
    assert "owner@demo.test" in page.text


def test_a_forgotten_password_answers_the_same_for_anybody(owner: None, visitor: Browser) -> None:
    known = visitor.send(visitor.get("/forgot"), {"email": OWNER["email"]})
    stranger = visitor.send(visitor.get("/forgot"), {"email": "who@demo.test"})
    assert known.status == stranger.status == 200
    assert known.text.replace(OWNER["email"], "") == stranger.text.replace("who@demo.test", "")
    assert visitor.send(visitor.get("/forgot"), {"email": "nobody"}).described("email")


def test_a_new_password_is_typed_twice_and_then_works(owner: None, visitor: Browser, reset_path: str) -> None:
    page = visitor.get(reset_path)
    assert "at least 10 characters" in page.text.lower()
    wrong = visitor.send(page, {"password": "short", "password_confirmation": "other"})
    assert wrong.status == 422
    assert wrong.described("password")
    assert wrong.described("password_confirmation")
    fresh = "brand-New-Passw0rd"
    done = visitor.follow(visitor.send(page, {"password": fresh, "password_confirmation": fresh}))
    assert "Your new password is set" in done.text
    assert visitor.post("/", {**OWNER, "password": fresh}).status == 303
    assert "has been used" in Browser(gateway).get(reset_path).text


@pytest.fixture
def reset_path(owner: None, monkeypatch: pytest.MonkeyPatch) -> str:
    """The path of the link that a forgotten password brings."""
    asked: dict[str, str] = {}
    queue = access.resetting.messages.queue  # type: ignore[attr-defined]

    def noted(**said: object) -> None:
        asked.update(said["data"])  # type: ignore[call-overload]
        queue(**said)

    monkeypatch.setattr("chalicelib.operations.access.resetting.messages.queue", noted)
    access.ask_reset(OWNER["email"], nonce="nonce", now=datetime.now(UTC))
    return urlsplit(links.password_reset_link(asked["user"], asked["nonce"])).path


def test_somebody_invited_joins_the_staff(owner: None, visitor: Browser, invited_path: Callable[[str], str]) -> None:
    path = invited_path("max@demo.test")
    page = visitor.get(path)
    assert "Choose a password for max@demo.test" in page.text
    assert visitor.send(page, {"password": "weak", "password_confirmation": "weak"}).described("password")
    chosen = {"password": "brand-New-Passw0rd", "password_confirmation": "brand-New-Passw0rd"}
    assert "Your account is ready" in visitor.follow(visitor.send(page, chosen)).text
    assert visitor.post("/", {"email": "max@demo.test", "password": chosen["password"]}).headers["location"] == "/o/demo"
    assert visitor.get(path).status == 410


def test_somebody_with_an_account_joins_with_its_password(owner: None, visitor: Browser, invited_path: Callable[..., str]) -> None:
    organisations.create("other", "Other", now=datetime.now(UTC))
    page = visitor.get(invited_path(OWNER["email"], org="other"))
    assert "type its password" in page.text
    assert visitor.send(page, {"password": "wrong-Passw0rd!"}).status == 401
    assert visitor.send(page, {"password": OWNER["password"]}).status == 303


@pytest.fixture
def invited_path(owner: None) -> Callable[..., str]:
    """`invited_path(email)` invites somebody to the staff and returns the path of the link."""

    def invite(email: str, *, org: str = "demo") -> str:
        member = staff.invite(org, StaffDraft(email=email, name="Max", role="viewer"), now=datetime.now(UTC))
        return urlsplit(links.staff_activation_link(org, member.user, member.link_version)).path

    return invite
