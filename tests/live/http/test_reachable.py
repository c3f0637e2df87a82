"""Bounces and corrected addresses over HTTP: marked, lifted, followed, and confirmed again."""

import uuid

import pytest

from tests.live.http.conftest import Staff
from tests.live.http.test_auth import fresh
from tests.live.stack import Stack, eventually

pytestmark = pytest.mark.live


def bouncing() -> str:
    """Return a new address at which the local simulator bounces every e-mail."""
    return f"bounce+{uuid.uuid4().hex[:10]}@simulator.amazonses.com"


def added(staff: Staff, session: str, email: str) -> str:
    body = {"new_customer": {"name": "Ana", "email": email}, "participants": [{"name": "Kim"}], "send_confirmation": True}
    reply = staff.call("POST", f"/sessions/{session}/registrations", body)
    assert reply.status == 201, reply.body
    return str(reply.json["id"])


def suppressed(staff: Staff, registration: str) -> str | None:
    found: str | None = staff.call("GET", f"/registrations/{registration}").json["suppressed"]
    return found


def test_a_bounce_is_marked_and_lifted(stack: Stack, staff: Staff) -> None:
    email, session = bouncing(), staff.session()
    registration = added(staff, session, email)
    assert eventually(lambda: suppressed(staff, registration)) == "bounced"
    assert staff.call("GET", f"/sessions/{session}/roster").json["unreachable"] == [{"email": email, "suppressed": "bounced"}]
    refused = staff.call("POST", f"/registrations/{registration}/confirmation")
    assert (refused.status, refused.json["code"]) == (409, "unreachable")
    (customer,) = staff.call("GET", f"/customers?q={email.partition('@')[0].replace('+', '%2B')}").json["items"]
    lifted = staff.call("POST", f"/customers/{customer['id']}/reachable")
    assert (lifted.status, [one["email"] for one in lifted.json["bounced"]]) == (200, [email])
    assert suppressed(staff, registration) is None


def test_a_corrected_customer_hears_of_what_stands(stack: Stack, staff: Staff) -> None:
    wrong, right, session = fresh("wrong"), fresh("right"), staff.session()
    registration = added(staff, session, wrong)
    (customer,) = eventually(lambda: staff.call("GET", f"/customers?q={wrong}").json["items"] or None)
    older = stack.mail(wrong)["text"].split()[0].removeprefix(stack.url)
    assert staff.call("PATCH", f"/customers/{customer['id']}", {"email": right}).status == 200
    assert staff.call("POST", f"/sessions/{session}/cancel", {}).status == 200
    assert stack.mail(right)["subject"].startswith("Cancelled")
    assert staff.call("GET", f"/registrations/{registration}").json["email"] == right
    assert stack.call("GET", older).status == 404


def test_a_corrected_contact_is_confirmed(stack: Stack, staff: Staff) -> None:
    wrong, right = fresh("wrong"), fresh("right")
    registration = added(staff, staff.session(), wrong)
    assert staff.call("PATCH", f"/registrations/{registration}/contact", {"email": right}).status == 200
    assert "registered" in stack.mail(right)["subject"]
    assert staff.call("POST", f"/registrations/{registration}/confirmation").status == 202
    assert eventually(lambda: len(stack.mails(right)) == 2 or None)
