"""Every page of a list can be reached without JavaScript, and keeps its filter."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from html import unescape
from importlib import import_module
from typing import Any

import pytest

from chalicelib.operations import contracts, customers, registrations
from chalicelib.rules.inputs.contracts import ContractInput, ContractParticipantInput
from chalicelib.rules.inputs.customers import CustomerInput
from chalicelib.rules.inputs.groups import GroupInput
from chalicelib.rules.inputs.roster import AddInput
from chalicelib.rules.sessions import Session
from chalicelib.tables import registrations as rows
from chalicelib.web import cursors
from tests.pages.browser import Browser

COUNT = 5
NEXT = re.compile(r'href="([^"]+)" rel="next"')
SHOWN = {
    "sessions.list": "SHOWN",
    "public_sessions": "SHOWN",
    "registrations.edit": "OFFERED",
    "registrations.billing": "SHOWN",
    "customers.list": "SHOWN",
    "customers.groups": "SHOWN",
    "contracts.participants": "SHOWN",
}


@pytest.fixture(autouse=True)
def _two_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name in SHOWN.items():
        monkeypatch.setattr(import_module(f"chalicelib.pages.{module}"), name, 2)


@pytest.fixture
def filled(make_session: Callable[..., Session], today: datetime) -> dict[str, str]:
    """Five sessions with an order each, five customers in a group, five participants of a contract; return the path of each list."""
    made = [make_session(title=f"Pottery {index}", tags=["clay"]) for index in range(COUNT)]
    make_session(title="Circus")
    group = customers.create_group("demo", GroupInput(name="Judo"), key="judo", now=today).id
    contract = contracts.create_contract("demo", ContractInput(name="Acme", client="Acme", prefix="ACME"), key="c", now=today).id
    own = ""
    for index, session in enumerate(made):
        who: dict[str, Any] = {"name": f"Ana {index}", "email": f"ana{index}@example.org"}
        customers.create_customer("demo", CustomerInput(**who, groups=[group]), key=str(index), now=today)
        contracts.add_participant("demo", contract, ContractParticipantInput(client_id=f"P{index}", **who), key=str(index))
        own = _order(session, f"order{index}@example.org", today + timedelta(minutes=index))
    return {
        "sessions": "/o/demo/sessions?q=pott&tag=clay",
        "public": "/p/demo?q=pottery",
        "public in French": "/p/demo?tag=clay&lang=fr",
        "transfer": f"/o/demo/registrations/{own}/transfer?q=pottery",
        "orders": "/o/demo/orders?status=unpaid",
        "customers": f"/o/demo/customers?q=ana&group={group}",
        "group": f"/o/demo/groups/{group}",
        "participants": f"/o/demo/contracts/{contract}/participants?q=ana",
    }


def _order(session: Session, email: str, now: datetime) -> str:
    draft = {"new_customer": {"name": "Ana", "email": email}, "participants": [{"name": "Kid"}], "billing": {"method": "later"}}
    made = registrations.add("demo", session.id, AddInput.model_validate(draft), by="m", key=email, now=now).registration
    rows.mark_confirmed("demo", made.session, made.id, now=now)
    return made.public_id


LISTS = {
    "sessions": (r"<b>(Pottery \d|Circus)", COUNT),
    "public": (r">(Pottery \d|Circus)<", COUNT),
    "public in French": (r">(Pottery \d|Circus)<", COUNT),
    "transfer": (r"<span>(Pottery \d|Circus)", COUNT - 1),
    "orders": (r">(order\d@example.org)", COUNT),
    "customers": (r"<b>(Ana \d)", COUNT),
    "group": (r"<b>(Ana \d)", COUNT),
    "participants": (r"<b>(Ana \d)", COUNT),
}


@pytest.mark.parametrize("name", LISTS)
def test_every_page_of_a_list_can_be_reached(manager: Browser, filled: dict[str, str], name: str) -> None:
    shown, count = LISTS[name]
    path, found, pages = filled[name], list[str](), 0
    while path:
        page = manager.get(path)
        assert page.status == 200
        found += dict.fromkeys(re.findall(shown, page.html))
        pages += 1
        onward = NEXT.search(page.html)
        path = unescape(onward[1]) if onward else ""
    assert (len(found), len(set(found)), pages) == (count, count, -(-count // 2))


def test_a_cursor_counts_for_its_list_and_filter_only(manager: Browser, filled: dict[str, str]) -> None:
    page = manager.get(filled["customers"])
    onward = NEXT.search(page.html)
    assert onward
    cursor = re.search(r"cursor=([^&]+)", unescape(onward[1]))
    assert cursor
    for foreign in ("/o/demo/customers?q=other", "/o/demo/orders?status=unpaid", "/p/demo"):
        assert manager.get(f"{foreign}{'&' if '?' in foreign else '?'}cursor={cursor[1]}").status == 400
    assert cursors.start_key_of(None, of="any") is None


@pytest.mark.parametrize("query", ["weekday=someday", "from=yesterday", "to=2026-02-30"])
def test_a_wrong_filter_of_the_public_page_is_left_out(visitor: Browser, filled: dict[str, str], query: str) -> None:
    page = visitor.get(f"/p/demo?{query}")
    assert page.status == 200
    assert "Pottery" in page.text
