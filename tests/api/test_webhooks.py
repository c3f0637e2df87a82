"""Webhooks over HTTP: owners add, change, rotate, ping, read the log and send again; and what each type tells."""

from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib import clients
from chalicelib.api.webhook_data import READERS, data_of
from chalicelib.config import config
from chalicelib.operations import webhooks as operations
from chalicelib.operations.webhooks.queue import key_from
from chalicelib.rules.audit import AuditSubject
from chalicelib.rules.webhooks import EVENT_TYPES, MOST_WEBHOOKS, DeliveryOutcome
from tests.api.audit_log import Log
from tests.api.route_things import THINGS
from tests.api.stored_items import dump
from tests.api.tenants import Office, World
from tests.http import Response, call
from tests.operations.webhooks.receiver import Receiver

URL = "https://example.org/hook"


def add(office: Office, **more: Any) -> Response:
    return office.call("POST", "/webhooks", {"url": URL, "events": ["*"], **more}, by="owner")


@pytest.fixture
def made(demo: Office) -> Any:
    """The only webhook of demo."""
    for other in demo.call("GET", "/webhooks", by="owner").json["items"]:
        demo.call("DELETE", f"/webhooks/{other['id']}", by="owner")
    return add(demo).json


def one(office: Office, made: Any, path: str = "", method: str = "GET", body: Any = None) -> Response:
    return office.call(method, f"/webhooks/{made['id']}{path}", body, by="owner")


def carry(made: Any, receiver: Receiver) -> None:
    """Make the attempts that the queue asks for."""
    received: Any = clients.sqs().receive_message(QueueUrl=config().webhooks_queue, MaxNumberOfMessages=10)
    for message in received.get("Messages", []):
        clients.sqs().delete_message(QueueUrl=config().webhooks_queue, ReceiptHandle=message["ReceiptHandle"])
        key = key_from(message["Body"])
        if key.webhook == made["id"]:
            operations.send(key, data_of, clock=lambda: datetime.now(UTC), post=receiver.post)


def test_a_secret_is_shown_once_and_kept_encrypted(demo: Office, made: Any) -> None:
    assert made["secret"].startswith("whsec_")
    assert one(demo, made).json == {name: value for name, value in made.items() if name != "secret"}
    stored = str(dump())
    assert made["secret"] not in stored
    assert "whsec_" not in stored


def test_a_repeated_request_adds_one_webhook(demo: Office, made: Any) -> None:
    first, again = (
        demo.call("POST", "/webhooks", {"url": URL, "events": ["*"]}, by="owner", headers={"Idempotency-Key": "once"}) for _ in range(2)
    )
    assert first.json == again.json
    assert len(demo.call("GET", "/webhooks", by="owner").json["items"]) == 2


def test_a_request_that_crashed_before_its_answer_gets_a_secret_that_counts(demo: Office, made: Any) -> None:
    from chalicelib.rules.inputs.webhooks import WebhookInput
    from chalicelib.tables import webhooks as table

    draft = WebhookInput(url=URL, events=["*"])
    first, again = (operations.create("demo", draft, key="crashed", now=datetime.now(UTC)) for _ in range(2))
    assert first.webhook.id == again.webhook.id
    assert table.decrypted(table.get("demo", first.webhook.id).secret, "demo") == again.secret != first.secret


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"url": "http://example.org/"}, "/url"),
        ({"url": "https://127.0.0.1/"}, "/url"),
        ({"url": "https://169.254.169.254/latest"}, "/url"),
        ({"url": "https://localhost/"}, "/url"),
        ({"url": ""}, "/url"),
        ({"events": []}, "/events"),
        ({"events": ["session.exploded"]}, "/events"),
        ({"events": "*"}, "/events"),
        ({"active": "maybe"}, "/active"),
        ({"secret": "whsec_x"}, "/secret"),
    ],
)
def test_what_is_wrong_with_a_webhook_is_said(demo: Office, made: Any, body: Any, field: str) -> None:
    for answer in (add(demo, **body), one(demo, made, method="PATCH", body=body)):
        assert answer.status == 422, answer.text
        assert [error["field"] for error in answer.json["errors"]] == [field]


def test_types_come_once_and_in_one_order(demo: Office, made: Any) -> None:
    changed = one(demo, made, method="PATCH", body={"events": ["customer.created", "session.created", "customer.created"]})
    assert changed.json["events"] == ["session.created", "customer.created"]
    assert one(demo, made, method="PATCH", body={"events": ["session.created", "*"]}).json["events"] == ["*"]


def test_there_is_room_for_a_number_of_webhooks(demo: Office, made: Any) -> None:
    answers = [add(demo) for _ in range(MOST_WEBHOOKS)]
    assert [answer.status for answer in answers] == [201] * (MOST_WEBHOOKS - 1) + [409]
    assert (answers[-1].json["code"], answers[-1].json["most"]) == ("too_many_webhooks", MOST_WEBHOOKS)


def test_a_ping_arrives_is_logged_and_is_sent_again(demo: Office, made: Any) -> None:
    receiver = Receiver(made["secret"], lambda _id: DeliveryOutcome(500))
    sent = one(demo, made, "/ping", "POST")
    assert (sent.status, sent.json["event"], sent.json["status"]) == (202, "ping", "pending")
    carry(made, receiver)
    (failed,) = one(demo, made, "/deliveries").json["items"]
    assert (failed["attempts"], failed["answered"], failed["status"], failed["next_at"] is not None) == (1, 500, "pending", True)
    receiver.answers = lambda _id: DeliveryOutcome(204)
    assert one(demo, made, f"/deliveries/{sent.json['id']}/again", "POST").status == 202
    carry(made, receiver)
    (delivered,) = one(demo, made, "/deliveries").json["items"]
    assert (delivered["id"], delivered["status"], delivered["answered"]) == (sent.json["id"], "delivered", 204)
    assert receiver.bodies[sent.json["id"]]["data"] == {"webhook": made["id"]}
    assert one(demo, made, "/deliveries/nothing/again", "POST").status == 404


def test_a_webhook_that_is_off_sends_nothing(demo: Office, made: Any) -> None:
    assert one(demo, made, method="PATCH", body={"active": False}).json["active"] is False
    for path in ("/ping", "/deliveries/x/again"):
        refused = one(demo, made, path, "POST")
        assert (refused.status, refused.json["code"]) == (409, "webhook_off")


def test_a_rotated_secret_is_new_and_the_old_one_counts_for_a_day(demo: Office, made: Any) -> None:
    rotated = one(demo, made, "/rotate", "POST").json
    assert rotated["secret"] != made["secret"]
    assert rotated["old_secret_until"]
    receiver = Receiver(made["secret"])
    one(demo, made, "/ping", "POST")
    carry(made, receiver)
    receiver.secret = rotated["secret"]
    one(demo, made, "/ping", "POST")
    carry(made, receiver)
    assert len(receiver.accepted) == 2


def test_the_log_is_read_page_by_page_latest_first(demo: Office, made: Any) -> None:
    sent = [one(demo, made, "/ping", "POST").json["id"] for _ in range(3)]
    first = one(demo, made, "/deliveries?limit=2").json
    rest = one(demo, made, f"/deliveries?limit=2&cursor={first['next']}").json
    found = [item["id"] for page in (first, rest) for item in page["items"]]
    assert sorted(found) == sorted(sent)
    assert found == sorted(found, reverse=True)
    assert rest["next"] is None


@pytest.mark.parametrize("path", ["", "/deliveries"])
def test_another_organisations_webhook_is_not_found(world: World, made: Any, path: str) -> None:
    assert world.zebra.call("GET", f"/webhooks/{made['id']}{path}", by="owner").status == 404


def test_what_happens_is_told_to_those_who_asked_for_it(world: World, log: Log, made: Any) -> None:
    demo = world.demo
    log.follow()
    other = add(demo, events=["session.updated"]).json
    session = demo.session(title="Told of")
    log.follow()
    log.follow()
    (told,) = one(demo, made, "/deliveries").json["items"]
    assert (told["event"], told["thing"]) == ("session.created", session)
    assert one(demo, other, "/deliveries").json["items"] == []
    demo.edit(session, title="Told again")
    log.follow()
    log.follow()
    assert [item["event"] for item in one(demo, other, "/deliveries").json["items"]] == ["session.updated"]


KINDS = {"invitation": "invitation", "registration": "registration", "session": "session", "customer": "customer", "entry": "waitlist"}


@pytest.mark.parametrize("kind", KINDS)
def test_data_has_the_shape_of_the_get_of_the_thing(demo: Office, kind: str) -> None:
    id = THINGS[kind](demo)[kind]
    told = data_of("demo", AuditSubject(KINDS[kind], id), datetime.now(UTC))
    if kind == "entry":
        assert told["id"] == id
        return
    read = demo.call("GET", f"/{kind}s/{id}", by="viewer").json
    assert told == read


def test_a_code_an_invoice_and_attendance_have_theirs(demo: Office) -> None:
    code, now = THINGS["code"](demo), datetime.now(UTC)
    assert (
        data_of("demo", AuditSubject("code", code["code"]), now)
        == demo.call("GET", f"/contracts/{code['contract']}/codes/{code['code']}", by="viewer").json
    )
    number = demo.invoice_number()
    assert data_of("demo", AuditSubject("invoice", number), now)["number"] == number
    meeting = THINGS["meeting with a registration"](demo)
    path = f"/sessions/{meeting['session']}/meetings/{meeting['meeting']}/attendance"
    told = data_of("demo", AuditSubject("attendance", f"{meeting['session']}-{meeting['meeting']}"), now)
    assert told == demo.call("GET", path, by="viewer").json


def test_no_link_that_claims_something_is_told(demo: Office) -> None:
    invitation = demo.invite()
    assert invitation["link"]
    assert data_of("demo", AuditSubject("invitation", invitation["id"]), datetime.now(UTC))["link"] is None


@pytest.mark.parametrize("kind", READERS)
def test_of_what_is_gone_only_the_id_is_told(kind: str, world: World) -> None:
    assert data_of("demo", AuditSubject(kind, "nothing-there"), datetime.now(UTC)) == {"id": "nothing-there"}


def test_every_type_has_data() -> None:
    assert {event.partition(".")[0] for event in EVENT_TYPES} == {*READERS}


def test_only_owners_see_webhooks(world: World) -> None:
    answers = {world.demo.call("GET", "/webhooks", by=role).status for role in ("manager", "viewer", "leader")}
    assert answers == {403}
    assert call("GET", "/v1/orgs/demo/webhooks").status == 401
