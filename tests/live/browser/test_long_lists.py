"""Lists that are longer than a page, in Chromium: every row can be reached, once, in the order that the API has with any limit."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.live.browser.conftest import Kind, sign_in
from tests.live.http.conftest import Staff, in_days
from tests.live.http.test_roster_messages import SOON, finished, mail
from tests.live.stack import Stack, running

pytestmark = pytest.mark.live

ROWS, COURSES, THREADS = 105, 55, 2
"""More than the hundred rows of the longest page, and than the fifty of a page of sessions."""
NAME = "Quentin"
AUDITED = {
    "session": "/sessions/",
    "registration": "/registrations/",
    "customer": "/customers/",
    "contract": "/contracts/",
    "job": "/jobs/",
}
ENDED = ("deleted", "erased", "merged")
Items = list[dict[str, Any]]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack of its own: hundreds of rows would push those of other tests to other pages."""
    with running(tmp_path_factory.mktemp("long") / "state", demo=False) as started:
        yield started


@pytest.fixture(scope="module")
def staff(stack: Stack) -> Staff:
    return Staff(stack, stack.sign_in())


@dataclass(frozen=True)
class List:
    """A list of a page: where its rows are in the page, and the same list of the API."""

    path: str
    rows: str
    attribute: str
    api: str
    expected: Callable[[dict[str, Any]], str | None]
    """What a row of the API shows in the attribute; None for one that the page leaves out."""
    search: str = ""
    matching: Callable[[dict[str, Any]], bool] = lambda _: True


@pytest.fixture(scope="module")
def lists(staff: Staff) -> dict[str, List]:
    """Fill each list with more rows than a page has."""

    def made(path: str, body: Any) -> Any:
        response = staff.call("POST", path, body)
        assert response.status in {201, 202}, response.body
        return response.json

    group = made("/groups", {"name": "Swimmers"})["id"]
    contract = made("/contracts", {"name": "Acme", "client": "Acme", "prefix": "ACME"})["id"]
    hall = staff.session(spots=ROWS + 5, title="Full hall", meetings=[{"starts_at": in_days(3), "ends_at": in_days(3.05)}])

    def fill(number: int) -> str:
        who = {"name": f"{NAME} {number:03}", "email": f"q{number}@example.org"}
        customer = made("/customers", {**who, "groups": [group]})["id"]
        made(f"/contracts/{contract}/participants", {"client_id": f"P{number}", **who})
        if number < COURSES:
            staff.session(
                title=f"{NAME}’s class {number}",
                tags=["clay"],
                meetings=[{"starts_at": in_days(5 + number), "ends_at": in_days(5.05 + number)}],
            )
        booked = {"customer": customer, "participants": [{"name": f"Child {number}"}], "billing": {"method": "later"}}
        return str(made(f"/sessions/{hall}/registrations", booked)["id"])

    with ThreadPoolExecutor(THREADS) as pool:
        registration, *_ = pool.map(fill, range(ROWS))
    finished(staff, mail(staff, hall).json["job"])
    staff.stack.run_schedules(within=SOON)
    root, of_org = "/o/demo", "/v1/orgs/demo"

    def link(folder: str, *, name: str = "id") -> Callable[[dict[str, Any]], str]:
        return lambda one: f"{folder}/{one[name]}"

    def to_come(one: dict[str, Any]) -> str | None:
        return one["id"] if one["state"] in {"open", "full", "upcoming", "closed"} and one["id"] != hall else None

    def quentin(one: dict[str, Any]) -> bool:
        return NAME in one["name"]

    def named(one: dict[str, Any]) -> bool:
        return str(one["title"]).startswith(NAME)

    def audited(one: dict[str, Any]) -> str | None:
        kind, _, action = one["action"].rpartition(".")
        return f"{root}{AUDITED[kind]}{one['thing']}" if kind in AUDITED and one["thing"] and action not in ENDED else None

    people, members = f"{root}/customers", f"{of_org}/customers?group={group}"
    under, sessions = f"/contracts/{contract}/participants", f"{root}/sessions"
    return {
        "customers": List(people, "#customers tbody th a", "href", f"{of_org}/customers?", link(people), NAME, quentin),
        "group members": List(f"{root}/groups/{group}", "#members tbody th a", "href", members, link(people)),
        "participants": List(root + under, "#participants tbody th a", "href", f"{of_org}{under}?", link(root + under), NAME, quentin),
        "orders": List(
            f"{root}/orders?status=unpaid", ".people tbody th a", "href", f"{of_org}/orders?status=unpaid", link(f"{root}/registrations")
        ),
        "messages": List(
            f"{sessions}/{hall}?tab=messages", ".people tbody th a", "href", f"{of_org}/sessions/{hall}/messages?", link(f"{root}/messages")
        ),
        "sessions": List(
            sessions,
            "ul.list > li > a",
            "href",
            f"{of_org}/sessions?",
            lambda one: f"{sessions}/{one['id']}" if to_come(one) or one["id"] == hall else None,
            NAME,
            named,
        ),
        "move to": List(
            f"{root}/registrations/{registration}/transfer",
            "input[name=to_session]",
            "value",
            f"{of_org}/sessions?",
            to_come,
            NAME,
            named,
        ),
        "public list": List("/p/demo", ".offers h2 a", "href", "/v1/portal/demo/sessions?", link("/p/demo/sessions"), NAME, named),
        "audit log": List(f"{root}/audit", ".log .between a:not([href*=thing])", "href", f"{of_org}/audit?", audited),
    }


NAMES = ["customers", "group members", "participants", "orders", "messages", "sessions", "move to", "public list", "audit log"]


def from_the_api(staff: Staff, path: str, limit: int) -> Items:
    """Return the rows of all pages."""
    first = f"{path}&limit={limit}"
    page = staff.stack.call("GET", first, token=staff.token).json
    found: Items = page["items"]
    while page["next"]:
        page = staff.stack.call("GET", f"{first}&cursor={page['next']}", token=staff.token).json
        found = [*found, *page["items"]]
    return found


def walked(page: Page, one: List) -> tuple[list[str], int]:
    """Return what the rows of this and all following pages show, and the number of pages."""
    found, pages = list[str](), 0
    while True:
        found += page.locator(one.rows).evaluate_all("(rows, name) => rows.map(row => row.getAttribute(name))", one.attribute)
        pages += 1
        following = page.get_by_role("link", name="Next page")
        if not following.count():
            return found, pages
        here = page.url
        following.click()
        expect(page).not_to_have_url(here)


@pytest.mark.parametrize("name", NAMES)
def test_every_row_is_reached_once_in_one_order(window: Callable[..., Page], staff: Staff, lists: dict[str, List], name: str) -> None:
    one = lists[name]
    page = window(Kind(width=390) if name in {"customers", "public list"} else Kind())
    sign_in(page, one.path)
    found, pages = walked(page, one)
    assert pages > 1
    for limit in (200, 37):
        assert found == [shown for entry in from_the_api(staff, one.api, limit) if (shown := one.expected(entry))], limit
    assert len(found) == len(set(found)) or name == "audit log"
    page.get_by_role("link", name="First page").click()
    expect(page.get_by_role("link", name="First page")).to_have_count(0)


@pytest.mark.parametrize("name", ["customers", "participants", "sessions", "move to", "public list"])
def test_a_search_is_kept_from_page_to_page(window: Callable[..., Page], staff: Staff, lists: dict[str, List], name: str) -> None:
    one = lists[name]
    page = window()
    sign_in(page, one.path)
    page.locator("main").get_by_role("searchbox").fill(one.search)
    page.keyboard.press("Enter")
    page.wait_for_url("**q=*")
    found, pages = walked(page, one)
    wanted = [shown for entry in from_the_api(staff, one.api, 200) if one.matching(entry) and (shown := one.expected(entry))]
    assert (found, pages > 1) == (wanted, True)


def test_the_audit_log_is_read_by_keyboard(window: Callable[..., Page], lists: dict[str, List], look: Callable[..., list[str]]) -> None:
    """Filter, open what changed, go to the next page and back to the first; each of these pages is accessible."""
    page = window(Kind(width=390))
    sign_in(page, "/o/demo/audit")
    assert look(page) == []
    page.get_by_label("Who", exact=True).focus()
    page.keyboard.type("owner@demo.test")
    page.keyboard.press("Enter")
    page.wait_for_url("**actor=owner%40demo.test*")
    actors = page.locator(".log .between p.quiet")
    assert actors.count() == 50
    summary = page.locator(".log summary").first
    for _ in range(200):
        page.keyboard.press("Tab")
        if summary.evaluate("one => one === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(page.locator(".log details[open] table")).to_be_visible()
    assert look(page) == []
    page.get_by_role("link", name="Next page").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**cursor=*")
    assert "actor=owner%40demo.test" in page.url
    assert look(page) == []
    page.get_by_role("link", name="First page").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "cursor" not in url)
    assert actors.count() == 50
