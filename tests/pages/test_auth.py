"""Sign-in, renewal and sign-out on the start page, password reset, and staff invitations."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from chalicelib.config import config
from chalicelib.operations import auth, links, organisations, staff
from chalicelib.pages.paths import safe
from chalicelib.rules.auth import SignedOut
from chalicelib.rules.inputs.organisations import StaffInput
from tests.http import call, gateway
from tests.pages.browser import Browser

OWNER = {"email": "owner@demo.test", "password": "demo-Passw0rd!"}


@pytest.fixture
def owner(user_pool: str) -> None:
    """The owner of `demo`, with a password."""
    organisations.create("demo", "Demo", now=datetime.now(UTC))
    staff.set_owner("demo", OWNER["email"], "Olivia", password=OWNER["password"], now=datetime.now(UTC))


def test_signing_in_opens_the_organisation(owner: None, visitor: Browser) -> None:
    response = visitor.send(visitor.get("/"), OWNER)
    assert (response.status, response.headers["location"]) == (303, "/o/demo")
    assert "Agenda" in visitor.follow(response).text


def test_cookies_are_out_of_reach_for_scripts_and_other_sites(owner: None, visitor: Browser) -> None:
    access_cookie, renewal_cookie = visitor.post("/", OWNER).cookies
    for cookie, name in ((access_cookie, "rollbook-access"), (renewal_cookie, "rollbook-renewal")):
        assert cookie.startswith(f"{name}=")
        assert set(re.sub(r"Max-Age=\d+; ", "", cookie).split("; ")[1:]) == {"Path=/", "HttpOnly", "SameSite=Lax"}


def test_over_https_they_are_bound_to_the_host(owner: None, visitor: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROLLBOOK_PUBLIC_URL", "https://rollbook.example/api")
    config.cache_clear()
    assert visitor.post("/", OWNER).status == 403
    visitor.host = "rollbook.example"
    response = visitor.post("/", OWNER, Origin="https://rollbook.example")
    assert response.headers["location"] == "/api/o/demo"
    for cookie in response.cookies:
        assert cookie.startswith("__Host-rollbook-")
        assert {"Path=/", "HttpOnly", "SameSite=Lax", "Secure"} < set(cookie.split("; "))
        assert "Domain" not in cookie


def test_a_wrong_password_keeps_the_address_and_not_the_password(owner: None, visitor: Browser) -> None:
    response = visitor.send(visitor.get("/"), {**OWNER, "password": "wrong-Passw0rd!"})
    assert response.status == 401
    assert "The address or the password is wrong" in response.text
    assert response.form().fields["email"] == OWNER["email"]
    assert "wrong-Passw0rd!" not in response.html
    assert response.cookies == ()


def test_both_faults_of_an_empty_form_are_shown(owner: None, visitor: Browser) -> None:
    response = visitor.send(visitor.get("/"), {})
    assert response.status == 422
    assert "Please fix 2 fields." in response.text
    assert response.described("email")
    assert response.described("password")


def test_signing_in_returns_to_the_requested_page(owner: None, visitor: Browser) -> None:
    wanted = visitor.get("/o/demo/sessions")
    assert wanted.status == 303
    assert parse_qs(urlsplit(wanted.headers["location"]).query) == {"next": ["/o/demo/sessions"]}
    response = visitor.send(visitor.follow(wanted), OWNER)
    assert response.headers["location"] == "/o/demo/sessions"


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
def test_sign_in_redirects_to_no_other_site(target: str, owner: None, visitor: Browser) -> None:
    assert safe(target) == ""
    visitor_page = visitor.get("/?next=" + target.replace("\\", "%5C").replace("\t", "%09").replace(" ", "%20"))
    response = visitor.send(visitor_page, OWNER)
    assert response.headers["location"] == "/o/demo"


def test_an_access_token_that_ran_out_is_renewed(owner: None, visitor: Browser) -> None:
    visitor.post("/", OWNER)
    visitor.cookies["rollbook-access"] = "run-out"
    response = visitor.get("/o/demo")
    assert response.status == 200
    assert response.cookies[0].startswith("rollbook-access=")
    assert visitor.cookies["rollbook-access"] != "run-out"


def test_invalid_cookies_are_deleted(owner: None, visitor: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    def ended(_token: str) -> None:
        raise SignedOut

    monkeypatch.setattr(auth, "refresh", ended)
    visitor.cookies = {"rollbook-access": "bad", "rollbook-renewal": "bad"}
    response = visitor.get("/o/demo")
    assert response.status == 303
    assert visitor.cookies == {}


def test_signing_out_ends_it(owner: None, visitor: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[str] = []
    monkeypatch.setattr(auth, "sign_out", ended.append)
    visitor.post("/", OWNER)
    renewal = visitor.cookies["rollbook-renewal"]
    response = visitor.send(visitor.get("/o/demo"), {}, action="/sign-out")
    assert "You are signed out." in visitor.follow(response).text
    assert (ended, visitor.cookies) == ([renewal], {})


def test_signing_out_ends_the_access_token_at_once(owner: None, visitor: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cookies that were copied before are worth nothing, on pages and in the API; another sign-in goes on."""
    monkeypatch.setattr(auth, "sign_out", lambda _: None)
    visitor.post("/", OWNER)
    copied, page = dict(visitor.cookies), visitor.get("/o/demo")
    token = copied["rollbook-access"]
    assert (page.status, call("GET", "/v1/orgs/demo", token=token).status) == (200, 200)
    visitor.cookies = {}
    visitor.post("/", OWNER)
    other = dict(visitor.cookies)
    visitor.cookies = dict(copied)
    assert visitor.send(page, {}, action="/sign-out").status == 303
    visitor.cookies = {"rollbook-access": token}
    assert visitor.get("/o/demo").status == 303
    assert [call("GET", path, token=token).status for path in ("/v1/orgs/demo", "/v1/me")] == [401, 401]
    visitor.cookies = other
    assert visitor.get("/o/demo").status == 200


def test_a_member_of_two_organisations_chooses_one(owner: None, visitor: Browser) -> None:
    organisations.create("other", "Other studio", now=datetime.now(UTC))
    staff.set_owner("other", OWNER["email"], "Olivia", password=OWNER["password"], now=datetime.now(UTC))
    page = visitor.follow(visitor.post("/", OWNER))
    assert {"/o/demo", "/o/other"} < set(page.links)
    assert "Other studio" in page.text


def test_the_start_page_points_to_the_mailbox_only_in_the_local_stack(visitor: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "mailbox" not in visitor.get("/").text
    monkeypatch.setenv("ROLLBOOK_MAILBOX_URL", "http://127.0.0.1:8025")
    config.cache_clear()
    page = visitor.get("/")
    assert "http://127.0.0.1:8025" in page.links
    assert "owner@demo.test" in page.text


def test_a_password_reset_answers_the_same_for_known_and_unknown_addresses(owner: None, visitor: Browser) -> None:
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
    assert done.form().fields["email"] == OWNER["email"]
    assert visitor.post("/", {**OWNER, "password": fresh}).status == 303
    assert "has been used" in Browser(gateway).get(reset_path).text


@pytest.fixture
def reset_path(owner: None, monkeypatch: pytest.MonkeyPatch) -> str:
    """The path of a password-reset link."""
    sent: dict[str, str] = {}
    queue = auth.password_reset.messages.queue  # type: ignore[attr-defined]

    def noted(**said: object) -> None:
        sent.update(said["data"])  # type: ignore[call-overload]
        queue(**said)

    monkeypatch.setattr("chalicelib.operations.auth.password_reset.messages.queue", noted)
    auth.ask_reset(OWNER["email"], nonce="nonce", source="192.0.2.1", now=datetime.now(UTC))
    return urlsplit(links.password_reset_link(sent["user"], sent["nonce"])).path


def test_an_invited_member_joins_the_staff(owner: None, visitor: Browser, invited_path: Callable[[str], str]) -> None:
    path = invited_path("max@demo.test")
    page = visitor.get(path)
    assert "Your role: Viewer. Choose a password for max@demo.test." in page.text
    assert visitor.send(page, {"password": "weak", "password_confirmation": "weak"}).described("password")
    chosen = {"password": "brand-New-Passw0rd", "password_confirmation": "brand-New-Passw0rd"}
    ready = visitor.follow(visitor.send(page, chosen))
    assert "Your account is ready" in ready.text
    assert ready.form().fields["email"] == "max@demo.test"
    assert "max@demo.test" not in ready.path, "addresses stay out of logs"
    assert visitor.post("/", {"email": "max@demo.test", "password": chosen["password"]}).headers["location"] == "/o/demo"
    assert visitor.get(path).status == 410


def test_a_member_with_an_account_joins_with_its_password(owner: None, visitor: Browser, invited_path: Callable[..., str]) -> None:
    organisations.create("other", "Other", now=datetime.now(UTC))
    page = visitor.get(invited_path(OWNER["email"], org="other"))
    assert "type its password" in page.text
    assert visitor.send(page, {"password": "wrong-Passw0rd!"}).status == 401
    assert visitor.send(page, {"password": OWNER["password"]}).status == 303


@pytest.fixture
def invited_path(owner: None) -> Callable[..., str]:
    """Return `invited_path(email)`, which invites a member of staff and returns the path of the link."""

    def invite(email: str, *, org: str = "demo") -> str:
        member = staff.invite(org, StaffInput(email=email, name="Max", role="viewer"), now=datetime.now(UTC))
        return urlsplit(links.staff_activation_link(org, member.user, member.link_version)).path

    return invite


NEW_SESSION = "/o/demo/sessions/new"


def test_a_form_sent_after_signing_out_comes_back_after_signing_in(owner: None, visitor: Browser) -> None:
    visitor.follow(visitor.send(visitor.get("/"), OWNER))
    form = visitor.get(NEW_SESSION).form()
    visitor.cookies.clear()
    question = visitor.post(NEW_SESSION, {**form.fields, "title": "Typed for ten minutes", "stripe_secret_key": "sk_live_hidden"})
    assert question.status == 401
    assert "nothing was saved" in question.text
    assert "sk_live_hidden" not in question.html
    wrong = visitor.send(question, {"email": OWNER["email"], "password": "wrong"}, action="/")
    assert "Typed for ten minutes" in wrong.html, "a wrong password loses nothing"
    back = visitor.send(wrong, OWNER, action="/")
    kept = back.form(NEW_SESSION)
    assert (back.status, kept.fields["title"]) == (200, "Typed for ten minutes")
    assert visitor.post(kept.action, kept.fields).described("spots_total"), "the form is sent as it was, and its faults are shown there"


@pytest.mark.parametrize(
    "kept", ["", "{}", "[]", '{"path": "//evil.example/x", "fields": {}}', '{"path": "https://evil.example", "fields": {}}']
)
def test_a_kept_form_leads_to_no_other_site(owner: None, visitor: Browser, kept: str) -> None:
    response = visitor.send(visitor.get("/"), {**OWNER, "unsaved": kept})
    assert (response.status, response.headers["location"]) == (303, "/o/demo")


def test_signing_in_leads_back_to_a_list_with_its_filters(owner: None, visitor: Browser) -> None:
    question = visitor.get("/o/demo/orders?status=unpaid")
    assert visitor.send(visitor.follow(question), OWNER).headers["location"] == "/o/demo/orders?status=unpaid"
