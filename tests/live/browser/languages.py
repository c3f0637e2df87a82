"""Pages of staff in a language: the words of a test are looked up in the catalogue."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import Page, expect

from chalicelib import i18n
from tests.live.browser.conftest import sign_in

Say = Callable[[str], str]


@contextmanager
def speaking(page: Page, locale: str) -> Iterator[Say]:
    """Sign in and choose the language of the pages of staff; yield its words. English is chosen again in the end."""
    sign_in(page)
    _choose(page, locale, now="en")
    try:
        yield i18n.translation(locale).gettext
    finally:
        _choose(page, "en", now=locale)


def _choose(page: Page, locale: str, *, now: str) -> None:
    if locale == now:
        return
    page.goto("/o/demo/language")
    expect(page.get_by_label(i18n.name(now))).to_be_checked()
    page.get_by_label(i18n.name(locale)).press("Space")
    page.get_by_role("button", name=i18n.translation(now).gettext("Save")).press("Enter")
    expect(page.locator("html")).to_have_attribute("lang", locale)
