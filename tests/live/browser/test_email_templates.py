"""Editing an e-mail template in Chromium."""

import uuid
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.live.browser.conftest import sign_in
from tests.live.http.conftest import Staff
from tests.live.stack import Stack

pytestmark = pytest.mark.live


def test_the_french_confirmation_is_edited_previewed_saved_and_sent(
    window: Callable[..., Page], stack: Stack, staff: Staff, look: Callable[..., list[str]]
) -> None:
    session, ana = staff.session(), f"ana-{uuid.uuid4().hex[:8]}@example.org"
    page = window()
    sign_in(page)
    page.locator("header summary").click()
    page.get_by_role("link", name="E-mails").click()
    page.get_by_role("link", name="Confirmation of a registration: Français").click()
    page.get_by_label("Subject", exact=True).fill("À bientôt")
    page.get_by_label("Text", exact=True).fill("Bonjour ")
    page.get_by_role("button", name="{{customer_name}}").click()
    page.keyboard.type(" !\n\n[Ma place]({{link}})\n\n<script>alert(1)</script>")
    shown = page.locator("#shown")
    expect(shown).to_contain_text("Bonjour Ana Martin !")
    expect(shown).to_contain_text("Left out")
    assert look(page) == []
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("from the next e-mail on")
    assert staff.call("POST", "/customers", {"name": "Ana", "email": ana}).status == 201, "strangers are not greeted by a name"
    body = {"email": ana, "name": "Ana", "participants": [{"name": "Kim"}]}
    reply = stack.call("POST", f"/v1/portal/demo/sessions/{session}/registrations", body, headers={"Accept-Language": "fr"})
    assert reply.status == 201, reply.body
    mail = stack.mail(ana)
    assert mail["subject"] == "À bientôt"
    assert mail["text"].splitlines()[2] == "Bonjour Ana !"
    assert "alert(1)" not in mail["html"]
    page.get_by_role("link", name="Reset to default").click()
    page.get_by_role("dialog").get_by_role("button", name="Reset to default").click()
    expect(page.get_by_role("status")).to_contain_text("Default text restored")
