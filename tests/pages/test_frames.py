"""Public pages in a frame on the provider's own site: who may hold them, and what is different there."""

from collections.abc import Callable
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from chalicelib.operations import organisations, sessions
from chalicelib.pages import assets, frames
from chalicelib.pages.responses import POLICY
from chalicelib.pages.views import every
from chalicelib.rules.customers import Customer
from chalicelib.rules.inputs.organisations import OrganisationChanges
from chalicelib.rules.sessions import Session
from chalicelib.tables import customers
from tests.aws import Demo
from tests.pages.browser import HOST, Browser, Page

SITE, OTHER = "https://www.studio.example", "http://localhost:3000"
FORM = {"name": "Ana Ortiz", "email": "ana@example.org", "party_size": "1", "participants/0/name": "Zoé"}
MOST_BYTES = 3000


@pytest.fixture(autouse=True)
def listed(demo_org: Demo) -> None:
    """Sites that may show the demo organisation's pages."""
    organisations.change("demo", OrganisationChanges(embed_origins=[SITE, OTHER]), expected=None)


def ancestors(page: Page) -> str:
    """Return who may hold the page in a frame. The rest of its policy must be as everywhere."""
    rules = page.headers["content-security-policy"].split("; ")
    (found,) = [rule for rule in rules if rule.startswith("frame-ancestors ")]
    assert [rule for rule in rules if rule != found] == [rule for rule in POLICY.split("; ") if not rule.startswith("frame-ancestors ")]
    return found.removeprefix("frame-ancestors ")


def framed(path: str, **query: str) -> str:
    return f"{path}?{'&'.join(f'{name}={value}' for name, value in {'embed': '1', **query}.items())}"


def test_only_listed_sites_may_hold_the_pages(visitor: Browser, session: Session) -> None:
    for path in ("/p/demo", f"/p/demo/sessions/{session.id}", f"/p/demo/sessions/{session.id}/waitlist", "/p/demo/code"):
        assert ancestors(visitor.get(framed(path))) == f"{OTHER} {SITE}", path
        assert ancestors(visitor.get(path)) == "'none'", path
        assert ancestors(visitor.get(f"{path}?embed=2")) == "'none'", path


def test_without_a_list_no_site_may(visitor: Browser, session: Session) -> None:
    organisations.change("demo", OrganisationChanges(embed_origins=[]), expected=None)
    page = visitor.get(framed(f"/p/demo/sessions/{session.id}"))
    assert (page.status, ancestors(page)) == (200, "'none'")


def test_an_organisation_opens_its_own_pages_only(visitor: Browser, now: datetime) -> None:
    organisations.create("other", "Other", now=now)
    assert ancestors(visitor.get(framed("/p/other"))) == "'none'"


@pytest.mark.parametrize("path", ["/", "/o/demo", "/o/demo/settings", "/p/demo/sign-in", "/p/demo/me", "/p/demo/register", "/docs", "/i/x"])
def test_no_other_page_is_ever_in_a_frame(path: str, as_role: Callable[[str], Browser]) -> None:
    assert "frame-ancestors 'none'" in as_role("owner").get(framed(path)).headers["content-security-policy"]


def test_a_booking_in_a_frame_stays_in_it_until_the_confirmation(visitor: Browser, session: Session) -> None:
    page = visitor.get(framed(f"/p/demo/sessions/{session.id}", lang="fr", accent="AA3366"))
    again = visitor.send(page, {**FORM, "email": "no address"})
    assert (again.status, ancestors(again)) == (422, f"{OTHER} {SITE}")
    done = visitor.send(again, FORM)
    assert parse_qs(urlsplit(done.headers["location"]).query) == {"embed": ["1"], "lang": ["fr"], "accent": ["aa3366"]}
    confirmed = visitor.follow(done)
    assert "Votre inscription" in confirmed.text or "Inscription confirmée" in confirmed.text
    assert ancestors(confirmed) == f"{OTHER} {SITE}"
    assert "/b/" in confirmed.path
    assert visitor.cookies == {}


def test_the_place_on_a_waitlist_stays_in_the_frame(visitor: Browser, make_session: Callable[..., Session]) -> None:
    full = make_session(spots_total=1)
    visitor.send(visitor.get(f"/p/demo/sessions/{full.id}"), FORM)
    form = visitor.get(framed(f"/p/demo/sessions/{full.id}/waitlist"))
    place = visitor.follow(visitor.send(form, {"name": "Ben", "email": "ben@example.org", "spots": "1"}))
    assert (place.status, ancestors(place)) == (200, f"{OTHER} {SITE}")
    leaving = visitor.get(next(link for link in place.links if "/leave" in link))
    assert (leaving.status, ancestors(leaving)) == (200, f"{OTHER} {SITE}")


def test_the_same_form_sent_twice_without_cookies_books_once(visitor: Browser, session: Session, today: datetime) -> None:
    page = visitor.get(framed(f"/p/demo/sessions/{session.id}"))
    assert visitor.send(page, FORM).headers["location"] == visitor.send(page, FORM).headers["location"]
    assert sessions.read_session("demo", session.id, now=today).spots.taken == 1


def test_a_form_that_the_other_site_sends_itself_is_refused(visitor: Browser, session: Session) -> None:
    path = framed(f"/p/demo/sessions/{session.id}")
    for origin in (SITE, "null", ""):
        assert visitor.post(path, FORM, Origin=origin).status == 403
    assert visitor.post(path, FORM, Origin=f"http://{HOST}").status == 303


def test_nobody_is_signed_in_in_a_frame(visitor: Browser, token_for: Callable[..., str], session: Session, now: datetime) -> None:
    """A site below the same domain gets the cookies too; what it shows must not act for the person."""
    customers.create(ana := Customer(org="demo", id="ana", email="ana@example.org", name="Ana", created_at=now, status="invited"))
    customers.accept(ana, "user-ana")
    visitor.cookies["rollbook-access"] = token_for("user-ana")
    path = f"/p/demo/sessions/{session.id}"
    assert "Already have an account?" not in visitor.get(path).text
    there = visitor.get(framed(path))
    assert "Already have an account?" in there.text
    confirmed = visitor.follow(visitor.send(there, FORM))
    assert "My account" in visitor.get(confirmed.path.partition("?")[0]).text
    assert "My account" not in confirmed.text
    assert (there.cookies, confirmed.cookies) == ((), ())


def test_links_stay_in_the_frame_where_the_page_is_shown_there(visitor: Browser, session: Session) -> None:
    page = visitor.get(framed(f"/p/demo/sessions/{session.id}", accent="aa3366"))
    assert "/p/demo?embed=1&amp;accent=aa3366" in page.html
    (sign_in,) = [link for link in page.links if "/sign-in" in link]
    assert "embed" not in sign_in
    assert 'class="bar"' not in page.html


def test_a_session_that_is_gone_shows_the_way_to_the_others(visitor: Browser) -> None:
    page = visitor.get(framed("/p/demo/sessions/gone"))
    assert (page.status, ancestors(page)) == (404, f"{OTHER} {SITE}")
    assert "/p/demo?embed=1" in page.links


@pytest.mark.parametrize(
    ("given", "used"), [("aa3366", "aa3366"), ("AA3366", "aa3366"), ("red", "2f5d50"), ("aa3366;}", "2f5d50"), ("", "2f5d50")]
)
def test_the_site_chooses_a_colour(given: str, used: str, visitor: Browser) -> None:
    assert f"/accent/{used}." in visitor.get(framed("/p/demo", accent=given)).html


def test_every_address_in_frames_is_one_of_a_page() -> None:
    assert set(frames.IN_FRAMES) <= {page.path for page in every() if page.method == "GET"}


def test_the_script_is_small_and_cached(visitor: Browser) -> None:
    answer = visitor.get("/embed.js")
    assert (answer.status, answer.headers["content-type"]) == (200, "text/javascript; charset=utf-8")
    assert answer.headers["cache-control"] == "public, max-age=3600"
    assert len(answer.html.encode()) < MOST_BYTES
    assert "/*" not in answer.html
    assert len(answer.html) < len((assets.STATIC / "embed.js").read_text())


def test_every_link_in_the_frame_stays_or_leads_to_another_page(visitor: Browser, session: Session) -> None:
    """A link to a page that is shown in frames, but without the mark, would leave the provider's site."""
    for path in (framed("/p/demo"), framed("/p/demo", view="week"), framed(f"/p/demo/sessions/{session.id}"), framed("/p/demo/code")):
        inside = [link for link in visitor.get(path).links if link.startswith("/")]
        lost = [link for link in inside if frames.is_shown(urlsplit(link).path) and "embed=1" not in link]
        assert inside, path
        assert lost == [], path
