"""Support access: an owner gives it for some hours, the operator lets somebody in who reads everything and changes nothing, and it ends."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.operations import staff
from chalicelib.rules.actor import OPERATOR
from chalicelib.rules.inputs.organisations import StaffInput
from chalicelib.rules.organisation_refusals import AlreadyStaff, NoSupportWanted
from chalicelib.tables import staff as table
from chalicelib.tables.actor import acting
from tests.api.audit_log import Log
from tests.api.bodies import in_days
from tests.api.tenants import Office
from tests.http import Response, call
from tests.tokens import SigningKey

HELPER = StaffInput(email="help@operator.test", name="Helper", role="viewer")
READ = ["/sessions", "/customers", "/staff", "/orders.csv", "/audit", ""]


def give(demo: Office, until: str | None) -> Response:
    return demo.call("PATCH", "", {"support_until": until}, by="owner")


def admitted() -> None:
    """Let the operator's person in, who follows the link of the e-mail."""
    with acting(OPERATOR):
        member = staff.admit_support("demo", HELPER, now=datetime.now(UTC))
    table.activate(member, "helper")


@pytest.fixture
def ask(demo: Office, sign_key: SigningKey) -> Callable[..., int]:
    """Return `ask(path)`: what somebody of the operator is answered."""
    from chalicelib.config import config

    def status_of(path: str, method: str = "GET", body: Any = None) -> int:
        token = sign_key.token("helper", client_id=config().user_pool_client)
        return call(method, f"/v1/orgs/demo{path}", body, token=token).status

    return status_of


def test_support_reads_as_a_viewer_does_and_changes_nothing(demo: Office, ask: Callable[..., int]) -> None:
    assert give(demo, in_days(0.2)).status == 200
    admitted()
    as_viewer = [demo.call("GET", path, by="viewer").status for path in READ]
    assert [ask(path) for path in READ] == as_viewer
    assert 200 in as_viewer
    assert 403 in as_viewer
    changes = [
        ("/sessions", "POST", {}),
        ("", "PATCH", {"name": "Mine"}),
        ("", "PATCH", {"support_until": in_days(2)}),
        ("/staff", "POST", {}),
    ]
    assert {ask(*one) for one in changes} == {403}


def test_it_ends_with_its_hours(demo: Office, ask: Callable[..., int], later: Callable[..., Any]) -> None:
    until = in_days(0.01)
    give(demo, until)
    admitted()
    assert ask("/sessions") == 200
    (member,) = (one for one in demo.call("GET", "/staff", by="owner").json["items"] if one["email"] == HELPER.email)
    assert (member["role"], member["until"]) == ("viewer", until)
    with later(days=0.011):
        assert ask("/sessions") == 404
        give(demo, in_days(1))
        assert ask("/sessions") == 404, "hours that are given later let nobody in of before"


def test_an_owner_ends_it_at_once(demo: Office, ask: Callable[..., int]) -> None:
    give(demo, in_days(1))
    admitted()
    assert ask("/sessions") == 200
    assert give(demo, None).json["support_until"] is None
    assert ask("/sessions") == 404
    with pytest.raises(NoSupportWanted):
        staff.admit_support("demo", HELPER, now=datetime.now(UTC))


def test_nobody_is_let_in_unless_an_owner_allows_it(demo: Office) -> None:
    for until in (None, in_days(0)):
        give(demo, until)
        with pytest.raises(NoSupportWanted):
            staff.admit_support("demo", HELPER, now=datetime.now(UTC) + timedelta(seconds=2))
    give(demo, in_days(1))
    with pytest.raises(AlreadyStaff):
        staff.admit_support("demo", StaffInput(email="manager@demo.test", name="M", role="viewer"), now=datetime.now(UTC))


def test_it_is_given_for_three_days_at_most_and_by_owners_only(demo: Office) -> None:
    response = give(demo, in_days(3.1))
    assert (response.status, response.json["errors"][0]["field"]) == (422, "/support_until")
    assert demo.call("PATCH", "", {"support_until": in_days(1)}, by="manager").status == 403


def test_the_audit_log_says_who_gave_it_and_who_was_let_in(demo: Office, log: Log) -> None:
    give(demo, None)
    log.news()
    give(demo, in_days(1))
    admitted()
    said = {(entry["actor"]["kind"], entry["action"]) for entry in log.news()}
    assert ("staff", "organisation.updated") in said
    assert ("operator", "staff.invited") in said
