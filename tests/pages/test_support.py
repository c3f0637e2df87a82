"""Support access on the page of the staff: given for some hours, shown, and ended."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from chalicelib.operations import organisations, staff
from chalicelib.rules.inputs.organisations import StaffInput
from tests.aws import Demo
from tests.pages.browser import Browser

HELPER = StaffInput(email="help@operator.test", name="Helper", role="viewer")


def test_an_owner_gives_support_access_sees_it_and_ends_it(demo_org: Demo, as_role: Callable[[str], Browser]) -> None:
    owner, now = as_role("owner"), datetime.now(UTC)
    page = owner.get("/o/demo/staff")
    assert "Let those who run this service for you look at everything for a while" in page.text
    given = owner.follow(owner.post("/o/demo/staff/support", {"hours": "24"}))
    assert "Support access is on." in given.text
    until = organisations.read("demo").support_until
    assert until
    assert abs(until - now - timedelta(hours=24)) < timedelta(minutes=1)
    staff.admit_support("demo", HELPER, now=now)
    shown = owner.get("/o/demo/staff").text
    assert "help@operator.test" in shown
    assert "Support until" in shown
    ended = owner.follow(owner.send(given, {}, action="/o/demo/staff/support"))
    assert "Support access is off." in ended.text
    assert "Support ended" in ended.text
    assert organisations.read("demo").support_until is None


def test_only_an_owner_gives_it(demo_org: Demo, as_role: Callable[[str], Browser]) -> None:
    assert as_role("manager").post("/o/demo/staff/support", {"hours": "24"}).status == 403
    assert organisations.read("demo").support_until is None
    as_role("owner").post("/o/demo/staff/support", {"hours": "9999"})
    assert organisations.read("demo").support_until is None
