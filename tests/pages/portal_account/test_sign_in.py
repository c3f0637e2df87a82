"""Customers sign in and out, and choose another password; no other site and no page of staff is reached."""

from datetime import UTC, datetime
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from chalicelib.operations import auth, links, organisations, staff
from chalicelib.rules.customers import Customer
from chalicelib.rules.sessions import Session
from tests.pages.browser import Browser
from tests.pages.portal_account.ana import ANA, HERE, PASSWORD, sent, sign_in


def test_a_dashboard_requires_sign_in(ana: Customer, visitor: Browser) -> None:
    response = visitor.get(f"{HERE}/me/profile")
    assert urlsplit(response.headers["location"]).path == f"{HERE}/sign-in"
    assert parse_qs(urlsplit(response.headers["location"]).query) == {"next": [f"{HERE}/me/profile"]}
    went_on = visitor.send(visitor.follow(response), {"email": ANA, "password": PASSWORD})
    assert went_on.headers["location"] == f"{HERE}/me/profile"
    assert visitor.get(f"{HERE}/sign-in").headers["location"] == f"{HERE}/me"


@pytest.mark.parametrize(
    ("wanted", "opened"),
    [
        ("/me/profile", "/me/profile?lang=fr"),
        ("/me/profile?lang=de", "/me/profile?lang=de"),
        ("/basket?x=1", "/basket?x=1&lang=fr"),
        ("", "/me?lang=fr"),
    ],
)
def test_a_language_chosen_by_hand_is_kept_at_sign_in(wanted: str, opened: str, ana: Customer, visitor: Browser) -> None:
    query = urlencode({"lang": "fr", "next": HERE + wanted if wanted else ""})
    response = visitor.post(f"{HERE}/sign-in?{query}", {"email": ANA, "password": PASSWORD})
    assert response.headers["location"] == HERE + opened


def test_the_way_to_sign_in_keeps_a_language_chosen_by_hand(ana: Customer, visitor: Browser) -> None:
    assert parse_qs(urlsplit(visitor.get(f"{HERE}/me?lang=fr").headers["location"]).query)["lang"] == ["fr"]


@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example/p/demo/", "/o/demo", "/p/other/me"])
def test_signing_in_redirects_to_no_other_site(target: str, ana: Customer, visitor: Browser) -> None:
    response = visitor.post(f"{HERE}/sign-in?next={target}", {"email": ANA, "password": PASSWORD})
    assert response.headers["location"] == f"{HERE}/me"


def test_a_wrong_password_is_told_and_guessing_is_throttled(ana: Customer, visitor: Browser) -> None:
    wrong = sign_in(visitor, password="wrong")
    assert (wrong.status, "The address or the password is wrong" in wrong.text) == (401, True)
    for _ in range(9):
        sign_in(visitor, password="wrong")
    assert sign_in(visitor).status == 429


def test_a_customer_opens_no_page_of_staff(ana: Customer, visitor: Browser) -> None:
    sign_in(visitor)
    for path in ("/o/demo", "/o/demo/customers", "/o/demo/settings"):
        assert visitor.get(path).status == 404


def test_the_portal_of_another_organisation_says_how_to_become_a_customer(ana: Customer, visitor: Browser) -> None:
    organisations.create("other", "Other studio", now=datetime.now(UTC))
    sign_in(visitor)
    page = visitor.get("/p/other/me")
    assert page.status == 404
    assert "Register to add it" in page.text
    assert "/p/other/register" in page.links


def test_a_customers_password_reset_ends_in_the_portal(ana: Customer, visitor: Browser) -> None:
    question = visitor.send(visitor.get(f"{HERE}/forgot"), {"email": ANA})
    unknown = visitor.send(visitor.get(f"{HERE}/forgot"), {"email": "nobody@example.org"})
    assert question.text.replace(ANA, "") == unknown.text.replace("nobody@example.org", "")
    page = visitor.get(urlsplit(links.password_reset_link(sent().data["user"], sent().data["nonce"])).path)
    assert "Demo" in page.text
    response = visitor.send(page, {"password": "another-Passw0rd", "password_confirmation": "another-Passw0rd"})
    assert urlsplit(response.headers["location"]).path == f"{HERE}/sign-in"
    assert "Your new password is set" in visitor.follow(response).text
    assert sign_in(visitor, password="another-Passw0rd").status == 303


def test_signing_out_ends_it(ana: Customer, visitor: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[str] = []
    monkeypatch.setattr(auth, "sign_out", ended.append)
    sign_in(visitor)
    response = visitor.send(visitor.get(f"{HERE}/me"), {}, action=f"{HERE}/sign-out")
    assert "You are signed out." in visitor.follow(response).text
    assert (len(ended), visitor.cookies) == (1, {})


def test_a_customer_who_is_staff_too_chooses_where_to_go(ana: Customer, visitor: Browser) -> None:
    staff.set_owner("demo", ANA, "Ana", password=PASSWORD, now=datetime.now(UTC))
    page = visitor.follow(visitor.post("/", {"email": ANA, "password": PASSWORD}))
    assert {"/o/demo", f"{HERE}/me"} <= set(page.links)


def test_an_expired_sign_in_leaves_the_public_pages_open(ana: Customer, visitor: Browser, session: Session) -> None:
    visitor.cookies = {"rollbook-access": "bad"}
    page = visitor.get(f"{HERE}/sessions/{session.id}")
    assert page.status == 200
    assert page.form().fields["name"] == ""
    assert visitor.cookies == {}
