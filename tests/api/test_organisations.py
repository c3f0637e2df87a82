"""Settings over HTTP."""

from typing import Any

import pytest

from tests.aws import Demo
from tests.http import call

DEMO = "/v1/orgs/demo"
DEFAULTS = {
    "support_until": None,
    "date_reminder_hours": 24,
    "logo": None,
    "org": "demo",
    "name": "Demo",
    "from_name": "",
    "reply_to": "",
    "locale": "en",
    "time_zone": "Europe/Paris",
    "currency": "EUR",
    "invitation_days": 7,
    "reminder_days": [3, 7, 14],
    "quiet_hours": {"starts": "21:00", "ends": "08:00"},
    "forwarding": "open",
    "waitlist": {"mode": "strict", "auto_offer": True, "offer_hours": 24, "cutoff_hours": 2},
    "sibling_discount": None,
    "cancel_until_hours": None,
    "self_service_moves": False,
    "public_billing": "later",
    "address": "",
    "vat_number": "",
    "vat_rate": 0,
    "payment_instructions": "",
    "embed_origins": [],
    "online_payment": False,
    "created_at": "2026-11-22T12:00:00Z",
}
CHANGES = {
    "name": "École de danse",
    "from_name": "École",
    "reply_to": "hello@example.org",
    "locale": "fr",
    "time_zone": "America/Toronto",
    "currency": "CAD",
    "invitation_days": 10,
    "reminder_days": [2],
    "quiet_hours": {"starts": "22:15", "ends": "06:45"},
    "forwarding": "locked",
    "waitlist": {"mode": "skip_to_fit", "auto_offer": False, "offer_hours": 5, "cutoff_hours": 0},
    "sibling_discount": {"from_nth": 2, "percent": 15},
    "cancel_until_hours": 48,
    "self_service_moves": True,
    "public_billing": "invoice",
    "address": "3 rue Haute\n75011 Paris",
    "vat_number": "FR12345678901",
    "vat_rate": 14.975,
    "payment_instructions": "By transfer.\nThank you.",
    "accent": "#aa3366",
    "embed_origins": ["http://localhost:3000", "https://www.studio.example"],
}


def test_settings_are_read_with_their_defaults(demo_org: Demo) -> None:
    response = call("GET", DEMO, token=demo_org.viewer)
    assert response.status == 200
    assert response.headers["etag"] == '"v1"'
    assert {name: value for name, value in response.json.items() if name != "accent"} == DEFAULTS


def test_every_setting_changes(demo_org: Demo) -> None:
    changed = call("PATCH", DEMO, CHANGES, token=demo_org.owner)
    assert (changed.status, changed.headers["etag"]) == (200, '"v2"')
    assert changed.json == {**DEFAULTS, **CHANGES}
    assert call("GET", DEMO, token=demo_org.owner).json == changed.json


OFF = {"cancel_until_hours": None, "quiet_hours": None, "sibling_discount": None}


def test_null_turns_a_setting_off_and_omitted_settings_stay(demo_org: Demo) -> None:
    call("PATCH", DEMO, CHANGES, token=demo_org.owner)
    changed = call("PATCH", DEMO, OFF, token=demo_org.owner)
    assert changed.json == {**DEFAULTS, **CHANGES, **OFF}


def test_omitted_waitlist_settings_stay(demo_org: Demo) -> None:
    call("PATCH", DEMO, {"waitlist": {"auto_offer": False, "offer_hours": 5}}, token=demo_org.owner)
    changed = call("PATCH", DEMO, {"waitlist": {"mode": "skip_to_fit"}}, token=demo_org.owner)
    assert changed.json["waitlist"] == {"mode": "skip_to_fit", "auto_offer": False, "offer_hours": 5, "cutoff_hours": 2}
    refused = call("PATCH", DEMO, {"waitlist": {"mode": "strict", "offer_hours": None}}, token=demo_org.owner)
    assert (refused.status, refused.json["errors"][0]["code"]) == (422, "null")
    assert call("GET", DEMO, token=demo_org.owner).json["waitlist"] == changed.json["waitlist"]


def test_if_match_refuses_a_change_of_an_old_version(demo_org: Demo) -> None:
    old = call("GET", DEMO, token=demo_org.owner).headers["etag"]
    newer = call("PATCH", DEMO, {"name": "Second"}, token=demo_org.owner, headers={"If-Match": old})
    assert newer.status == 200
    refused = call("PATCH", DEMO, {"name": "Third"}, token=demo_org.owner, headers={"If-Match": old})
    assert (refused.status, refused.json["code"]) == (412, "changed_meanwhile")
    assert call("PATCH", DEMO, {"name": "Third"}, token=demo_org.owner, headers={"If-Match": newer.headers["etag"]}).status == 200
    assert call("PATCH", DEMO, {"name": "Fourth"}, token=demo_org.owner).status == 200


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ('"v1"', 200),
        ('W/"v1"', 200),
        ("*", 200),
        ("", 200),
        ('"v2"', 412),
        ('"v0"', 412),
        ('"v01"', 412),
        ('"v99999999999999999999"', 412),
        ('"somebody-elses"', 412),
        ("v1", 400),
        ("nonsense", 400),
        ('"v1", "v2"', 200),
        ('"v2", "v3"', 412),
        ('"v1', 400),
    ],
)
def test_what_if_match_means(given: str, status: int, demo_org: Demo) -> None:
    response = call("PATCH", DEMO, {"name": "Second"}, token=demo_org.owner, headers={"If-Match": given})
    assert response.status == status
    assert status == 200 or response.json["code"] == {412: "changed_meanwhile", 400: "bad_if_match"}[status]


@pytest.mark.parametrize("role", ["manager", "viewer"])
def test_only_owners_change_settings(role: str, demo_org: Demo) -> None:
    response = call("PATCH", DEMO, {"name": "Mine"}, token=getattr(demo_org, role))
    assert (response.status, response.json["code"]) == (403, "not_allowed")


def test_another_organisation_is_not_found(demo_org: Demo) -> None:
    assert call("GET", "/v1/orgs/other", token=demo_org.owner).json["code"] == "not_found"


BAD: dict[str, tuple[Any, str, str]] = {
    "an empty name": ({"name": " "}, "/name", "empty"),
    "a header in the sender's name": ({"from_name": "A\r\nBcc: x@example.org"}, "/from_name", "control_characters"),
    "no address": ({"reply_to": "no"}, "/reply_to", "not_an_address"),
    "no zone": ({"time_zone": "Mars/Base"}, "/time_zone", "unknown_time_zone"),
    "a path for a zone": ({"time_zone": "../../etc/passwd"}, "/time_zone", "unknown_time_zone"),
    "no currency": ({"currency": "eur"}, "/currency", "string_pattern_mismatch"),
    "another language": ({"locale": "xx"}, "/locale", "not_one_of"),
    "no time": ({"quiet_hours": {"starts": "21:00", "ends": "late"}}, "/quiet_hours/ends", "not_a_time"),
    "a time with a zone": ({"quiet_hours": {"starts": "21:00Z", "ends": "08:00"}}, "/quiet_hours/starts", "not_a_local_time"),
    "a time with seconds": ({"quiet_hours": {"starts": "21:00:30", "ends": "08:00"}}, "/quiet_hours/starts", "not_a_local_time"),
    "quiet all day": ({"quiet_hours": {"starts": "21:00", "ends": "21:00"}}, "/quiet_hours", "whole_day"),
    "no origin": ({"embed_origins": ["https://studio.example", "https://*.studio.example"]}, "/embed_origins/1", "not_an_origin"),
    "too many origins": ({"embed_origins": [f"https://{number}.example" for number in range(21)]}, "/embed_origins", "too_many"),
    "no colour": ({"accent": "#12345g"}, "/accent", "not_a_colour"),
    "null": ({"name": None}, "/name", "null"),
    "an unknown field": ({"version": 7}, "/version", "unknown_field"),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_settings_are_refused(kind: str, demo_org: Demo) -> None:
    sent, field, code = BAD[kind]
    response = call("PATCH", DEMO, sent, token=demo_org.owner)
    assert response.status == 422
    assert (field, code) in response.faults
    assert call("GET", DEMO, token=demo_org.owner).headers["etag"] == '"v1"', "nothing was stored"
