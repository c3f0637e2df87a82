"""Imports over HTTP: every way to send a file, refusals, lists of issues, and completing an import once."""

import codecs
import hashlib
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from chalicelib import clients
from chalicelib.config import config
from chalicelib.events.jobs import handle
from chalicelib.operations import downloads, exports
from infra.local.queues import Poller, Queue
from tests.api.stored_items import nothing_stored
from tests.api.tenants import Office
from tests.http import Response, call

CSV, BYTES = {"Content-Type": "text/csv"}, {"Content-Type": "application/octet-stream"}
MEGABYTE = 1024 * 1024


def send(office: Office, text: str | bytes, *, to: str = "/customers/imports", **headers: str) -> Response:
    return office.call("POST", to, text, headers={**(CSV if isinstance(text, str) else BYTES), **headers})


def form(file: bytes, **fields: str) -> tuple[bytes, dict[str, str]]:
    parts = [f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode() for name, value in fields.items()]
    parts.append(b'Content-Disposition: form-data; name="file"; filename="a.csv"\r\nContent-Type: text/csv\r\n\r\n' + file)
    body = b"".join(b"--xyz\r\n" + part + b"\r\n" for part in parts) + b"--xyz--\r\n"
    return body, {"Content-Type": "multipart/form-data; boundary=xyz"}


def work() -> None:
    poller = Poller("jobs", Queue(clients.sqs(), config().jobs_queue), handle)
    while poller.handle_batch():
        pass


def complete(office: Office, made: Any) -> Response:
    return office.call("POST", f"/imports/{made['id']}/complete")


def test_customers_are_imported(demo: Office) -> None:
    ana, ben = demo.fresh("ana"), demo.fresh("ben")
    made = send(demo, f"Name;Email;Participants\r\nAna;{ana};Kim; Lou\r\nBen;{ben};\r\n".replace("Kim; Lou", '"Kim; Lou"'))
    assert made.status == 201, made.text
    assert (made.json["status"], made.json["issues"], made.json["changes"]) == ("valid", [], {"create": 2, "update": 0, "unchanged": 0})
    assert [(row["row"], row["change"], row["name"]) for row in made.json["preview"]] == [(2, "create", "Ana"), (3, "create", "Ben")]
    assert demo.call("GET", f"/customers?q={ana}").json["items"] == []
    begun = complete(demo, made.json)
    assert (begun.status, complete(demo, made.json).json) == (202, begun.json)
    work()
    job = demo.call("GET", f"/jobs/{begun.json['job']}").json
    assert (job["kind"], job["status"], job["done"], job["total"], job["failures"]) == ("import", "done", 2, 2, [])
    (found,) = demo.call("GET", f"/customers?q={ana}").json["items"]
    assert [child["name"] for child in found["participants"]] == ["Kim", "Lou"]
    read = demo.call("GET", f"/imports/{made.json['id']}").json
    assert (read["status"], read["job"]) == ("done", begun.json["job"])


def test_contract_participants_make_the_round_trip(demo: Office) -> None:
    contract = demo.contract()["id"]
    demo.price(contract)
    demo.participant(contract, client_id="E-1", name="=Ana", details={"Team": "Red"})
    demo.participant(contract, client_id="E-2", name="Zoë")
    table = demo.call("GET", f"/contracts/{contract}/participants.csv")
    assert table.text == "\ufeffClient Id,Name,Email,Price Code,Invitation Code,Team\r\nE-1,'=Ana,,,,Red\r\nE-2,Zoë,,,,\r\n"
    assert table.headers["content-disposition"] == 'attachment; filename="participants.csv"'
    filled = table.text.replace("E-1,'=Ana,,,", "E-1,'=Ana,,std,") + "E-3,Cem,cem@demo.test,STD,,Blue\r\n"
    made = send(demo, filled, to=f"/contracts/{contract}/imports?width=7")
    assert (made.status, made.json["status"], made.json["changes"]) == (201, "valid", {"create": 1, "update": 1, "unchanged": 1}), made.text
    job = complete(demo, made.json).json["job"]
    work()
    assert demo.call("GET", f"/jobs/{job}").json["failures"] == []
    codes = demo.call("GET", f"/contracts/{contract}/codes").json["items"]
    assert {len(code["code"]) - len(demo.call("GET", f"/contracts/{contract}").json["prefix"]) for code in codes} == {7}
    after = demo.call("GET", f"/contracts/{contract}/participants.csv").text
    assert len([code for code in codes if f",STD,{code['code']}," in after]) == 2
    again = send(demo, after, to=f"/contracts/{contract}/imports")
    assert again.json["changes"] == {"create": 0, "update": 0, "unchanged": 3}
    complete(demo, again.json)
    work()
    assert demo.call("GET", f"/contracts/{contract}/participants.csv").text == after


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_file_may_be_sent_in_every_way(demo: Office, encoding: str) -> None:
    address = demo.fresh("zoe")
    file = f"Name;Email\r\nZoë;{address}\r\n".encode(encoding)
    named = {"cp1252": "windows-1252"}.get(encoding, encoding.removesuffix("-sig"))
    body, headers = form(file)
    for response in (send(demo, file), demo.call("POST", "/customers/imports", body, headers=headers)):
        assert (response.status, response.json["encoding"]) == (201, named), response.text
        assert response.json["preview"][0]["name"] == "Zoë"
        assert response.json["file"] == hashlib.sha256(file).hexdigest()


def test_text_that_is_not_utf_8_is_refused(demo: Office) -> None:
    with nothing_stored():
        response = demo.call("POST", "/customers/imports", "Name,Email\nZoë,a@b.test\n".encode("cp1252"), headers=CSV)
    assert (response.status, response.json["code"]) == (422, "not_unicode")
    assert "application/octet-stream" in response.json["detail"]


def test_issues_stop_the_import_and_come_all_at_once(demo: Office) -> None:
    made = send(demo, "Name,Email\nAna,\nBen,ben@demo.test\nCem,nothing\n").json
    assert made["status"] == "invalid"
    assert [(one["row"], one["column"], one["value"], one["code"]) for one in made["issues"]] == [
        (2, "Email", "", "missing"),
        (4, "Email", "nothing", "not_an_address"),
    ]
    refused = complete(demo, made)
    assert (refused.status, refused.json["code"]) == (409, "has_issues")


def test_changed_data_stop_the_import(demo: Office) -> None:
    made = send(demo, f"Name,Email\nEve,{(email := demo.fresh('eve'))}\n").json
    demo.call("POST", "/customers", {"name": "Other", "email": email})
    refused = complete(demo, made)
    assert (refused.status, refused.json["code"]) == (409, "data_changed")


GOOD = b"Name,Email\n" + b"Ana,ana@demo.test\n"
BAD = {
    "10,001 rows": (b"Name,Email\n" + b"A,a@b.test\n" * 10_001, 422, "too_many_rows"),
    "a million commas": (b"," * 1_000_000, 422, "too_many_columns"),
    "301 columns": (",".join(map(str, range(301))).encode(), 422, "too_many_columns"),
    "one enormous line": (b"x" * (4 * MEGABYTE), 422, "cell_too_long"),
    "NUL": (GOOD + b"\0", 422, "nul_characters"),
    "no text": (codecs.BOM_UTF16_LE + b"\x00", 422, "unknown_encoding"),
    "a workbook": (b"PK\x03\x04" + GOOD, 422, "not_csv"),
    "an open quotation mark": (GOOD + b'"', 422, "malformed_csv"),
    "only a header of nothing": (b",,\n", 422, "empty_file"),
    "nothing": (b"", 422, "no_file"),
    "more than 4 MB": (GOOD + b"x" * (4 * MEGABYTE), 413, "upload_too_large"),
}


@pytest.mark.parametrize("name", BAD)
def test_an_unreadable_file_is_refused_and_nothing_is_stored(demo: Office, name: str) -> None:
    file, status, code = BAD[name]
    with nothing_stored():
        response = send(demo, file)
    assert (response.status, response.json["code"]) == (status, code), response.text


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "multipart/form-data; boundary=other"]
)
def test_a_body_that_is_not_a_file_is_refused(demo: Office, kind: str) -> None:
    response = demo.call("POST", "/customers/imports", form(GOOD)[0], headers={"Content-Type": kind})
    assert (response.status, response.json["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize("width", ["5", "21", "x"])
def test_codes_have_six_to_twenty_characters(demo: Office, width: str) -> None:
    contract = demo.contract()["id"]
    body, headers = form(b"Client Id\nE-1\n", width=width)
    path = f"/contracts/{contract}/imports"
    for response in (demo.call("POST", path, body, headers=headers), send(demo, "Client Id\nE-1\n", to=f"{path}?width={width}")):
        assert (response.status, [fault[0] for fault in response.faults]) == (422, ["/width"])


def test_a_retried_request_is_the_same_import(demo: Office) -> None:
    text = f"Name,Email\nEve,{demo.fresh('eve')}\n"
    first, again = (send(demo, text, **{"Idempotency-Key": "import-1"}) for _ in range(2))
    assert (again.status, again.json, again.headers["idempotent-replayed"]) == (201, first.json, "true")
    assert send(demo, text + "\n", **{"Idempotency-Key": "import-1"}).json["code"] == "idempotency_key_reused"
    assert send(demo, text).json["id"] != first.json["id"]


def test_a_large_file_is_uploaded_first(demo: Office) -> None:
    offer = demo.call("POST", "/customers/imports/uploads").json
    assert (offer["url"].startswith("https://"), "policy" in offer["fields"]) == (True, True)
    file = GOOD + b",\n" * (3 * MEGABYTE // 2 // 10)
    clients.s3().put_object(Bucket=config().imports_bucket, Key=offer["fields"]["key"], Body=file)
    made = demo.call("POST", "/customers/imports", {"upload": offer["upload"]})
    assert (made.status, made.json["file"]) == (201, hashlib.sha256(file).hexdigest())


def test_the_link_to_put_a_file_to_takes_exactly_the_size_that_was_said(demo: Office) -> None:
    offer = demo.call("POST", "/customers/imports/uploads?size=5000000").json
    signed = parse_qs(urlsplit(offer["put_url"]).query)["X-Amz-SignedHeaders"]
    assert (urlsplit(offer["put_url"]).path.endswith(offer["fields"]["key"]), signed) == (True, ["content-length;host"])
    assert demo.call("POST", "/customers/imports/uploads").json["put_url"] is None


@pytest.mark.parametrize("size", ["0", "-1", "x", "20971521", "1e3"])
def test_a_size_that_no_upload_may_have_is_refused(demo: Office, size: str) -> None:
    response = demo.call("POST", f"/customers/imports/uploads?size={size}")
    assert (response.status, response.json["errors"][0]["field"]) == (422, "/size"), response.text


@pytest.mark.parametrize("table", ["participants.csv", "codes.csv"])
def test_a_table_too_large_to_answer_is_fetched_by_a_link(demo: Office, monkeypatch: pytest.MonkeyPatch, table: str) -> None:
    contract = demo.contract()["id"]
    demo.participant(contract)
    whole = demo.call("GET", f"/contracts/{contract}/{table}").text
    monkeypatch.setattr(downloads, "MOST_BYTES", 10)
    response = demo.call("GET", f"/contracts/{contract}/{table}")
    assert response.status == 303
    bucket, key = config().imports_bucket, response.headers["location"].partition("?")[0].partition(".amazonaws.com/")[2]
    assert clients.s3().get_object(Bucket=bucket, Key=key)["Body"].read().decode() == whole


def test_a_table_too_long_to_write_at_once_is_a_job_then_a_link(demo: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    contract = demo.contract()["id"]
    price = demo.price(contract)["id"]
    assert demo.call("POST", f"/contracts/{contract}/codes", {"quantity": 5, "width": 8, "price": price}).status == 201
    path = f"/contracts/{contract}/codes.csv"
    whole = demo.call("GET", path).text
    monkeypatch.setattr(exports, "AT_ONCE", 2)
    begun = demo.call("GET", path, by="viewer")
    assert (begun.status, begun.json) == (202, demo.call("GET", path).json)
    work()
    assert demo.call("GET", f"/jobs/{begun.json['job']}").json["status"] == "done"
    response = demo.call("GET", path)
    assert response.status == 303
    key = response.headers["location"].partition("?")[0].partition(".amazonaws.com/")[2]
    assert clients.s3().get_object(Bucket=config().imports_bucket, Key=key)["Body"].read().decode() == whole


def test_a_viewer_cannot_upload(demo: Office) -> None:
    assert call("POST", "/v1/orgs/demo/customers/imports", GOOD, headers=BYTES, token=demo.tokens["viewer"]).status == 403
