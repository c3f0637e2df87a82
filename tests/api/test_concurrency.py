"""Concurrent requests: the second arrives while the first is being handled, and each gets an answer that its route declares."""

from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.api.endpoints import every
from chalicelib.api.openapi import refusals_of
from chalicelib.tables import dynamodb, invitations, ledger, registrations, sessions
from chalicelib.web.refusals import status_of
from tests.api.bodies import claim_of, in_days
from tests.api.tenants import Office
from tests.http import Response, call

Meanwhile = Callable[[Any, str, Callable[[], Response]], list[Response]]


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Meanwhile:
    """Return `meanwhile(module, name, do)`: run `do` just before the next call of that function, and keep its answer."""

    def arrange(module: Any, name: str, do: Callable[[], Response]) -> list[Response]:
        whole, responses = getattr(module, name), []

        def first_do(*args: Any, **named: Any) -> Any:
            monkeypatch.setattr(module, name, whole)
            responses.append(do())
            return whole(*args, **named)

        monkeypatch.setattr(module, name, first_do)
        return responses

    return arrange


def described(response: Response, method: str, path: str) -> None:
    """Check that the route declares this answer."""
    declared = next(one for one in every() if (one.method, one.path) == (method, path))
    if response.status >= 400:
        assert (response.status, response.json["code"]) in {(status_of(kind), kind.code) for kind in refusals_of(declared)}, response.text
    else:
        assert response.status in declared.gives


INVITE = "/v1/orgs/{org}/sessions/{session}/invitations"
ONE = "/v1/orgs/{org}/invitations/{invitation}"
CLAIM = "/v1/invitations/{token}"


@pytest.mark.parametrize("before", ["nothing", "cancelled", "run out"])
def test_two_invitations_of_one_address(demo: Office, meanwhile: Meanwhile, later: Callable[..., Any], before: str) -> None:
    session = demo.session()
    if before != "nothing":
        earlier = demo.invite(session, "ana@demo.test", expires_at=in_days(1))
    if before == "cancelled":
        demo.act(earlier, "cancel")
    with later(days=2):
        responses = meanwhile(invitations, "write", lambda: demo.ask(session, "ana@demo.test"))
        late = demo.ask(session, "ana@demo.test")
        assert (responses[0].status, late.status, late.json["code"]) == (201, 409, "already_invited")
        assert demo.spots(session)["held"] == 1


def test_an_address_that_is_invited_and_cancelled_meanwhile(demo: Office, meanwhile: Meanwhile) -> None:
    session = demo.session()

    def invited_and_cancelled() -> Response:
        demo.act(demo.invite(session, "ana@demo.test"), "cancel")
        meanwhile(invitations, "find", lambda: demo.ask(session, "ana@demo.test"))
        return demo.ask(session, "ben@demo.test")

    meanwhile(invitations, "write", invited_and_cancelled)
    late = demo.ask(session, "ana@demo.test")
    described(late, "POST", INVITE)
    assert demo.spots(session)["held"] == 2


def test_two_revivals_of_one_invitation(demo: Office, meanwhile: Meanwhile) -> None:
    invitation = demo.ended()
    responses = meanwhile(invitations, "write_revived", lambda: demo.act(invitation, "revive", {}))
    second = demo.act(invitation, "revive", {})
    assert responses[0].status == 200
    described(second, "POST", ONE + "/revive")
    assert demo.spots(invitation["session"])["held"] == 1


def test_two_acceptances_by_different_addresses(demo: Office, meanwhile: Meanwhile) -> None:
    invitation = demo.invite()
    responses = meanwhile(ledger, "confirm", lambda: demo.accept(invitation, demo.fresh("bob")))
    late = demo.accept(invitation)
    assert (responses[0].status, late.status, late.json["code"]) == (201, 409, "already_used")
    assert [one["email"] for one in demo.roster(invitation["session"])["registrations"]] == [responses[0].json["email"]]
    assert demo.spots(invitation["session"])["taken"] == 1


def test_two_acceptances_by_the_same_address(demo: Office, meanwhile: Meanwhile) -> None:
    invitation = demo.invite()
    responses = meanwhile(ledger, "confirm", lambda: demo.accept(invitation))
    late = demo.accept(invitation)
    assert {responses[0].status, late.status} == {201, 200}
    assert late.json["id"] == responses[0].json["id"]


@pytest.mark.parametrize("end", ["cancel", "decline"])
def test_an_invitation_that_ends_during_its_acceptance(demo: Office, meanwhile: Meanwhile, end: str) -> None:
    invitation = demo.invite()
    responses = meanwhile(ledger, "confirm", lambda: _end(demo, invitation, end))
    late = demo.accept(invitation)
    assert responses[0].status in {200, 204}
    assert (late.status, late.json["code"]) == (410, "invitation_over")
    assert demo.spots(invitation["session"]) == {"total": 5, "taken": 0, "held": 0, "extra": 0, "free": 5}
    assert demo.roster(invitation["session"])["registrations"] == []


@pytest.mark.parametrize("end", ["cancel", "decline"])
@pytest.mark.parametrize("step", ["end", "release"])
def test_an_acceptance_while_the_invitation_ends(demo: Office, meanwhile: Meanwhile, end: str, step: str) -> None:
    invitation = demo.invite()
    responses = meanwhile(invitations if step == "end" else ledger, step, lambda: demo.accept(invitation))
    late = _end(demo, invitation, end)
    described(late, "POST", ONE + "/cancel" if end == "cancel" else CLAIM + "/decline")
    described(responses[0], "POST", CLAIM + "/accept")
    spots = demo.spots(invitation["session"])
    assert (spots["held"], spots["taken"]) == (0, 1 if responses[0].status == 201 else 0)
    assert (late.status < 300) == (spots["taken"] == 0)


def test_an_approval_while_the_invited_address_accepts(demo: Office, meanwhile: Meanwhile) -> None:
    invitation = demo.waiting()
    responses = meanwhile(ledger, "confirm", lambda: demo.accept(invitation))
    late = demo.act(invitation, "approve")
    assert responses[0].status == 201
    described(late, "POST", ONE + "/approve")
    assert demo.spots(invitation["session"])["taken"] == 1


def test_a_session_is_edited_during_an_edit(demo: Office, meanwhile: Meanwhile) -> None:
    session = demo.session()
    meanwhile(sessions, "save", lambda: demo.edit(session, location="Gym"))
    assert demo.edit(session, title="Aikido").status == 200
    seen = demo.read(session)
    assert (seen["title"], seen["location"]) == ("Aikido", "Gym")


def test_a_session_is_edited_during_a_conditional_edit(demo: Office, meanwhile: Meanwhile) -> None:
    session = demo.session()
    meanwhile(sessions, "save", lambda: demo.edit(session, location="Gym"))
    late = demo.edit(session, headers={"If-Match": '"v1"'}, title="Aikido")
    assert (late.status, late.json["code"]) == (412, "changed_meanwhile")
    assert demo.read(session)["title"] == "Judo demo"


def test_a_registration_while_the_session_is_deleted(demo: Office, meanwhile: Meanwhile) -> None:
    session = demo.session()
    meanwhile(sessions, "delete", lambda: demo.enrol(session))
    late = demo.call("DELETE", f"/sessions/{session}")
    assert (late.status, late.json["code"]) == (409, "session_in_use")
    assert demo.spots(session)["taken"] == 1


def test_a_session_is_cancelled_during_an_invitation(demo: Office, meanwhile: Meanwhile) -> None:
    session = demo.session()
    responses = meanwhile(invitations, "write", lambda: demo.call("POST", f"/sessions/{session}/cancel", {}))
    late = demo.ask(session)
    assert responses[0].status == 200
    described(late, "POST", INVITE)


def test_two_registrations_of_one_participant(demo: Office, meanwhile: Meanwhile) -> None:
    session = demo.session()
    responses = meanwhile(registrations, "write", lambda: demo.enrol(session, "ana@demo.test", "Kim"))
    late = demo.enrol(session, "ana@demo.test", "KIM")
    assert (responses[0].status, late.status, late.json["code"]) == (201, 409, "already_registered")
    assert demo.spots(session)["taken"] == 1


def test_two_registrations_for_the_last_spot(demo: Office, meanwhile: Meanwhile) -> None:
    session = demo.session(spots_total=1)
    responses = meanwhile(registrations, "write", lambda: demo.enrol(session))
    late = demo.enrol(session)
    assert (responses[0].status, late.status, late.json["code"]) == (201, 409, "session_full")
    assert len(demo.roster(session)["registrations"]) == 1


def test_two_removals_of_one_registration(demo: Office, meanwhile: Meanwhile) -> None:
    session = demo.session()
    registration = demo.register(session)
    responses = meanwhile(dynamodb, "transact", lambda: demo.call("DELETE", f"/registrations/{registration['id']}"))
    assert demo.call("DELETE", f"/registrations/{registration['id']}").status == responses[0].status == 204
    assert demo.spots(session) == {"total": 5, "taken": 0, "held": 0, "extra": 0, "free": 5}


def _end(office: Office, invitation: Any, end: str) -> Response:
    return office.act(invitation, "cancel") if end == "cancel" else call("POST", claim_of(invitation) + "/decline")
