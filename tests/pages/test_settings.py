"""Settings and staff pages, which only owners may use."""

from collections.abc import Callable
from datetime import time

import pytest

from chalicelib.operations import organisations, staff
from chalicelib.rules.organisations import QuietHours, StaffMember, WaitlistSettings
from tests.aws import Demo
from tests.pages.browser import Browser

SETTINGS, STAFF = "/o/demo/settings", "/o/demo/staff"


@pytest.fixture
def owner(as_role: Callable[[str], Browser]) -> Browser:
    return as_role("owner")


def members() -> dict[str, StaffMember]:
    return {member.email: member for member in staff.every("demo")}


def test_saving_what_the_form_shows_changes_nothing(owner: Browser) -> None:
    before = organisations.read("demo")
    assert owner.send(owner.get(SETTINGS), {}).status == 303
    after = organisations.read("demo")
    assert {name for name in before.__dataclass_fields__ if getattr(before, name) != getattr(after, name)} == {"version"}


def test_settings_change(owner: Browser) -> None:
    said = {
        "name": "École de danse",
        "accent": "#aa3366",
        "time_zone": "America/Toronto",
        "currency": "CAD",
        "locale": "fr",
        "invitation_days": "10",
        "vat_rate": "5,5",
        "public_billing": "invoice",
        "address": "3 rue Haute\r\n75011 Paris",
        "vat_number": "FR12",
    }
    done = owner.follow(owner.send(owner.get(SETTINGS), {**said, "forwarding": "locked", "reply_to": "hello@example.org"}))
    assert "École de danse" in done.text
    found = organisations.read("demo")
    assert (found.vat_rate, found.public_billing, found.address, found.vat_number) == (5.5, "invoice", "3 rue Haute\n75011 Paris", "FR12")
    assert (found.name, found.accent, found.invitation_days, found.forwarding) == ("École de danse", "#aa3366", 10, "locked")


def test_what_families_may_do_by_themselves_is_set_and_turned_off(owner: Browser) -> None:
    owner.send(owner.get(SETTINGS), {"cancel_until_hours": "24", "self_service_moves": "true"})
    assert (organisations.read("demo").cancel_until_hours, organisations.read("demo").self_service_moves) == (24, True)
    assert owner.send(owner.get(SETTINGS), {"cancel_until_hours": "soon"}).status == 422
    form = owner.get(SETTINGS).form()
    kept = {name: value for name, value in form.fields.items() if name != "self_service_moves"}
    assert owner.post(SETTINGS, {**kept, "cancel_until_hours": ""}).status == 303
    assert (organisations.read("demo").cancel_until_hours, organisations.read("demo").self_service_moves) == (None, False)


def test_what_is_optional_may_be_emptied(owner: Browser) -> None:
    owner.send(owner.get(SETTINGS), {"reply_to": "hello@example.org"})
    owner.send(owner.get(SETTINGS), {"reply_to": ""})
    assert organisations.read("demo").reply_to == ""


def test_every_mistake_is_shown(owner: Browser) -> None:
    wrong = {
        "name": "",
        "accent": "red",
        "time_zone": "Mars",
        "currency": "euro",
        "invitation_days": "0",
        "reply_to": "me",
        "forwarding": "maybe",
        "vat_rate": "much",
        "address": "\n".join("123456789"),
    }
    response = owner.send(owner.get(SETTINGS), wrong)
    assert response.status == 422
    assert [name for name in wrong if not response.described(name)] == []
    assert {name: value for name, value in response.form().fields.items() if name in wrong and name != "forwarding"} == {
        name: value for name, value in wrong.items() if name != "forwarding"
    }


def test_reminders_are_days_and_quiet_hours_and_may_be_turned_off(owner: Browser) -> None:
    fields = owner.get(SETTINGS).form().fields
    assert (fields["reminder_days"], fields["quiet_hours/starts"], fields["quiet_hours/ends"]) == ("3, 7, 14", "21:00", "08:00")
    owner.send(owner.get(SETTINGS), {"reminder_days": "10 2,5", "quiet_hours/starts": "22:30"})
    found = organisations.read("demo")
    assert (found.reminder_days, found.quiet_hours) == ((2, 5, 10), QuietHours(time(22, 30), time(8)))
    owner.send(owner.get(SETTINGS), {"reminder_days": "", "quiet_hours/starts": "", "quiet_hours/ends": ""})
    found = organisations.read("demo")
    assert (found.reminder_days, found.quiet_hours) == ((), None)


def test_how_the_waitlists_work_is_set(owner: Browser) -> None:
    fields = owner.get(SETTINGS).form().fields
    shown = {name: value for name, value in fields.items() if name.startswith("waitlist/")}
    assert shown == {
        "waitlist/mode": "strict",
        "waitlist/auto_offer": "true",
        "waitlist/offer_hours": "24",
        "waitlist/cutoff_hours": "2",
    }
    by_hand = {**fields, "waitlist/mode": "skip_to_fit", "waitlist/offer_hours": "48", "waitlist/cutoff_hours": "0"}
    del by_hand["waitlist/auto_offer"]
    assert owner.post(SETTINGS, by_hand).status == 303
    assert organisations.read("demo").waitlist == WaitlistSettings("skip_to_fit", auto_offer=False, offer_hours=48, cutoff_hours=0)
    wrong = owner.send(owner.get(SETTINGS), {"waitlist/offer_hours": "0", "waitlist/cutoff_hours": ""})
    assert wrong.described("waitlist/offer_hours")
    assert wrong.described("waitlist/cutoff_hours")


@pytest.mark.parametrize("typed", ["three", "0", "-1", "366", "1,2,3,4,5,6,7,8,9,10,11", "1.5", "٣"])
def test_invalid_reminder_days_are_refused(owner: Browser, typed: str) -> None:
    response = owner.send(owner.get(SETTINGS), {"reminder_days": typed, "quiet_hours/ends": ""})
    assert "such as 3, 7, 14" in response.described("reminder_days")
    assert response.described("quiet_hours/ends")


def test_an_outdated_form_overwrites_no_newer_change(owner: Browser) -> None:
    page = owner.get(SETTINGS)
    owner.send(page, {"name": "First"})
    late = owner.send(page, {"name": "Second"})
    assert late.status == 412
    assert organisations.read("demo").name == "First"


def test_staff_are_invited_with_a_role(owner: Browser) -> None:
    done = owner.follow(owner.send(owner.get(STAFF), {"name": "Max", "email": "max@demo.test", "role": "viewer"}))
    assert "Invited" in done.text
    assert members()["max@demo.test"].role == "viewer"
    again = owner.send(owner.get(STAFF), {"name": "Max", "email": "MAX@demo.test", "role": "viewer"})
    assert again.status == 409
    assert again.form().fields["name"] == "Max"


def test_mistakes_of_an_invitation_are_shown(owner: Browser) -> None:
    response = owner.send(owner.get(STAFF), {"name": "", "email": "max", "role": "viewer"})
    assert response.described("name")
    assert response.described("email")


def test_a_role_changes_and_an_owner_stays(owner: Browser) -> None:
    page = owner.get(STAFF)
    form = page.form_named("act").fields
    assert owner.post(f"{STAFF}/user-viewer/role", {**form, "role": "manager"}).status == 303
    assert members()["viewer@demo.test"].role == "manager"
    last = owner.post(f"{STAFF}/user-owner/role", {**form, "role": "viewer"})
    assert last.status == 409
    assert "An organisation needs an owner." in last.text
    assert owner.post(f"{STAFF}/user-viewer/role", {**form, "role": "king"}).status == 422


def test_removing_asks_first(owner: Browser, demo_org: Demo, as_role: Callable[[str], Browser]) -> None:
    question = owner.get(f"{STAFF}/user-viewer/remove")
    assert "They lose access to this organisation at once." in question.text
    owner.send(question, {})
    assert "viewer@demo.test" not in members()
    assert as_role("viewer").get("/o/demo").status == 404
    assert owner.get(f"{STAFF}/user-nobody/remove").status == 404


def test_only_owners_see_the_link_to_the_settings(as_role: Callable[[str], Browser]) -> None:
    assert SETTINGS in as_role("owner").get("/o/demo").links
    assert SETTINGS not in as_role("manager").get("/o/demo").links
