"""Every page and every e-mail is valid HTML."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chalicelib.emails import samples
from chalicelib.emails.kinds import KINDS
from chalicelib.languages import SUPPORTED
from infra.local.npm import PackageMissingError
from tests.live.http import html_checker
from tests.live.http.conftest import Staff
from tests.live.http.crawl import Crawl
from tests.live.http.test_auth import PASSWORD, Person, fresh, link_in
from tests.live.stack import Stack
from tests.samples import ORGANISATION

pytestmark = pytest.mark.live

PUBLIC = ["/", "/p/demo", "/p/demo/code", "/p/demo/sign-in", "/forgot", "/nothing/here", "/i/unknown", "/docs"]
PLANTED = "<!doctype html><html lang=en><title>Planted</title><p id='a b'>"


@pytest.fixture(scope="module", autouse=True)
def _checker() -> None:
    try:
        html_checker.provide()
    except PackageMissingError as missing:
        if os.environ.get("CI"):
            pytest.fail(str(missing))
        pytest.skip(str(missing))


def parent(stack: Stack, staff: Staff) -> str:
    """Return the access token of a parent who has one registration."""
    email = fresh("parent")
    body = {"email": email, "name": "Ana", "password": PASSWORD, "password_confirmation": PASSWORD, "participants": [{"name": "Kim"}]}
    assert stack.call("POST", "/v1/portal/demo/register", body).status == 202
    assert stack.call("POST", "/v1/portal/confirm", {"token": link_in(stack.mail(email), "confirm")}).status == 201
    booking = {"email": email, "name": "Ana", "participants": [{"name": "Kim"}]}
    assert stack.call("POST", f"/v1/portal/demo/sessions/{staff.session()}/registrations", booking).status == 201
    return stack.sign_in(email, PASSWORD)


def pages(stack: Stack, staff: Staff) -> dict[str, str]:
    """Return the pages of visitors and parents in each language, and of the staff who see most of a page and of those who see least.

    Visitors get the language that their browser asks for, parents the one that links choose.
    """
    found: dict[str, str] = {}
    for locale in SUPPORTED:
        found |= named(f"visitor, {locale}", Crawl(stack, language=locale, in_other_languages=False).run(PUBLIC))
    found |= named("parent", Crawl(stack, parent(stack, staff)).run(["/p/demo/me", "/p/demo"]))
    found |= named("owner", Crawl(stack, staff.token, in_other_languages=False).run(["/o/demo", "/o/demo/nothing"]))
    viewer = Person(stack, staff, "viewer").sign_in().json["access_token"]
    found |= named("viewer", Crawl(stack, viewer, in_other_languages=False).run(["/o/demo", "/o/demo/settings"]))
    return found


def emails(stack: Stack) -> dict[str, str]:
    """Return a sample of every kind in each language, and the e-mails in the mailbox."""
    now = datetime.now(UTC)
    found = {f"{mail['id']} {mail['subject']}": mail["html"] for mail in stack.all_mails()}
    for kind in KINDS:
        for locale in SUPPORTED:
            text = samples.default_text(kind, ORGANISATION, locale, now=now)
            found[f"{kind} {locale}"] = samples.sample(kind, ORGANISATION, locale, text, now=now).content.html
    return found


def named(who: str, found: Mapping[str, str]) -> dict[str, str]:
    return {f"{who}: {name}": html for name, html in found.items()}


def test_pages_and_emails_are_valid_html(stack: Stack, staff: Staff, tmp_path: Path) -> None:
    shown, sent = pages(stack, staff), emails(stack)
    assert len(shown) > 250, len(shown)
    assert {int(name.split(" ")[-2]) for name in shown} == {200, 403, 404, 422}
    by_html = {html: name for name, html in {**shown, **sent}.items()}
    found = html_checker.mistakes({"planted": PLANTED, **{name: html for html, name in by_html.items()}}, tmp_path)
    assert found.pop("planted"), "the checker notices nothing"
    assert found == {}
