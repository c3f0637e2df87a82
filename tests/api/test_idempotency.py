"""Idempotency-Key: which requests count as the same, which answers are stored, and a retry during the first request."""

import zlib
from base64 import b64encode
from typing import Any, NoReturn

import pytest
from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer
from botocore.awsrequest import AWSRequest
from botocore.exceptions import ClientError

from chalicelib import clients
from chalicelib.api import idempotency
from chalicelib.config import config
from chalicelib.operations import invitations
from chalicelib.tables.encryption import encrypt
from tests.api.bodies import claim_of, person, session_body
from tests.api.stored_items import dump, nothing_stored
from tests.api.tenants import Office, World
from tests.http import Response, call
from tests.tokens import SigningKey


def key(value: str) -> dict[str, str]:
    return {"Idempotency-Key": value}


def replayed(answer: Response) -> bool:
    return answer.headers.get("idempotent-replayed") == "true"


def same(first: Response, second: Response) -> None:
    assert (second.status, second.text, replayed(second)) == (first.status, first.text, True)
    assert second.headers["content-type"] == first.headers["content-type"]


def test_the_same_request_is_answered_once(demo: Office) -> None:
    session = demo.session()
    first = demo.call("POST", f"/sessions/{session}/invitations", {"email": "ana@demo.test"}, headers=key("once"))
    assert (first.status, replayed(first)) == (201, False)
    with nothing_stored():
        same(first, demo.call("POST", f"/sessions/{session}/invitations", {"email": "ana@demo.test"}, headers=key("once")))
    assert demo.spots(session)["held"] == 1


def test_memory_keeps_no_link_that_works(demo: Office) -> None:
    session, body = demo.session(), {"email": "cleo@demo.test"}
    first = demo.call("POST", f"/sessions/{session}/invitations", body, headers=key("link"))
    token = first.json["link"].rpartition("/")[2]
    assert token.rpartition(".")[2] not in str(dump())
    same(first, demo.call("POST", f"/sessions/{session}/invitations", body, headers=key("link")))


def test_memory_has_no_name_and_no_address_of_an_answer(demo: Office) -> None:
    body = {"name": "Zoé Ménard", "email": "zoe.menard@demo.test", "phone": "+33 6 12 34 56 78"}
    first = demo.call("POST", "/customers", body, headers=key("zoe"))
    stored = str([item for name, item in dump().items() if "#idempotency" in name])
    assert "forget_at" in stored, "the answer is stored"
    assert not [said for said in ("Zoé", "nard", "zoe.m", "34 56") if said.lower() in stored.lower()]
    same(first, demo.call("POST", "/customers", body, headers=key("zoe")))


def test_an_answer_that_an_earlier_release_stored_is_replayed(demo: Office) -> None:
    """Plain, compressed, or encrypted alone."""
    body, zipped = '{"id": "c1"}', b64encode(zlib.compress(b'{"id": "c1"}')).decode()
    forms: list[dict[str, Any]] = [
        {"body": body},
        {"body": zipped, "zipped": True},
        {"body": encrypt(body, of="own").decode(), "encrypted": True},
    ]
    assert [idempotency._body(form, "own") for form in forms] == [body] * 3


def test_a_replay_keeps_the_etag_and_the_media_type(demo: Office) -> None:
    body = session_body()
    first, second = (demo.call("POST", "/sessions", body, headers=key("etag")) for _ in range(2))
    same(first, second)
    assert second.headers["etag"] == first.headers["etag"] == '"v1"'


@pytest.mark.parametrize("value", ["", " ", "\t"])
def test_an_empty_key_is_ignored(demo: Office, value: str) -> None:
    session = demo.session()
    first, second = (
        demo.call("POST", f"/sessions/{session}/invitations", {"email": "ana@demo.test"}, headers=key(value)) for _ in range(2)
    )
    assert (first.status, second.status, replayed(second)) == (201, 409, False)


@pytest.mark.parametrize("value", ["k" * 300, "k" * 8_000, "ключ 🔑", '"quoted"', "a#b", "0", "null", "a,b"], ids=lambda value: value[:8])
def test_a_key_is_any_text(demo: Office, value: str) -> None:
    body = session_body(title=value[:20])
    first, second = (demo.call("POST", "/sessions", body, headers=key(value)) for _ in range(2))
    same(first, second)


def test_keys_that_differ_at_their_end_are_two(demo: Office) -> None:
    body = session_body()
    first, second = (demo.call("POST", "/sessions", body, headers=key("k" * 300 + end)) for end in "ab")
    assert (first.status, second.status, replayed(second)) == (201, 201, False)
    assert first.json["id"] != second.json["id"]


def test_another_body_under_the_same_key_is_refused(demo: Office) -> None:
    body = session_body()
    first = demo.call("POST", "/sessions", body, headers=key("other body"))
    with nothing_stored():
        other = demo.call("POST", "/sessions", {**body, "title": "Aikido"}, headers=key("other body"))
    assert (other.status, other.json["code"]) == (422, "idempotency_key_reused")
    same(first, demo.call("POST", "/sessions", body, headers=key("other body")))


def test_a_key_belongs_to_its_route_its_path_and_its_user(world: World) -> None:
    demo = world.demo
    one, two = demo.session(), demo.session()
    body = {"email": "ana@demo.test"}
    paths = (f"/sessions/{one}/invitations", f"/sessions/{two}/invitations")
    answers = [demo.call("POST", path, body, headers=key("shared")) for path in paths]
    answers.append(demo.call("POST", "/sessions", session_body(), headers=key("shared")))
    answers.append(demo.call("POST", "/sessions", session_body(), by="owner", headers=key("shared")))
    answers.append(world.zebra.call("POST", "/sessions", session_body(), headers=key("shared")))
    assert [(answer.status, replayed(answer)) for answer in answers] == [(201, False)] * 5
    assert len({answer.json["id"] for answer in answers}) == 5


def test_two_of_the_staff_with_one_key_make_two_things(demo: Office) -> None:
    session = demo.session()
    first, second = (
        demo.call("POST", f"/sessions/{session}/invitations", {"email": f"{by}@demo.test"}, by=by, headers=key("both"))
        for by in ("owner", "manager")
    )
    assert (first.status, second.status) == (201, 201)
    assert first.json["id"] != second.json["id"]


def test_a_permanent_refusal_is_stored(demo: Office) -> None:
    session = demo.session()
    invitation = demo.invite(session, "ana@demo.test")
    first = demo.call("POST", f"/sessions/{session}/invitations", {"email": "ana@demo.test"}, headers=key("conflict"))
    assert (first.status, first.json["code"], first.json["invitation"]) == (409, "already_invited", invitation["id"])
    demo.act(invitation, "cancel")
    same(first, demo.call("POST", f"/sessions/{session}/invitations", {"email": "ana@demo.test"}, headers=key("conflict")))
    gone = call("POST", claim_of(invitation) + "/accept", person("ana@demo.test"), headers=key("gone"))
    assert gone.status == 410
    same(gone, call("POST", claim_of(invitation) + "/accept", person("ana@demo.test"), headers=key("gone")))


def test_a_refusal_of_the_input_is_not_stored(demo: Office) -> None:
    path = f"/sessions/{demo.session()}/invitations"
    bad = demo.call("POST", path, {"email": "nobody"}, headers=key("corrected"))
    assert bad.status == 422
    good = demo.call("POST", path, {"email": "ana@demo.test"}, headers=key("corrected"))
    assert (good.status, replayed(good)) == (201, False)


def test_a_refusal_by_a_rule_is_not_stored(demo: Office) -> None:
    path = f"/sessions/{demo.session()}/invitations"
    for _ in range(2):
        bad = demo.call("POST", path, {"email": "ana@demo.test", "tier": "t9"}, headers=key("meant"))
        assert (bad.status, bad.json["code"], replayed(bad)) == (422, "unknown_tier", False)
    assert demo.call("POST", path, {"email": "ana@demo.test"}, headers=key("meant")).status == 201


def test_a_stored_answer_is_not_shown_to_an_unauthorised_caller(demo: Office) -> None:
    body = session_body()
    assert demo.call("POST", "/sessions", body, headers=key("rights")).status == 201
    assert demo.call("POST", "/sessions", body, by="viewer", headers=key("rights")).status == 403
    assert call("POST", "/v1/orgs/demo/sessions", body, headers=key("rights")).status == 401


@pytest.fixture
def within(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Return a dict: the function under `do` runs during the next invitation, before it is made; its answer is stored under `answer`."""
    hook: dict[str, Any] = {}
    invite = invitations.invite

    def invite_and_run(*args: Any, **named: Any) -> Any:
        if do := hook.pop("do", None):
            hook["answer"] = do()
        return invite(*args, **named)

    monkeypatch.setattr(invitations, "invite", invite_and_run)
    return hook


def test_a_retry_of_a_running_request_answers_409_at_once(demo: Office, within: dict[str, Any]) -> None:
    path = f"/sessions/{demo.session()}/invitations"

    def again() -> Response:
        return demo.call("POST", path, {"email": "ana@demo.test"}, headers=key("under way"))

    within["do"] = again
    first = again()
    during = within["answer"]
    assert (during.status, during.json["code"]) == (409, "in_progress")
    assert int(during.headers["retry-after"]) > 0
    assert first.status == 201
    same(first, again())


def test_another_body_during_the_first_request_answers_409_or_422(demo: Office, within: dict[str, Any]) -> None:
    path = f"/sessions/{demo.session()}/invitations"
    within["do"] = lambda: demo.call("POST", path, {"email": "eve@demo.test"}, headers=key("two bodies"))
    assert demo.call("POST", path, {"email": "ana@demo.test"}, headers=key("two bodies")).status == 201
    assert (within["answer"].status, within["answer"].json["code"]) in {(409, "in_progress"), (422, "idempotency_key_reused")}


def test_a_failed_request_may_be_retried_with_its_key(demo: Office, within: dict[str, Any]) -> None:
    session = demo.session()
    path = f"/sessions/{session}/invitations"

    def fail() -> None:
        raise RuntimeError

    within["do"] = fail
    assert demo.call("POST", path, {"email": "ana@demo.test"}, headers=key("failed")).status == 500
    again = demo.call("POST", path, {"email": "ana@demo.test"}, headers=key("failed"))
    assert (again.status, replayed(again)) == (201, False)
    assert demo.spots(session)["held"] == 1


@pytest.mark.parametrize("step", ["_put_record", "_update_record", "_delete_record"])
def test_a_memory_table_that_cannot_be_written_answers_busy_and_nothing_runs_twice(
    demo: Office, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    session = demo.session()
    path = f"/sessions/{session}/invitations"
    body = {"email": "ana@demo.test", **({"tier": "t9"} if step == "_delete_record" else {})}

    def throttle(*_: object) -> NoReturn:
        raise ClientError({"Error": {"Code": "ThrottlingException", "Message": ""}}, "PutItem")

    with monkeypatch.context() as patch:
        patch.setattr(DynamoDBPersistenceLayer, step, throttle)
        answer = demo.call("POST", path, body, headers=key(f"throttled {step}"))
        assert (answer.status, answer.json["code"]) == (503, "busy")
        assert int(answer.headers["retry-after"]) > 0
    again = demo.call("POST", path, body, headers=key(f"throttled {step}"))
    assert again.status in {201, 409, 422}
    assert again.status != 409 or again.json["code"] == "in_progress"
    assert demo.spots(session)["held"] == (0 if step == "_delete_record" else 1)


def test_reads_and_changes_take_no_key(demo: Office) -> None:
    session = demo.session()
    for _ in range(2):
        answer = demo.call("PATCH", f"/sessions/{session}", {"title": "Aikido"}, headers=key("patch"))
        assert (answer.status, replayed(answer)) == (200, False)


def test_two_users_who_sign_out_with_one_key_are_both_signed_out(world: World, sign_key: SigningKey) -> None:
    for role in ("owner", "viewer"):
        token = sign_key.token(f"zebra-{role}", client_id=config().user_pool_client, origin_jti=role)
        assert call("POST", "/v1/auth/sign-out", {}, token=token, headers=key("bye")).status == 204
        assert call("GET", "/v1/me", token=token).status == 401


def test_keys_add_no_handlers_of_events_to_the_client_of_dynamodb(demo: Office) -> None:
    """Handlers that pile up would make every later request slower."""
    counts = set()
    for number in range(3):
        assert demo.call("POST", "/groups", {"name": f"Group {number}"}, headers=key(f"group {number}")).status == 201
        counts.add(len(_handlers("request-created.dynamodb.GetItem")))
    assert len(counts) == 1


def _handlers(event: str) -> list[Any]:
    """Return what each handler of an event answers."""
    request = AWSRequest("POST", "https://dynamodb.test/", headers={"User-Agent": "tests"})
    found: list[Any] = clients.dynamodb().meta.events.emit(event, request=request, operation_name="GetItem")
    return found
