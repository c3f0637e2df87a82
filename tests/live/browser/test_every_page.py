"""JavaScript features, and accessibility, layout and weight of every page."""

import time
import uuid
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.live.browser import axe
from tests.live.browser.conftest import Kind, sign_in
from tests.live.http.conftest import Staff
from tests.live.stack import Stack

pytestmark = pytest.mark.live

Window = Callable[..., Page]
Look = Callable[..., list[str]]
KINDS = [Kind(), Kind(width=360)]
NARROWEST = 320
WORD = "Donaudampfschifffahrtsgesellschaftskapitänsausbildung"
ADDRESS = "https://example.org/a/very/long/path/to/some/document/that/does/not/break/anywhere.pdf"
LONG = "Ana-Sofía Fernández-de-la-Reguera y Ortiz-Monasterio"


def fresh(name: str) -> str:
    return f"{name}-{uuid.uuid4().hex[:8]}@example.org"


@pytest.fixture(scope="module")
def busy(staff: Staff) -> dict[str, str]:
    """Create a session with every kind of content; return the paths of its pages."""
    tiers = [{"name": name, "price": {"amount": 1250, "currency": "EUR"}} for name in ("Child", "Sibling")]
    questions = [{"label": "Size", "kind": "choice", "options": ["S", "M"]}, {"label": "Age", "kind": "number", "required": True}]
    tiers.append({"name": WORD, "price": {"amount": 1250, "currency": "EUR"}})
    questions.append({"label": WORD, "kind": "text"})
    session = staff.session(title=WORD, spots=6, tiers=tiers, questions=questions, description=f"Read {ADDRESS}", location=ADDRESS)
    staff.invite(session, fresh("a-very-long-address-that-does-not-want-to-be-broken"), note="Scholarship")
    staff.invite(session, fresh("extra"), party_size=7, confirm_over_capacity=True)
    locked = staff.invite(session, fresh("locked"), forwarding="locked").json
    waits = staff.invite(session, fresh("waits"), forwarding="approve").json
    body = {"email": fresh("other"), "name": LONG, "participants": [{"name": "Kim"}], "tier": "t1", "answers": {"q2": 8}}
    assert staff.stack.call("POST", "/v1/invitations/" + waits["link"].rpartition("/i/")[2] + "/accept", body).status == 202
    reply = staff.stack.call("POST", f"/v1/portal/demo/sessions/{session}/registrations", {**body, "party_size": 2})
    assert reply.status == 201, reply.body
    agreed = next(one for one in staff.call("GET", "/contracts").json["items"] if one["client"] == "Helvia Insurance")
    contract = f"/contracts/{agreed['id']}"
    participant = staff.call("GET", f"{contract}/participants").json["items"][0]["id"]
    price = staff.call("GET", f"{contract}/prices").json["items"][0]["id"]
    batch = staff.call("POST", f"{contract}/codes", {"quantity": 3, "width": 6, "price": price, "note": "Reception"}).json
    many = staff.call("POST", f"{contract}/codes", {"quantity": 1_001, "width": 9, "price": price}).json
    code = f"/o/demo{contract}/codes/{batch['codes'][0]['code']}"
    ana = {"new_customer": {"name": LONG, "email": fresh("invoiced")}, "participants": [{"name": "Kim"}], "billing": {"method": "invoice"}}
    invoice = staff.call("POST", f"/sessions/{staff.session()}/registrations", ana).json["invoice"]
    return {
        "invoices": "/o/demo/invoices",
        "correct invoice": f"/o/demo/invoices/{invoice['number']}/correct",
        "invoice": "/invoice/" + invoice["link"].rpartition("/")[2],
        "integrations": "/o/demo/integrations",
        "embedding": "/o/demo/integrations/embedding",
        "session in a frame": f"/p/demo/sessions/{session}?embed=1",
        "contracts": "/o/demo/contracts",
        "new contract": "/o/demo/contracts/new",
        "prices": f"/o/demo{contract}",
        "new price": f"/o/demo{contract}/prices/new",
        "contract's participants": f"/o/demo{contract}/participants",
        "contract's participant": f"/o/demo{contract}/participants/{participant}",
        "codes": f"/o/demo{contract}/codes",
        "codes that were sought": f"/o/demo{contract}/codes?q=nothing",
        "generate codes": f"/o/demo{contract}/batches/new",
        "batch": f"/o/demo{contract}/batches/{batch['batch']}",
        "codes under way": f"/o/demo/jobs/{many['job']}",
        "code": code,
        "edit code": f"{code}/edit",
        "delete code": f"{code}/delete",
        "code for one": f"/o/demo{contract}/participants/{participant}/code",
        "I have a code": "/p/demo/code",
        "today": "/o/demo",
        "sessions": "/o/demo/sessions",
        "roster": f"/o/demo/sessions/{session}",
        "invitations": f"/o/demo/sessions/{session}?tab=invitations",
        "capacity": f"/o/demo/sessions/{session}?tab=capacity",
        "new session": "/o/demo/sessions/new",
        "edit": f"/o/demo/sessions/{session}/edit",
        "cancel": f"/o/demo/sessions/{session}/cancel",
        "add": f"/o/demo/sessions/{session}/invite",
        "registration": f"/o/demo/registrations/{reply.json['id']}",
        "add by hand": f"/o/demo/sessions/{session}/add?q=a",
        "party": f"/o/demo/registrations/{reply.json['id']}/party",
        "contact": f"/o/demo/registrations/{reply.json['id']}/contact",
        "billing": f"/o/demo/registrations/{reply.json['id']}/billing",
        "transfer": f"/o/demo/registrations/{reply.json['id']}/transfer",
        "answers": f"/o/demo/registrations/{reply.json['id']}/answers",
        "move several": f"/o/demo/sessions/{session}/selected/move?to={reply.json['id']}",
        "search": "/o/demo/search?q=a",
        "orders": "/o/demo/orders",
        "customers": "/o/demo/customers",
        "new customer": "/o/demo/customers/new",
        **_customers(staff),
        **_waitlist(staff),
        "settings": "/o/demo/settings",
        "staff": "/o/demo/staff",
        "e-mails": "/o/demo/templates",
        "words of an e-mail": "/o/demo/templates/confirmation/fr",
        "public sessions": "/p/demo",
        "public week": "/p/demo?view=week",
        "share": f"/o/demo/sessions/{session}/share",
        "picture": f"/o/demo/sessions/{session}/picture",
        "logo": "/o/demo/settings/logo",
        "public session": f"/p/demo/sessions/{session}",
        "invitation": "/i/" + locked["link"].rpartition("/i/")[2],
        "waiting": "/i/" + waits["link"].rpartition("/i/")[2] + "/waiting",
        "decline": "/i/" + locked["link"].rpartition("/i/")[2] + "/decline",
        "nothing": "/nothing/here",
        "forgotten": "/forgot",
        "choose": "/?choose=1",
        "docs": "/docs",
    }


def _customers(staff: Staff) -> dict[str, str]:
    """Create a customer with every kind of content and a group; return the paths of their pages."""
    group = staff.call("POST", "/groups", {"name": f"Judo {uuid.uuid4().hex[:6]}"}).json["id"]
    children = [{"name": LONG, "date_of_birth": "2019-02-01"}, {"name": "Kim"}]
    body = {"name": LONG, "email": fresh("everything"), "participants": children, "groups": [group], "fields": {"Level": "blue"}}
    customer = staff.call("POST", "/customers", body).json["id"]
    other = staff.call("POST", "/customers", {"name": "Other", "email": fresh("other-one")}).json["id"]
    path = f"/o/demo/customers/{customer}"
    return {
        "customers of a group": f"/o/demo/customers?group={group}",
        "customer": path,
        "customer's messages": f"{path}/messages",
        "edit customer": f"{path}/edit",
        "merge customer": f"{path}/merge?q=a",
        "merge customer into": f"{path}/merge?into={other}",
        "erase customer": f"{path}/erase",
        "groups": "/o/demo/groups",
        "group": f"/o/demo/groups/{group}?q=other",
        "delete group": f"/o/demo/groups/{group}/delete",
    }


def _waitlist(staff: Staff) -> dict[str, str]:
    """Create a full session whose waitlist has an offer, a waiting entry and one that left; return the paths of its pages."""
    session = staff.session(spots=1)
    staff.invite(session, fresh("before"), party_size=1)
    form = {"name": LONG, "spots": 1}
    path = f"/v1/portal/demo/sessions/{session}/waitlist"
    places = [staff.stack.call("POST", path, {**form, "email": fresh(name)}).json["link"] for name in ("ana", "ben", "cleo")]
    assert staff.stack.call("POST", f"/v1/waitlist/{places[2].rpartition('/')[2]}/leave").status == 204
    assert staff.call("PATCH", f"/sessions/{session}", {"spots_total": 2}).status == 200
    return {
        "waitlist": f"/o/demo/sessions/{session}/waitlist",
        "put on the waitlist": f"/o/demo/sessions/{session}/waitlist/add",
        "full session": f"/p/demo/sessions/{session}",
        "place on the waitlist": "/waitlist/" + places[1].rpartition("/")[2],
    }


WATCH = (
    "window.shifted = 0; new PerformanceObserver(list => { for (const one of list.getEntries()) shifted += one.value })"
    ".observe({type: 'layout-shift', buffered: true})"
)
TOO_WIDE = (
    "[...document.querySelectorAll('main *')].filter(one => one.getBoundingClientRect().right > innerWidth)"
    ".map(one => one.outerHTML.slice(0, 90))"
)
TOO_SMALL = (
    "aimed => [...document.querySelectorAll(aimed)].filter(one => one.checkVisibility({checkVisibilityCSS: true}))"
    ".filter(one => !one.closest('.hush') && !one.matches('.more > summary') && one.getBoundingClientRect().height < 44)"
    ".map(one => one.outerHTML.slice(0, 90))"
)
LENGTHEN = """
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (texts.nextNode())
        texts.currentNode.data = texts.currentNode.data.replace(/\\p{L}{3,}/gu, word => word + word.slice(0, Math.ceil(word.length * .4)))
"""
AIMED_AT = "button, a.button, summary, nav a, input:not([type=hidden], [type=checkbox], [type=radio]), select"


def mistakes(page: Page, kind: Kind) -> list[str]:
    """Return what of the page moves while it loads, does not fit the window or, on a phone, is too small for a finger."""
    shifted = page.evaluate("shifted")
    found = [f"moved by {shifted}"] if shifted >= 0.01 else []
    return found + misfits(page, kind)


def misfits(page: Page, kind: Kind) -> list[str]:
    found = [f"too wide: {page.evaluate(TOO_WIDE)}"] if page.evaluate("document.documentElement.scrollWidth") > kind.width else []
    return found + [f"too small: {one}" for one in (page.evaluate(TOO_SMALL, AIMED_AT) if kind.phone else [])]


def misfits_of_longer_words(page: Page) -> list[str]:
    """Return what does not fit the narrowest window in a language whose words are longer by 40 per cent (R23). They stay on the page."""
    before = page.viewport_size
    assert before
    page.set_viewport_size({"width": NARROWEST, "height": before["height"]})
    page.evaluate(LENGTHEN)
    found = misfits(page, Kind(width=NARROWEST))
    page.set_viewport_size(before)
    return [f"with longer words {one}" for one in found]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.width)
def test_pages_are_accessible_and_fit_the_window(kind: Kind, window: Window, busy: dict[str, str], look: Look, stack: Stack) -> None:
    """On a phone in light mode, on a desktop in dark mode. Nothing is loaded from other origins."""
    page = window(kind)
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.emulate_media(color_scheme="light" if kind.phone else "dark")
    sign_in(page)
    page.add_init_script(WATCH)
    page.add_init_script(axe.source())  # Once, instead of half a megabyte for each page.
    found: dict[str, list[str]] = {}

    def see(name: str, within: str = "html") -> None:
        found[name] = look(page, within)

    for name, path in busy.items():
        page.goto(path)
        fits = mistakes(page, kind)
        see(name)
        found[name] += fits
        if kind.phone:
            found[name] += misfits_of_longer_words(page)
    page.goto(busy["roster"])
    page.get_by_role("link", name="Add participant").first.click()
    see("dialog")
    page.get_by_role("button", name="Send invite").click()
    page.wait_for_selector("dialog .summary")
    see("dialog with mistakes")
    page.keyboard.press("Escape")
    page.locator(".people summary").first.click()
    see("menu", ".people .menu[open]")
    page.goto(busy["public session"])
    page.get_by_role("button", name="Register").click()
    see("form with mistakes")
    assert {name: wrong for name, wrong in found.items() if wrong} == {}
    assert {url for url in requests if not url.startswith((stack.url, "data:"))} == set()


def test_axe_notices_a_violation(window: Window, look: Look) -> None:
    page = window()
    page.goto("/")
    page.evaluate("document.querySelector('label').remove()")
    assert [one for one in look(page) if one.startswith("label")]


def test_longer_words_that_do_not_fit_are_noticed(window: Window) -> None:
    page = window(Kind(width=360))
    page.goto("/")
    page.evaluate(
        "const label = document.querySelector('label'); label.textContent = 'Benefit '.repeat(4); label.style.whiteSpace = 'nowrap'"
    )
    assert misfits(page, Kind(width=360)) == []
    assert misfits_of_longer_words(page)


def test_a_double_click_submits_once(window: Window, staff: Staff) -> None:
    session = staff.session()
    page = window()
    sign_in(page, f"/o/demo/sessions/{session}/invite")
    page.get_by_label("E-mail").fill(fresh("ana"))
    sent: list[str] = []

    def slowly(route: Route) -> None:
        if route.request.method == "POST" and "find=" not in (route.request.post_data or ""):  # A search while one types is another.
            sent.append(route.request.url)
            time.sleep(0.3)
        route.continue_()

    page.route("**/invite", slowly)
    page.evaluate("for (let i = 0; i < 3; i++) document.querySelector('.invite .primary').click()")
    expect(page.get_by_role("status")).to_contain_text("its spots are held")
    assert len(sent) == 1
    assert staff.spots(session)["held"] == 1


def test_after_going_back_the_form_can_be_submitted_again(window: Window, staff: Staff) -> None:
    session = staff.session()
    page = window()
    sign_in(page)
    for name in ("ana", "ben"):
        page.goto(f"/o/demo/sessions/{session}/invite") if name == "ana" else page.go_back()
        page.get_by_label("E-mail").fill(fresh(name))
        page.get_by_role("button", name="Send invite").click()
        expect(page.get_by_role("status")).to_contain_text("its spots are held")
    assert staff.spots(session)["held"] == 2


def test_the_link_is_copied(window: Window, staff: Staff) -> None:
    session, ana = staff.session(), fresh("ana")
    link = staff.invite(session, ana).json["link"]
    page = window()
    sign_in(page, f"/o/demo/sessions/{session}")
    row = page.get_by_role("row").filter(has_text=ana)
    row.locator("summary").click()
    row.get_by_text("Copy link").click()
    expect(page.locator("#live")).to_have_text("Link copied")
    assert page.evaluate("navigator.clipboard.readText()") == link


def test_the_list_is_searched_while_one_types(window: Window, busy: dict[str, str]) -> None:
    page = window()
    sign_in(page, busy["roster"])
    rows = page.locator(".people tbody tr:visible")
    everybody = rows.count()
    assert everybody > 3
    page.locator("main").get_by_role("searchbox").fill("EXTRA-")
    expect(rows).to_have_count(1)
    page.locator("main").get_by_role("searchbox").fill("nobody at all")
    expect(page.get_by_text("No match on this roster.")).to_be_visible()
    page.locator("main").get_by_role("searchbox").fill("")
    expect(rows).to_have_count(everybody)


@pytest.mark.parametrize(("name", "query"), [("invitation", ""), ("public sessions", f"?q={WORD}")])
def test_a_first_visit_takes_four_requests_and_sixty_kilobytes(name: str, query: str, window: Window, busy: dict[str, str]) -> None:
    """Pictures, which staff upload, come on top, and so do the sessions that other tests have made."""
    page = window()
    sizes: list[int] = []
    page.on("response", lambda response: sizes.append(len(response.body())) if response.request.resource_type != "image" else None)
    page.goto(busy[name] + query, wait_until="networkidle")
    assert len(sizes) <= 4
    assert sum(sizes) <= 60_000
