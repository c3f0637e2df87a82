"""R13: a sentinel is planted wherever somebody can be named; after an erasure it is nowhere, and spots and amounts are as they were."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib import clients
from chalicelib.events.jobs import WORK
from chalicelib.operations import jobs, messages, unsubscribing
from chalicelib.operations.access import accounts
from chalicelib.operations.links import unsubscribe_token
from chalicelib.settings import settings
from chalicelib.tables import customers, discounts, requests
from tests.api.world import Office, World, dump, person, session_body, stream_follows
from tests.http import call

FIRST, SECOND = "Sentinel.One@demo.test", "sentinel-deux@demo.test"
QUESTION = [{"id": "diet", "label": "Diet", "kind": "text", "required": False}]


class Crash(BaseException):
    """The function was ended from outside."""


def found() -> list[str]:
    """Return in what the sentinel stands, or what stands for it: rows, files and accounts."""
    planted = ["sentinel", *(discounts.counted_as("demo", email) for email in (FIRST, SECOND))]
    rows = [key for key, item in dump().items() if any(word in f"{key} {item}".lower() for word in planted)]
    files = [f"file {name}" for name, content in _files() if b"sentinel" in content.lower()]
    return rows + files + [f"account {name}" for name in _accounts()]


def _files() -> Iterator[tuple[str, bytes]]:
    for entry in clients.s3().list_objects_v2(Bucket=settings().imports_bucket).get("Contents", ()):
        yield entry["Key"], clients.s3().get_object(Bucket=settings().imports_bucket, Key=entry["Key"])["Body"].read()


def _accounts() -> list[str]:
    users = clients.cognito().list_users(UserPoolId=settings().user_pool)["Users"]
    return [user["Username"] for user in users if "sentinel" in json.dumps(user, default=str).lower()]


def planted(demo: Office) -> dict[str, Any]:
    """Let somebody with two addresses do all that leaves a trace."""
    now = datetime.now(UTC)
    body = {
        "name": "Sentinel Zoé",
        "email": FIRST,
        "phone": "+33 sentinel",
        "participants": [{"name": "Kim Sentinel", "date_of_birth": "2019-01-01"}],
        "fields": {"Sentinel level": "sentinel blue"},
    }
    customer = demo.call("POST", "/customers", body, headers={"Idempotency-Key": "planted"}).json
    other = demo.customer(name="Sentinel too", email=SECOND)
    assert demo.call("POST", f"/customers/{other['id']}/merge", {"into": customer["id"]}).status == 200
    session = demo.call("POST", "/sessions", session_body(title="Judo demo", questions=QUESTION, spots_total=20)).json["id"]
    coupon = demo.call("POST", "/discount-codes", {"code": "SPRING", "kind": "percent", "value": 20, "max_uses_per_customer": 3}).json
    code = {"discount_code": coupon["code"]}
    mine = call(
        "POST",
        f"/v1/portal/demo/sessions/{session}/registrations",
        person(FIRST, "Lou Sentinel", name="S. Sentinel", party_size=2, answers={"diet": "sentinel"}, **code),
        headers={"Idempotency-Key": "mine"},
    ).json
    second = demo.register(session, SECOND.upper(), "Max Sentinel")
    assert demo.call("POST", f"/registrations/{mine['id']}/billing", {"status": "invoiced", "note": "said Sentinel"}).status == 200
    held = demo.invite(session, FIRST, note="sentinel's sister", **code)
    forwarded = demo.invite(session, SECOND, forwarding="open", **code)
    theirs = demo.accept(forwarded, "bob@demo.test", "Bob").json
    waiting = demo.invite(session, "carla@demo.test", forwarding="approve")
    assert demo.accept(waiting, FIRST, "Nia Sentinel", answers={"diet": "sentinel"}, name="Sentinel").status == 202
    full = demo.full_session()
    for waiter, name in ((FIRST, "Sentinel"), (SECOND, "Sentinel"), ("bob@demo.test", "Bob")):
        assert call("POST", f"/v1/portal/demo/sessions/{full}/waitlist", {"email": waiter, "name": name, "spots": 1}).status == 201
    assert demo.edit(full, spots_total=2).status == 200
    stream_follows(demo, full)
    stream_follows(demo, session)
    contract = demo.contract(identifier="email")["id"]
    demo.participant(contract, client_id="", name="Sentinel", email=FIRST, details={"Ward": "sentinel"})
    demo.imported(f"Name,Email\nSentinel,{FIRST}\n")
    demo.imported(f"Name,Email\nNobody,{demo.fresh('nobody')}\n")
    accounts.sign_up(FIRST, "Passw0rd-1234")
    customers.accept(customers.get("demo", customer["id"]), accounts.user_of(FIRST) or "")
    unsubscribing.unsubscribe(unsubscribe_token("demo", FIRST), now=now)
    chosen = {"password": "Passw0rd-1234", "password_confirmation": "Passw0rd-1234"}
    call("POST", "/v1/portal/demo/register", {"email": SECOND, "name": "Sentinel", **chosen})
    _send_everything(now)
    made = {"mine": mine, "second": second, "held": held, "theirs": theirs, "waiting": waiting}
    return {"customer": customer["id"], "session": session, **made}


def _send_everything(now: datetime) -> None:
    for key in dump():
        table, name, _ = key.split(" ")
        if table == settings().messages_table:
            messages.send("demo", name.partition("#")[2], now=now)


def erased(demo: Office, customer: str) -> str:
    asked = demo.call("POST", f"/customers/{customer}/erase", headers={"Idempotency-Key": f"erase {customer}"})
    assert asked.status == 202, asked.text
    return str(asked.json["job"])


def test_nothing_is_left_of_somebody_erased_wherever_the_work_dies(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    demo, zebra = world.demo, world.zebra
    kept = zebra.customer(email=FIRST, name="Zebra's own Sentinel")
    life = planted(demo)
    before = demo.spots(life["session"])
    invoice = demo.call("GET", f"/registrations/{life['mine']['id']}").json["invoice"]
    assert len(found()) > 20
    job = erased(demo, life["customer"])
    deaths = _die_after_every_write(job, monkeypatch)
    assert deaths > 20
    zebras = [key for key in found() if "zebra" in key]
    assert found() == zebras != []
    assert zebra.call("GET", f"/customers/{kept['id']}").json["email"] == FIRST
    assert demo.call("GET", f"/customers/{life['customer']}").status == 404
    _check_roster(demo, life, before)
    billed = demo.call("GET", f"/registrations/{life['mine']['id']}").json
    assert (billed["invoice"]["number"], billed["total"]) == (invoice["number"], life["mine"]["total"])
    assert demo.call("POST", f"/customers/{life['customer']}/erase").status == 404


def _die_after_every_write(job: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """Do the job, ended after each write that it makes, and return how often."""
    write, deaths = requests._write, 0

    def dies(kind: str, **asked: Any) -> Any:
        answer = write(kind, **asked)
        if asked["TableName"] != settings().records_table or "JOB#" not in str(asked.get("Key")):
            raise Crash
        return answer

    while jobs.read_job("demo", job).open:
        with monkeypatch.context() as patch:
            patch.setattr(requests, "_write", dies)
            try:
                jobs.go_on("demo", job, WORK, now=datetime.now(UTC))
            except Crash:
                deaths += 1
        assert deaths < 200
    return deaths


def _check_roster(demo: Office, life: dict[str, Any], before: dict[str, int]) -> None:
    """The spots of whoever was registered stay taken; those held for them are free."""
    after = demo.spots(life["session"])
    assert after["taken"] == before["taken"]
    assert after["held"] == before["held"] - life["held"]["spots_held"]
    roster = demo.roster(life["session"])
    named = {entry["id"]: entry for entry in roster["registrations"]}
    assert (named[life["mine"]["id"]]["name"], named[life["mine"]["id"]]["party_size"]) == ("Erased customer", 2)
    assert named[life["theirs"]["id"]]["email"] == "bob@demo.test"
    stream_follows(demo, life["session"])
    assert not [key for key in found() if "zebra" not in key]
    assert demo.call("GET", "/discount-codes/spring").json["used"] == 2
    assert demo.call("DELETE", f"/registrations/{life['mine']['id']}").status == 204
    assert demo.call("GET", "/discount-codes/spring").json["used"] == 1
    assert demo.spots(life["session"])["taken"] == before["taken"] - 2
