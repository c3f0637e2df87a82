"""Chromium with a local stack, and browser windows of several kinds."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, expect, sync_playwright

from infra.local.npm import PackageMissingError
from tests.live.browser import axe
from tests.live.http.conftest import Staff
from tests.live.stack import LONG, PASSWORD, Stack, running
from tests.provide import chromium
from tests.stripe import Stripe, stripe_running

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
EXPECTED = (
    "Failed to load resource: the server responded with a status of 4",
    "Failed to load resource: net::ERR_INTERNET_DISCONNECTED",
    "Blocked autofocusing",
)
"""Chromium logs this for every refusal, while a test takes the connection away, and in frames, where our script sets the focus."""


@pytest.fixture(scope="package")
def stripe() -> Iterator[Stripe]:
    with stripe_running() as started:
        yield started


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory, stripe: Stripe) -> Iterator[Stack]:
    state = tmp_path_factory.mktemp("browser") / "state"
    with running(state, ROLLBOOK_STRIPE_URL=stripe.url, ROLLBOOK_STRIPE_PAGES=stripe.url) as started:
        yield started


@pytest.fixture(scope="package")
def staff(stack: Stack) -> Staff:
    return Staff(stack, stack.sign_in())


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    path = chromium()
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("There is no Chromium.")
        pytest.skip("There is no Chromium.")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture(scope="package")
def look() -> Callable[..., list[str]]:
    """Return `look(page)`, which returns the accessibility violations of a page."""
    try:
        axe.source()
    except PackageMissingError as missing:
        if os.environ.get("CI"):
            pytest.fail(str(missing))
        pytest.skip(str(missing))
    return axe.violations


HOME = "/o/demo"
expect.set_options(timeout=LONG * 1000)
"""A busy machine may take longer than Playwright's five seconds to show something."""


@dataclass(frozen=True)
class Kind:
    """The kind of a browser window."""

    width: int = 1280
    javascript: bool = True
    language: str = "en-GB"
    complains: bool = True
    """Whether a complaint on its console fails the test."""

    @property
    def phone(self) -> bool:
        return self.width < 600


_opened: dict[BrowserContext, tuple[str, Kind]] = {}
"""The stack and the kind of each window that is open."""
_signed_in: dict[tuple[str, Kind], Any] = {}
"""The cookies of the owner, of the stack and the kind of window in which the form was sent."""


@pytest.fixture
def window(browser: Browser, stack: Stack) -> Iterator[Callable[..., Page]]:
    """Return `window(Kind(width=390))`, which opens a window. Any complaint on its console fails the test."""
    complaints: list[str] = []
    contexts = []

    def opened(kind: Kind = Kind()) -> Page:
        context = browser.new_context(
            base_url=stack.url,
            viewport={"width": kind.width, "height": 844 if kind.phone else 900},
            java_script_enabled=kind.javascript,
            locale=kind.language,
            is_mobile=kind.phone,
            has_touch=kind.phone,
            reduced_motion="reduce",
            permissions=["clipboard-read", "clipboard-write"],
        )
        contexts.append(context)
        _opened[context] = stack.url, kind
        page = context.new_page()
        page.set_default_timeout(LONG * 1000)
        if kind.complains:
            page.on("console", lambda message: _note(message, complaints))
        page.on("pageerror", lambda fault: complaints.append(_told(fault)))
        return page

    yield opened
    for context in contexts:
        del _opened[context]
        context.close()
    assert complaints == []


def sign_in(page: Page, to: str = HOME) -> None:
    """Open a page as the owner. The form is sent in the first window of each kind; later ones get its cookies."""
    window = _opened[page.context]
    if window in _signed_in:
        page.context.add_cookies(_signed_in[window])
        page.goto(to)
        return
    page.goto("/")
    page.get_by_label("E-mail").fill("owner@demo.test")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"**{HOME}")
    _signed_in[window] = page.context.cookies()
    if to != HOME:
        page.goto(to)


def _note(message: ConsoleMessage, complaints: list[str]) -> None:
    if message.type in {"error", "warning"} and not message.text.startswith(EXPECTED):
        complaints.append(message.text)


def _told(fault: Error) -> str:
    return str(fault)
