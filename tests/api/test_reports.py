"""Reports over HTTP: as JSON, as CSV, as a picture."""

from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

import pytest

from chalicelib.operations import figures
from chalicelib.rules.reports import NAMES
from tests.api.bodies import price_body
from tests.api.tenants import Office, World, stream_follows

SVG = "{http://www.w3.org/2000/svg}"
TITLE = 'Judo <"&>'


@pytest.fixture(scope="module")
def filled() -> dict[str, str]:
    """Ids of resources that are created once per module."""
    return {}


@pytest.fixture
def booked(demo: Office, filled: dict[str, str]) -> str:
    """A session of five spots at 12.50 each with two bookings, one of them paid."""
    if "session" not in filled:
        session = demo.session(title=TITLE, tags=["kids"])
        registrations = [demo.register(session) for _ in range(2)]
        paid = {"amount": {"amount": 1250, "currency": "EUR"}, "method": "cash"}
        assert demo.call("POST", f"/registrations/{registrations[0]['id']}/payments", paid).status < 300
        stream_follows(demo, session)
        figures.note_change(None, {"pk": {"S": f"demo#{session}"}}, change="x", now=datetime.now(UTC))
        filled["session"] = session
    return filled["session"]


def report(office: Office, name: str, **query: str) -> Any:
    query_text = "&".join(f"{key}={value}" for key, value in query.items())
    response = office.call("GET", f"/reports/{name}?{query_text}", by="viewer")
    assert response.status == 200, response.text
    return response.json


@pytest.mark.parametrize("name", NAMES)
def test_every_report_has_a_value_for_each_of_its_columns(demo: Office, booked: str, name: str) -> None:
    found = report(demo, name)
    assert found["name"] == name
    assert found["from"] < found["to"]
    assert found["current"] is True
    for row in (*found["rows"], *found["totals"]):
        assert {column["name"] for column in found["columns"]} <= row.keys()


def test_amounts_are_money(demo: Office, booked: str) -> None:
    (row,) = [row for row in report(demo, "revenue", by="session")["rows"] if row["key"] == booked]
    assert (row["label"], row["registrations"]) == (TITLE, 2)
    assert row["booked"] == {"amount": 2500, "currency": "EUR"}
    assert row["paid"] == {"amount": 1250, "currency": "EUR"}


def test_reports_count_spots_and_money_so_merging_customers_changes_none(world: World) -> None:
    demo = world.demo
    stays, goes, session = demo.customer(), demo.customer(), demo.session()
    for one, child in ((stays, "Kim"), (goes, "Lou")):
        demo.register(session, one["email"], child)
    stream_follows(demo, session)
    figures.note_change(None, {"pk": {"S": f"demo#{session}"}}, change="merge", now=datetime.now(UTC))
    before = {name: report(demo, name) for name in NAMES}
    (row,) = [row for row in report(demo, "revenue", by="session")["rows"] if row["key"] == session]
    assert row["registrations"] == 2
    assert demo.call("POST", f"/customers/{goes['id']}/merge", {"into": stays["id"]}).status == 200
    figures.note_change(None, {"pk": {"S": f"demo#{session}"}}, change="merged", now=datetime.now(UTC))
    assert {name: report(demo, name) for name in NAMES} == before
    of_both = demo.call("GET", f"/customers/{stays['id']}").json
    assert (of_both["id"], demo.call("GET", f"/customers/{goes['id']}").status) == (stays["id"], 410)


def test_codes_count_when_they_are_made_handed_out_and_deleted(demo: Office) -> None:
    contract = demo.contract()["id"]
    first, second, third = demo.codes(contract, demo.price(contract)["id"], 3)

    def counted() -> tuple[int, int]:
        (row,) = [row for row in report(demo, "codes")["rows"] if row["key"] == contract]
        return row["made"], row["handed_out"]

    assert counted() == (3, 0)
    for code in (first, second):
        assert demo.call("PATCH", f"/contracts/{contract}/codes/{code}", {"handed_out": True}).status == 200
    assert counted() == (3, 2)
    assert demo.call("PATCH", f"/contracts/{contract}/codes/{second}", {"handed_out": False}).status == 200
    for code in (first, third):
        assert demo.call("DELETE", f"/contracts/{contract}/codes/{code}").status == 204
    assert counted() == (1, 0)
    figures.recount_codes("demo")
    assert counted() == (1, 0)


def test_a_participants_code_is_handed_out_at_once(demo: Office) -> None:
    contract = demo.contract()["id"]
    participant, price = demo.participant(contract)["id"], demo.price(contract, **price_body())["id"]
    assert demo.call("POST", f"/contracts/{contract}/participants/{participant}/code", {"width": 8, "price": price}).status == 201
    (row,) = [row for row in report(demo, "codes")["rows"] if row["key"] == contract]
    assert (row["made"], row["handed_out"]) == (1, 1)


def test_a_report_as_csv(demo: Office, booked: str) -> None:
    response = demo.call("GET", "/reports/revenue.csv?by=tag", by="viewer", headers={"Accept-Language": "fr"})
    assert response.headers["content-type"].startswith("text/csv")
    header, *lines = response.text.splitlines()
    assert header.startswith("\ufeff\u00c9tiquette") or header.startswith("\ufeffTag")
    assert any(line.startswith("kids,EUR,2,25.00") for line in lines)


def test_the_picture_of_a_report_is_well_formed_and_described(demo: Office, booked: str) -> None:
    response = demo.call("GET", "/reports/occupancy.svg?by=session", by="viewer")
    assert response.headers["content-type"].startswith("image/svg+xml")
    drawn = ElementTree.fromstring(response.text)
    texts = [found.text for found in drawn.iter(f"{SVG}text")]
    assert TITLE in texts
    assert "2 / 5 · 40%" in texts
    named = {found.get("id") for found in drawn if found.tag in {f"{SVG}title", f"{SVG}desc"}}
    assert set(drawn.get("aria-labelledby", "").split()) == named
    assert not [found for found in drawn.iter() if "style" in found.attrib]


@pytest.mark.parametrize("query", ["from=yesterday", "by=week", "from=2026-02-02&to=2026-02-01", "from=2000-01-01&to=2026-01-01"])
def test_a_period_or_division_that_makes_no_sense_is_refused(demo: Office, query: str) -> None:
    response = demo.call("GET", f"/reports/occupancy?{query}", by="viewer")
    assert (response.status, response.json["code"]) == (422, "validation_failed")
    assert len(response.json["errors"]) == 1


def test_an_unknown_report_is_not_found(demo: Office) -> None:
    assert demo.call("GET", "/reports/weather", by="viewer").status == 404


def test_leaders_read_no_report(demo: Office) -> None:
    assert demo.call("GET", "/reports/revenue", by="leader").status == 403
