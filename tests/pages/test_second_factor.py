"""Two-step sign-in on the pages: set up, asked for by staff's and customers' pages, turned off and reset; all without JavaScript."""

from datetime import UTC, datetime

import pytest

from chalicelib.operations import organisations, staff
from tests.pages.browser import Browser, Page
from tests.second_factor import WRONG, code_of

OWNER = {"email": "owner@demo.test", "password": "demo-Passw0rd!"}
PASSWORD = {"password": OWNER["password"]}
PAGE = "/o/demo/second-factor"
CONFIRM, OFF = f"{PAGE}/confirm", f"{PAGE}/off"


@pytest.fixture
def signed_in(user_pool: str, visitor: Browser) -> Browser:
    """The browser of the owner of `demo`."""
    organisations.create("demo", "Demo", now=datetime.now(UTC))
    staff.set_owner("demo", OWNER["email"], "Olivia", password=OWNER["password"], now=datetime.now(UTC))
    assert visitor.post("/", OWNER).status == 303
    return visitor


def turned_on(browser: Browser) -> str:
    """Turn two-step sign-in on, and return the key."""
    shown = browser.send(browser.get(PAGE), PASSWORD)
    key = shown.form(CONFIRM).fields["secret"]
    done = browser.send(shown, {"code": code_of(key)}, action=CONFIRM)
    assert done.headers["location"] == f"{PAGE}?done=second-factor-on"
    assert "Two-step sign-in is on." in browser.follow(done).text
    return key


def first_step(browser: Browser, path: str = "/") -> Page:
    browser.cookies.clear()
    return browser.send(browser.get(path), OWNER)


def test_the_key_is_a_picture_and_text(signed_in: Browser) -> None:
    shown = signed_in.send(signed_in.get(PAGE), PASSWORD)
    key = shown.form(CONFIRM).fields["secret"]
    assert 'class="qr"' in shown.html
    assert " ".join(key[at : at + 4] for at in range(0, len(key), 4)) in shown.text
    assert 'autocomplete="one-time-code"' in shown.html
    assert shown.headers["cache-control"] == "no-store"


def test_setting_up_with_a_wrong_password_or_code_shows_the_form_again(signed_in: Browser) -> None:
    refused = signed_in.send(signed_in.get(PAGE), {"password": "wrong"})
    assert (refused.status, "The address or the password is wrong" in refused.text) == (401, True)
    shown = signed_in.send(signed_in.get(PAGE), PASSWORD)
    again = signed_in.send(shown, {"code": WRONG}, action=CONFIRM)
    assert (again.status, "This code is wrong" in again.text) == (401, True)
    assert again.form(CONFIRM).fields["secret"] == shown.form(CONFIRM).fields["secret"]
    assert signed_in.send(again, {"code": code_of(again.form(CONFIRM).fields["secret"])}, action=CONFIRM).status == 303


def test_signing_in_asks_for_the_code_on_a_second_page(signed_in: Browser) -> None:
    key = turned_on(signed_in)
    question = first_step(signed_in, "/?next=/o/demo/sessions")
    assert (question.status, question.cookies) == (200, ())
    assert 'autocomplete="one-time-code"' in question.html
    assert OWNER["password"] not in question.html
    wrong = signed_in.send(question, {"code": "12"})
    assert (wrong.status, "Type the 6 digits that your app shows." in wrong.text) == (422, True)
    wrong = signed_in.send(wrong, {"code": WRONG})
    assert (wrong.status, wrong.cookies) == (401, ())
    done = signed_in.send(wrong, {"code": code_of(key)})
    assert (done.status, done.headers["location"]) == (303, "/o/demo/sessions")
    assert signed_in.get("/o/demo/sessions").status == 200


def test_a_sign_in_that_waited_too_long_begins_again(signed_in: Browser) -> None:
    key = turned_on(signed_in)
    question = first_step(signed_in)
    assert signed_in.send(question, {"code": code_of(key)}).status == 303
    signed_in.cookies.clear()
    late = signed_in.send(question, {"code": code_of(key)})
    assert (late.status, "This sign-in has ended." in late.text) == (401, True)
    assert "password" in late.form().fields


def test_too_many_codes_say_when_to_try_again(signed_in: Browser) -> None:
    turned_on(signed_in)
    question = first_step(signed_in)
    for _ in range(10):
        assert signed_in.send(question, {"code": WRONG}).status == 401
    late = signed_in.send(question, {"code": WRONG})
    assert (late.status, int(late.headers["retry-after"]) > 500) == (429, True)


def test_the_customers_sign_in_asks_too(signed_in: Browser) -> None:
    key = turned_on(signed_in)
    question = first_step(signed_in, "/p/demo/sign-in")
    assert (question.status, question.cookies) == (200, ())
    done = signed_in.send(question, {"code": code_of(key)})
    assert (done.status, done.headers["location"]) == (303, "/p/demo/me")


def test_a_form_kept_while_signed_out_comes_back_after_the_code(signed_in: Browser) -> None:
    key = turned_on(signed_in)
    form = signed_in.get("/o/demo/language")
    signed_in.cookies.clear()
    kept = signed_in.send(form, {"language": "de"})
    question = signed_in.send(kept, OWNER, action="/")
    back = signed_in.send(question, {"code": code_of(key)})
    assert back.form("/o/demo/language").fields["language"] == "de"


def test_turning_off_asks_for_the_password(signed_in: Browser) -> None:
    turned_on(signed_in)
    refused = signed_in.send(signed_in.get(PAGE), {"password": "wrong"}, action=OFF)
    assert (refused.status, "The address or the password is wrong" in refused.text) == (401, True)
    done = signed_in.send(signed_in.get(PAGE), PASSWORD, action=OFF)
    assert done.headers["location"] == f"{PAGE}?done=second-factor-off"
    assert first_step(signed_in).status == 303


def test_an_owner_resets_it_for_another_member(signed_in: Browser) -> None:
    other = staff.set_owner("demo", "max@demo.test", "Max", password=OWNER["password"], now=datetime.now(UTC))
    link = f"/o/demo/staff/{other.user}/second-factor"
    assert link in signed_in.get("/o/demo/staff").html
    question = signed_in.get(link)
    assert "Reset two-step sign-in for Max?" in question.text
    assert signed_in.send(question, {}).headers["location"] == "/o/demo/staff?done=second-factor-reset"
    assert "Two-step sign-in reset" in signed_in.get("/o/demo/audit").text
