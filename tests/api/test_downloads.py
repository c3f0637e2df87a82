"""What is too large for an answer is fetched by a link: every CSV file of the API and of the pages, and what else may grow so large."""

import re

import pytest

from chalicelib import clients
from chalicelib.api.endpoints import Endpoint, every
from chalicelib.config import config
from chalicelib.operations import downloads
from chalicelib.pages import views
from chalicelib.web.audience import Staff
from tests.api.route_things import THINGS
from tests.api.tenants import Office
from tests.http import call, gateway
from tests.pages.browser import Browser

CSV = "text/csv"
TABLES = [one for one in every() if CSV in (one.kind, *one.endings.values())]
LARGE = [one for one in every() if 303 in one.gives and one not in TABLES and isinstance(one.who, Staff)]
PAGES = [one for one in views.every() if one.path.endswith(".csv")]


def path_of(path: str, demo: Office) -> str:
    """Fill the names of a path with what there is."""
    names = re.findall(r"{(\w+)}", path)
    filled = {"org": "demo"}
    for name in ("batch" if "batch" in names else names[-1], *names):
        made = _batch(demo) if name == "batch" else THINGS["report" if name == "name" else name](demo)
        filled |= {found: value for found, value in made.items() if found not in filled}
    return re.sub(r"{(\w+)}", lambda name: filled[name[1]], path)


def _batch(demo: Office) -> dict[str, str]:
    contract = demo.contract()["id"]
    body = {"quantity": 2, "width": 8, "price": demo.price(contract)["id"]}
    return {"contract": contract, "batch": demo.call("POST", f"/contracts/{contract}/codes", body).json["batch"]}


def kept(location: str) -> str:
    key = location.partition("?")[0].partition(".amazonaws.com/")[2]
    return clients.s3().get_object(Bucket=config().imports_bucket, Key=key)["Body"].read().decode()


def test_there_are_such_files() -> None:
    assert len(TABLES) >= 8
    assert len(PAGES) >= 9
    assert {one.id for one in LARGE} == {"customers.export_customer", "rosters.read_roster"}


@pytest.mark.parametrize("declared", TABLES, ids=lambda one: one.id)
def test_a_table_of_the_api_too_large_to_answer_is_fetched_by_a_link(
    demo: Office, monkeypatch: pytest.MonkeyPatch, declared: Endpoint
) -> None:
    ending = next((ending for ending, kind in declared.endings.items() if kind == CSV), "")
    query = {"format": "csv"} if "format" in declared.query else {}
    path = path_of(declared.path, demo) + ending + ("?format=csv" if query else "")
    whole = call("GET", path, token=demo.tokens["owner"])
    assert (whole.status, whole.headers["content-type"].partition(";")[0]) == (200, CSV), whole.text
    monkeypatch.setattr(downloads, "MOST_BYTES", 10)
    response = call("GET", path, token=demo.tokens["owner"])
    assert response.status == 303, response.text
    assert 303 in declared.gives
    assert kept(response.headers["location"]).splitlines()[0] == whole.text.splitlines()[0]


@pytest.mark.parametrize("declared", LARGE, ids=lambda one: one.id)
def test_json_too_large_to_answer_is_fetched_by_a_link(demo: Office, monkeypatch: pytest.MonkeyPatch, declared: Endpoint) -> None:
    path = path_of(declared.path, demo)
    whole = call("GET", path, token=demo.tokens["owner"])
    monkeypatch.setattr(downloads, "MOST_BYTES", 10)
    response = call("GET", path, token=demo.tokens["owner"])
    assert (whole.status, response.status) == (200, 303)
    assert kept(response.headers["location"]) == whole.text


@pytest.mark.parametrize("shown", PAGES, ids=lambda one: one.path)
def test_a_table_of_a_page_too_large_to_answer_is_fetched_by_a_link(
    demo: Office, monkeypatch: pytest.MonkeyPatch, shown: views.Page
) -> None:
    browser = Browser(gateway)
    browser.cookies["rollbook-access"] = demo.tokens["owner"]
    path = path_of(shown.path, demo)
    whole = browser.get(path)
    assert (whole.status, whole.headers["content-type"].partition(";")[0]) == (200, CSV)
    monkeypatch.setattr(downloads, "MOST_BYTES", 10)
    response = browser.get(path)
    assert response.status == 303
    assert kept(response.headers["location"]).splitlines()[0] == whole.html.splitlines()[0]
