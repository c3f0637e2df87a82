"""The line of HTML that providers paste into their own site, in Chromium: a page of another site shows the sessions and books."""

from collections.abc import Callable

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from chalicelib.pages.assets import STATIC
from tests.live.browser.conftest import Kind
from tests.live.browser.test_journeys import Window, fresh
from tests.live.http.conftest import Staff
from tests.live.other_site import site_running

pytestmark = pytest.mark.live


def page_with(line: str) -> dict[str, str]:
    return {"/index.html": f"<!doctype html><title>Studio</title><h1>Our studio</h1>{line}<p>Come and see us.</p>"}


def line(staff: Staff, path: str, attributes: str = "") -> str:
    url = staff.stack.url
    return f'<a href="{url}{path}" data-rollbook {attributes}>Book at Demo</a><script async src="{url}/embed.js"></script>'


@pytest.fixture
def listed(staff: Staff) -> Callable[..., None]:
    """Return `listed(origin)`, which lets these sites and no others show the pages."""

    def listed(*origins: str) -> None:
        assert staff.call("PATCH", "", {"embed_origins": list(origins)}).status == 200

    return listed


def frame_of(page: Page) -> FrameLocator:
    return page.frame_locator("iframe[title]")


def height_of(page: Page) -> float:
    return float(page.locator("iframe[title]").evaluate("frame => frame.getBoundingClientRect().height"))


@pytest.mark.parametrize("kind", [Kind(), Kind(width=390)], ids=["desktop", "phone"])
def test_a_family_books_on_the_providers_own_site(kind: Kind, window: Window, staff: Staff, listed: Callable[..., None]) -> None:
    session, email = staff.session(title="Clay"), fresh("embedded")
    with site_running(page_with(line(staff, f"/p/demo/sessions/{session}", 'data-accent="#aa3366"')), host="localhost") as site:
        listed(site)
        page = window(kind)
        page.goto(site)
        frame = frame_of(page)
        expect(frame.get_by_role("heading", name="Clay")).to_be_visible()
        expect(page.get_by_role("link", name="Book at Demo")).to_be_hidden()
        expect(page.get_by_title("Book at Demo")).to_be_visible()
        assert "aa3366" in str(frame.locator("link[href*='/accent/']").get_attribute("href"))
        button = frame.get_by_role("button", name="Register")
        inside = button.evaluate("button => document.documentElement.scrollHeight <= innerHeight + 1")
        assert inside, "the frame is as tall as its page"
        frame.get_by_label("Your name").fill("Ana Ortiz")
        button.click()
        expect(frame.get_by_role("alert")).to_contain_text("Please fix")
        expect(frame.get_by_role("alert")).to_be_focused()
        frame.get_by_label("Your e-mail").fill(email)
        frame.get_by_label("Participant 1").fill("Zoé")
        button.click()
        expect(frame.get_by_role("heading", name="You are registered")).to_be_visible()
        assert page.url.rstrip("/") == site
        assert page.context.cookies() == []
        with page.expect_popup() as opened:
            frame.get_by_role("link", name="Create an account").click()
        expect(opened.value.get_by_role("heading").first).to_be_visible()
        assert "/p/demo/register" in opened.value.url
    assert staff.spots(session)["taken"] == 1
    staff.stack.mail(email)


def test_the_list_in_a_language_leads_to_a_session_and_back(window: Window, staff: Staff, listed: Callable[..., None]) -> None:
    title = fresh("Mosaic").partition("@")[0]
    staff.session(title=title)
    with site_running(page_with(line(staff, "/p/demo", 'data-lang="fr"')), host="localhost") as site:
        listed(site)
        page = window()
        page.goto(site)
        frame = frame_of(page)
        frame.get_by_label("Recherche").fill(title)
        frame.get_by_label("Recherche").press("Enter")
        frame.get_by_role("link", name=title).click()
        expect(frame.get_by_role("button", name="S’inscrire")).to_be_visible()
        tall = height_of(page)
        frame.get_by_role("link", name="Toutes les séances").click()
        expect(frame.get_by_label("Recherche")).to_be_visible()
        page.wait_for_function("height => document.querySelector('iframe').getBoundingClientRect().height !== height", arg=tall)


def test_a_site_that_is_not_listed_shows_the_link(window: Window, staff: Staff, listed: Callable[..., None]) -> None:
    with site_running(page_with(line(staff, "/p/demo")), host="localhost") as site:
        listed("https://www.studio.example")
        page = window(Kind(complains=False))
        with page.expect_console_message(lambda message: "frame-ancestors" in message.text):
            page.goto(site)
        expect(page.get_by_role("link", name="Book at Demo")).to_be_visible()
        assert height_of(page) == 0
        page.get_by_role("link", name="Book at Demo").click()
        expect(page.get_by_role("heading", name="Sessions")).to_be_visible()
        assert page.url == f"{staff.stack.url}/p/demo"


def test_a_site_without_scripts_shows_the_link(window: Window, staff: Staff, listed: Callable[..., None]) -> None:
    with site_running(page_with(line(staff, "/p/demo")), host="localhost") as site:
        listed(site)
        page = window(Kind(javascript=False))
        page.goto(site)
        expect(page.get_by_role("link", name="Book at Demo")).to_be_visible()
        assert page.locator("iframe").count() == 0


def test_messages_of_others_change_no_height(window: Window, staff: Staff, listed: Callable[..., None]) -> None:
    stranger = "<iframe name=stranger srcdoc=\"<script>parent.postMessage({rollbook: {height: 4321}}, '*')</script>\"></iframe>"
    with site_running(page_with(line(staff, "/p/demo")), host="localhost") as site:
        listed(site)
        page = window()
        page.goto(site)
        expect(frame_of(page).get_by_label("Search", exact=True)).to_be_visible()
        told = page.evaluate(
            """html => new Promise(told => {
              addEventListener("message", event => event.data.rollbook?.height === 4321 && told(true));
              document.body.insertAdjacentHTML("beforeend", html);
              postMessage({rollbook: {height: 4321}}, "*");
            })""",
            stranger,
        )
        assert told
        assert height_of(page) not in {0, 4321}


def test_a_button_that_leads_out_of_the_frame_opens_a_window(window: Window) -> None:
    """Paying: neither our page of the payment nor Stripe's may be in a frame."""
    inside = (STATIC / "frame.js").read_text(encoding="utf-8")
    form = '<!doctype html><title>b</title><form method="post" action="/invoice/1/checkout"><button>Pay</button></form>'
    with site_running({"/b": f"{form}<script>{inside}</script>"}) as site:
        page = window(Kind(complains=False))
        page.goto(f"{site}/b?embed=1")
        with page.expect_popup():
            page.get_by_role("button", name="Pay").click()
        assert page.url == f"{site}/b?embed=1"
