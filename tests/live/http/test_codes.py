"""Invitation codes over HTTP: generated, looked up, redeemed, guessed."""

import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.live.http.conftest import Staff
from tests.live.stack import Reply, eventually

pytestmark = pytest.mark.live
SYMBOLS = {*"23456789ABCDEFGHJKMNPQRSTUVWXYZ"}


def fresh(name: str = "") -> str:
    return f"{name}{uuid.uuid4().hex[:7]}".upper()


class Agreement:
    """A contract with a price for one session."""

    def __init__(self, staff: Staff, **session: Any) -> None:
        self.staff = staff
        self.prefix = fresh("P")
        self.session = staff.session(**session)
        self.id = self._made("/contracts", {"name": "Acme", "client": "Acme Ltd", "prefix": self.prefix})["id"]
        self.path = f"/contracts/{self.id}"
        price = {"code": "STAFF", "label": "Staff", "price": {"amount": 500, "currency": "EUR"}, "session": self.session}
        self.price = self._made(f"{self.path}/prices", price)["id"]

    def generate(self, quantity: int, width: int = 8, **more: Any) -> Reply:
        body = {"quantity": quantity, "width": width, "price": self.price, **more}
        reply: Reply = self.staff.call("POST", f"{self.path}/codes", body)
        return reply

    def code(self) -> str:
        return str(self.generate(1).json["codes"][0]["code"])

    def code_for(self, **participant: Any) -> str:
        id = self._made(f"{self.path}/participants", {"client_id": fresh(), **participant})["id"]
        return str(self._made(f"{self.path}/participants/{id}/code", {"width": 8, "price": self.price})["code"])

    def book(self, code: str, party: int = 1) -> Reply:
        body = {
            "email": f"{fresh('kim')}@example.org",
            "name": "Kim",
            "participants": [{"name": "Kim"}],
            "party_size": party,
            "invitation_code": code,
        }
        return self.staff.stack.call("POST", f"/v1/portal/demo/sessions/{self.session}/registrations", body)

    def _made(self, path: str, body: Any) -> Any:
        reply = self.staff.call("POST", path, body)
        assert reply.status == 201, reply.body
        return reply.json


@pytest.fixture
def agreement(staff: Staff) -> Agreement:
    return Agreement(staff)


def look_up(staff: Staff, code: str) -> Reply:
    return staff.stack.call("POST", "/v1/portal/demo/codes/lookup", {"code": code})


def test_two_hundred_codes_of_width_six_are_distinct(agreement: Agreement) -> None:
    reply = agreement.generate(200, 6)
    bodies = {made["code"].removeprefix(agreement.prefix) for made in reply.json["codes"]}
    assert (reply.status, len(bodies)) == (201, 200)
    assert all(len(code) == 6 and {*code} <= SYMBOLS for code in bodies)
    assert "easier to guess" in reply.json["warnings"][0]


def test_three_thousand_codes_are_made_by_a_job(agreement: Agreement) -> None:
    reply = agreement.generate(3_000)
    assert reply.status == 202
    job = f"/jobs/{reply.json['job']}"
    done = eventually(lambda: one if (one := agreement.staff.call("GET", job).json)["status"] == "done" else None)
    assert (done["done"], done["total"], done["failures"]) == (3_000, 3_000, [])
    (batch,) = agreement.staff.call("GET", f"{agreement.path}/batches").json["items"]
    assert batch["funnel"] == {"made": 3_000, "handed_out": 0, "redeemed": 0, "cancelled": 0}
    rows = agreement.staff.call("GET", f"{agreement.path}/codes.csv").body.decode("utf-8-sig").splitlines()
    assert len({row.split(",")[0] for row in rows[1:]}) == 3_000


@pytest.mark.parametrize(("quantity", "width"), [(1, 5), (1, 21), (20_000_000, 6), (0, 8)])
def test_impossible_batches_are_refused(quantity: int, width: int, agreement: Agreement) -> None:
    assert agreement.generate(quantity, width).status == 422
    assert agreement.staff.call("GET", f"{agreement.path}/batches").json["items"] == []


def test_a_code_is_found_however_typed_and_shows_shareable_details_only(agreement: Agreement) -> None:
    details = {"Department": "Sales", "Blood": "secret"}
    code = agreement.code_for(name="Ana", email="ana@example.org", details=details, shareable=["Department"])
    reply = look_up(agreement.staff, f" {code[:5].lower()} {code[5:].lower()}")
    assert reply.status == 200
    assert (reply.json["code"], reply.json["price"], reply.json["left"]) == (code, {"amount": 500, "currency": "EUR"}, 1)
    assert reply.json["prefill"] == {"name": "Ana", "email": "ana@example.org", "Department": "Sales"}
    assert b"secret" not in reply.body


def test_a_booking_is_at_the_contracts_price_and_a_second_one_is_refused(agreement: Agreement) -> None:
    code = agreement.code()
    booked = agreement.book(code.lower())
    assert (booked.status, booked.json["total"]) == (201, {"amount": 500, "currency": "EUR"})
    assert (agreement.book(code).status, look_up(agreement.staff, code).status) == (410, 410)
    assert agreement.staff.spots(agreement.session)["taken"] == 1
    read = agreement.staff.call("GET", f"{agreement.path}/codes/{code}").json
    assert [use["registration"] for use in read["registrations"]] == [booked.json["id"]]


def test_of_twelve_concurrent_bookings_with_one_code_one_succeeds(staff: Staff) -> None:
    agreement = Agreement(staff, spots=20)
    code = agreement.code()
    with ThreadPoolExecutor(12) as pool:
        answers = sorted(reply.status for reply in pool.map(lambda _: agreement.book(code), range(12)))
    assert answers == [201] + [410] * 11
    spots = staff.spots(agreement.session)
    assert (spots["taken"], spots["held"], spots["free"]) == (1, 0, 19)


def test_the_eleventh_failure_is_throttled_for_its_address_only(agreement: Agreement) -> None:
    code = agreement.code()
    guessed = [from_elsewhere(agreement.staff, "127.0.0.77", f"{agreement.prefix}2345678{sign}") for sign in "23456789ABC"]
    assert [status for status, _ in guessed] == [404] * 10 + [429]
    assert 0 < int(guessed[-1][1]) <= 600
    assert from_elsewhere(agreement.staff, "127.0.0.77", code)[0] == 429
    assert look_up(agreement.staff, code).status == 200


def from_elsewhere(staff: Staff, address: str, code: str) -> tuple[int, str]:
    """Look up a code from another source address; return the status and the Retry-After."""
    parts = urlsplit(staff.stack.url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=30, source_address=(address, 0))
    headers = {"Content-Type": "application/json"}
    connection.request("POST", "/v1/portal/demo/codes/lookup", json.dumps({"code": code}), headers)
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.status, response.getheader("Retry-After", "")
