"""Imports on the local stack: a large file posted to the bucket, and an import whose codes book."""

import json
import urllib.request
import uuid
from typing import Any

import pytest

from tests.live.http.conftest import Staff
from tests.live.stack import eventually

pytestmark = pytest.mark.live


def send(staff: Staff, path: str, content: bytes) -> Any:
    return staff.call("POST", path, content, headers={"Content-Type": "application/octet-stream"})


def finished(staff: Staff, job: str, *, within: float = 60) -> Any:
    def look() -> Any:
        found = staff.call("GET", f"/jobs/{job}").json
        return found if found["status"] in {"done", "failed"} else None

    return eventually(look, within=within)


def post_form(url: str, fields: dict[str, str], file: bytes) -> int:
    parts = [f'name="{name}"\r\n\r\n{value}'.encode() for name, value in fields.items()]
    parts.append(b'name="file"; filename="a.csv"\r\nContent-Type: text/csv\r\n\r\n' + file)
    body = b"".join(b"--xyz\r\nContent-Disposition: form-data; " + part + b"\r\n" for part in parts) + b"--xyz--\r\n"
    request = urllib.request.Request(url, body, {"Content-Type": "multipart/form-data; boundary=xyz"})
    with urllib.request.urlopen(request, timeout=30) as response:
        return int(response.status)


def test_a_list_becomes_codes_and_a_code_books_at_the_price_of_the_contract(staff: Staff) -> None:
    tag = f"tag{uuid.uuid4().hex[:6]}"
    session = staff.session(spots=3, tags=[tag])
    contract = staff.call("POST", "/contracts", {"name": "Acme", "client": "Acme", "prefix": tag[3:9].upper()}).json["id"]
    price = {"code": "STD", "label": "Standard", "price": {"amount": 700, "currency": "EUR"}, "tag": tag}
    assert staff.call("POST", f"/contracts/{contract}/prices", price).status == 201
    header = staff.call("GET", f"/contracts/{contract}/participants.csv").body.decode("utf-8-sig").strip()
    assert header == "Client Id,Name,Email,Price Code,Invitation Code"
    rows = f"{header}\n".replace(",", ";") + "E-1;Zoë;zoe@acme.test;std;\nE-2;Ben;;;\n"
    faulty = send(staff, f"/contracts/{contract}/imports", (rows + "E-2;Ben;nothing;NONE;\n").encode("cp1252")).json
    assert {(one["row"], one["code"]) for one in faulty["issues"]} == {(4, "duplicate_row"), (4, "not_an_address")}
    assert staff.call("POST", f"/imports/{faulty['id']}/complete").json["code"] == "has_issues"
    made = send(staff, f"/contracts/{contract}/imports", rows.encode("utf-8-sig")).json
    assert (made["status"], made["changes"]) == ("valid", {"create": 2, "update": 0, "unchanged": 0})
    job = finished(staff, staff.call("POST", f"/imports/{made['id']}/complete").json["job"])
    assert (job["status"], job["done"], job["failures"]) == ("done", 2, [])
    lines = staff.call("GET", f"/contracts/{contract}/participants.csv").body.decode("utf-8-sig").splitlines()
    code = next(line.split(",")[4] for line in lines if "Zoë" in line)
    body = {"email": "zoe@acme.test", "name": "Zoë", "participants": [{"name": "Zoë"}], "party_size": 1, "invitation_code": code}
    booked = staff.stack.call("POST", f"/v1/portal/demo/sessions/{session}/registrations", body)
    assert booked.status == 201, booked.body
    assert json.dumps(booked.json).count('"amount": 700')
    again = send(staff, f"/contracts/{contract}/imports", "\n".join(lines).encode()).json
    assert again["changes"] == {"create": 0, "update": 0, "unchanged": 2}


def test_a_file_of_more_than_four_megabytes_goes_straight_into_the_bucket(staff: Staff) -> None:
    mark = uuid.uuid4().hex[:8]
    people = "".join(f"Ana {n},a{n}-{mark}@b.test,\n" for n in range(300))
    file = ("Name,Email,Phone\n" + people + ("," * 20 + "\n") * 205_000).encode()
    assert len(file) > 4 * 1024 * 1024
    assert send(staff, "/customers/imports", file).json["code"] == "upload_too_large"
    offer = staff.call("POST", "/customers/imports/uploads").json
    assert post_form(offer["url"], offer["fields"], file) in {200, 201, 204}
    made = staff.call("POST", "/customers/imports", {"upload": offer["upload"]}).json
    assert made["changes"]["create"] == 300, made
    job = finished(staff, staff.call("POST", f"/imports/{made['id']}/complete").json["job"])
    assert (job["status"], job["total"], job["failures"]) == ("done", 300, [])
    assert len(staff.call("GET", f"/customers?q=a7-{mark}").json["items"]) == 1
