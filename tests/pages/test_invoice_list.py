"""The list of invoices, which staff read."""

import re
from collections.abc import Callable
from datetime import datetime

import pytest

from chalicelib.operations.registrations import add, set_billing, transfer
from chalicelib.pages import invoices as pages
from chalicelib.rules.inputs.roster import AddInput, BillingStatusInput
from chalicelib.rules.invoices import credit_numbered, numbered
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session
from chalicelib.tables import keys
from tests.aws import Demo
from tests.http import call
from tests.pages.browser import Browser
from tests.pages.test_invoices import public_id


def several(make_session: Callable[..., Session], today: datetime, number: int) -> list[Registration]:
    session = make_session(spots_total=20)
    drafts = [
        AddInput.model_validate(
            {
                "new_customer": {"name": f"Guest {index}", "email": f"guest{index}@example.org"},
                "participants": [{"name": "Kim"}],
                "billing": {"method": "invoice"},
            }
        )
        for index in range(number)
    ]
    return [add("demo", session.id, draft, by="owner", key=str(index), now=today).registration for index, draft in enumerate(drafts)]


def test_staff_list_invoices_the_latest_first(
    demo_org: Demo, manager: Browser, make_session: Callable[..., Session], today: datetime
) -> None:
    people = several(make_session, today, 3)
    moved = transfer("demo", public_id(people[1]), make_session(title="Weaving").id, by="owner", key="move", now=today).registration
    set_billing("demo", public_id(moved), BillingStatusInput(status="paid"), by="owner", now=today)
    first = call("GET", "/v1/orgs/demo/invoices?limit=2", token=demo_org.viewer).json
    assert [(one["number"], one["status"]) for one in first["items"]] == [("2026-0003", "open"), ("2026-0002", "paid")]
    assert (first["items"][1]["registration"], first["items"][1]["email"]) == (public_id(moved), "guest1@example.org")
    rest = call("GET", f"/v1/orgs/demo/invoices?limit=2&cursor={first['next']}", token=demo_org.viewer).json
    assert ([one["number"] for one in rest["items"]], rest["next"]) == (["2026-0001"], None)
    page = manager.get("/o/demo/invoices")
    assert re.findall(r"2026-\d{4}", page.text) == ["2026-0003", "2026-0002", "2026-0001"]
    assert "/o/demo/invoices" in manager.get("/o/demo/orders").links


def test_the_list_of_invoices_is_paged(
    manager: Browser, make_session: Callable[..., Session], today: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "SHOWN", 2)
    several(make_session, today, 3)
    assert "/o/demo/invoices?before=2026-0002" in manager.get("/o/demo/invoices").links
    earlier = manager.get("/o/demo/invoices?before=2026-0002")
    assert ("Guest 0" in earlier.text, "Guest 1" in earlier.text, "Earlier ones" in earlier.text) == (True, False, False)
    assert "No invoices here." in manager.get("/o/demo/invoices?before=%00").text


def test_invoice_keys_sort_by_year_and_number() -> None:
    numbers = [numbered(2026, 2), numbered(2026, 9999), numbered(2026, 10000), credit_numbered(2026, 1), numbered(2027, 1)]
    keyed = [keys.invoice("demo", number) for number in numbers]
    assert keyed == sorted(keyed)
