"""What a request stores is read again: every field of every operation, so that none is accepted and thrown away.

A new field needs a value in its case, which differs from its default, or a place among those that are no part of the thing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from pydantic import BaseModel

from chalicelib.api.endpoints import Endpoint, every
from tests.api.bodies import fresh_prefix, in_days, session_body
from tests.api.route_cases import ROWS
from tests.api.tenants import Office, World
from tests.http import call

ORG = "/v1/orgs/{org}"
SESSION, CUSTOMER, CONTRACT = ORG + "/sessions/{session}", ORG + "/customers/{customer}", ORG + "/contracts/{contract}"
PRICE, PARTICIPANT = CONTRACT + "/prices/{price}", CONTRACT + "/participants/{participant}"
REGISTRATION, WEBHOOK = ORG + "/registrations/{registration}", ORG + "/webhooks/{webhook}"
EUROS = {"amount": 990, "currency": "EUR"}
ZOE = {"name": "Zoé", "date_of_birth": "2019-05-01"}
Sent = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """A request with every field, and where what it stored is read.

    `send` returns the ids of the path and the body. `read` is the path that shows it, with `{id}` for the id in the answer; of a list, the
    entry with that id. `hidden` are fields that are instructions, secrets, or shown in another form.
    """

    send: Callable[[Office], tuple[Sent, Sent]]
    read: str = ""
    id: str = "id"
    hidden: Mapping[str, str] = ()  # type: ignore[assignment]


def _session(office: Office) -> Sent:
    return session_body(
        time_zone="Asia/Tokyo",
        meetings=[{"id": "m7", "starts_at": in_days(20), "ends_at": in_days(20.05), "cancelled_at": None, "cancel_reason": ""}],
        tiers=[{"id": "t7", "name": "Adult", "price": EUROS}],
        registration_opens_at=in_days(1),
        registration_closes_at=in_days(19),
        description="Bring a towel.",
        location="Hall 2",
        tags=["health"],
        questions=[
            {"id": "q7", "label": "Belt?", "kind": "choice", "required": True, "options": ["White"], "at_door": True, "per": "participant"}
        ],
        min_age=3,
        max_age=9,
        leaders=["leader@demo.test"],
        minimum={"participants": 2, "below": "cancel", "hours_before": 50},
        cancel_until_hours=30,
        date_reminder_hours=5,
    )


def _customer(office: Office) -> Sent:
    return {
        "name": "Ana",
        "email": office.fresh("ana"),
        "phone": "+33 1 23 45 67 89",
        "participants": [ZOE],
        "groups": [office.group()["id"]],
        "fields": {"School": "Collège Hugo"},
    }


def _contract() -> Sent:
    period = {"starts_on": "2026-01-01", "ends_on": "2030-12-31"}
    return {"name": "Acme", "client": "Acme AG", "prefix": fresh_prefix(), **period, "active": False, "identifier": "email"}


def _discount(office: Office) -> Sent:
    limits = {"starts_at": in_days(1), "ends_at": in_days(9), "max_uses": 7, "max_uses_per_customer": 2}
    return {"kind": "percent", "value": 15, **limits, "sessions": [office.session()], "tags": ["health"], "active": False}


PERSON = {"client_id": "", "name": "Kim", "email": "kim@example.org", "details": {"Floor": "3"}, "shareable": ["Floor"]}
SETTINGS: Sent = {
    "name": "Studio",
    "from_name": "The studio",
    "reply_to": "office@example.org",
    "locale": "fr",
    "time_zone": "Asia/Tokyo",
    "currency": "CHF",
    "invitation_days": 9,
    "reminder_days": [2, 5],
    "date_reminder_hours": 11,
    "quiet_hours": {"starts": "21:30", "ends": "07:15"},
    "forwarding": "locked",
    "waitlist": {"mode": "strict", "auto_offer": False, "offer_hours": 7, "cutoff_hours": 3},
    "sibling_discount": {"from_nth": 3, "percent": 20},
    "cancel_until_hours": 36,
    "self_service_moves": True,
    "public_billing": "invoice",
    "address": "1 rue Haute\nParis",
    "vat_number": "FR123",
    "vat_rate": 5.5,
    "payment_instructions": "By transfer.",
    "accent": "#123456",
    "embed_origins": ["https://example.org"],
    "support_until": in_days(1),
    "stripe_secret_key": "sk_test_4242",
    "stripe_webhook_secret": "whsec_4242",
}
OF_AN_EDIT = {"confirm_below_use": "", "tell": "", "scope": ""}
CONFIRMATIONS = {"confirm_over_capacity": "", "confirm_age": ""}
CASES: dict[tuple[str, str], Case] = {
    ("POST", ORG + "/sessions"): Case(lambda office: ({}, _session(office)), SESSION, hidden={"repeat": "several sessions"}),
    ("PATCH", SESSION): Case(lambda office: ({"session": office.session()}, _session(office)), SESSION, hidden=OF_AN_EDIT),
    ("POST", ORG + "/customers"): Case(lambda office: ({}, _customer(office)), CUSTOMER, hidden={"invite": "an e-mail"}),
    ("PATCH", CUSTOMER): Case(
        lambda office: ({"customer": office.customer()["id"]}, _customer(office)), CUSTOMER, hidden={"bookings_follow": "other rows"}
    ),
    ("POST", ORG + "/groups"): Case(lambda office: ({}, {"name": office.fresh("g")}), ORG + "/groups"),
    ("PATCH", ORG + "/groups/{group}"): Case(
        lambda office: ({"group": office.group()["id"]}, {"name": office.fresh("g")}), ORG + "/groups"
    ),
    ("POST", ORG + "/contracts"): Case(lambda _: ({}, _contract()), CONTRACT),
    ("PATCH", CONTRACT): Case(lambda office: ({"contract": office.contract()["id"]}, _contract()), CONTRACT),
    ("POST", CONTRACT + "/prices"): Case(
        lambda office: ({"contract": office.contract()["id"]}, {"code": "JUN", "label": "Junior", "price": EUROS, "tag": "health"}),
        PRICE,
        hidden={"session": "or the tag"},
    ),
    ("PATCH", PRICE): Case(
        lambda office: (
            {"contract": (contract := office.contract()["id"]), "price": office.price(contract)["id"]},
            {"code": "JUN", "label": "Junior", "price": EUROS, "session": office.session()},
        ),
        PRICE,
        hidden={"tag": "or the session"},
    ),
    ("POST", CONTRACT + "/participants"): Case(
        lambda office: ({"contract": office.contract()["id"]}, {**PERSON, "client_id": office.fresh("c")}), PARTICIPANT
    ),
    ("PATCH", PARTICIPANT): Case(
        lambda office: (
            {"contract": (contract := office.contract()["id"]), "participant": office.participant(contract)["id"]},
            {**PERSON, "client_id": office.fresh("c")},
        ),
        PARTICIPANT,
    ),
    ("POST", ORG + "/discount-codes"): Case(
        lambda office: ({}, {"code": f"X{fresh_prefix()}", **_discount(office)}), ORG + "/discount-codes/{id}", id="code"
    ),
    ("PATCH", ORG + "/discount-codes/{code}"): Case(
        lambda office: ({"code": office.discount()["code"]}, _discount(office)), ORG + "/discount-codes/{code}"
    ),
    ("POST", ORG + "/api-keys"): Case(
        lambda office: ({}, {"name": "Till", "role": "viewer", "expires_at": in_days(30)}), ORG + "/api-keys"
    ),
    ("POST", ORG + "/webhooks"): Case(
        lambda office: (
            {"unused": office.webhook()},
            {"url": f"https://{office.fresh('h').partition('@')[0]}.example.org/", "events": ["customer.created"], "active": False},
        ),
        WEBHOOK,
    ),
    ("PATCH", WEBHOOK): Case(
        lambda office: (
            {"webhook": office.webhook()},
            {"url": "https://new.example.org/hook", "events": ["customer.created"], "active": False},
        ),
        WEBHOOK,
    ),
    ("POST", ORG + "/staff"): Case(
        lambda office: ({}, {"email": office.fresh("mo"), "name": "Mo", "role": "manager"}), ORG + "/staff", id="user"
    ),
    ("PATCH", ORG + "/staff/{user}"): Case(lambda office: ({"user": office.member()}, {"role": "manager"}), ORG + "/staff", id="user"),
    ("PUT", ORG + "/templates/{name}/{locale}"): Case(
        lambda _: ({"name": "confirmation", "locale": "fr"}, {"subject": "Bonjour", "body": "Cher {{customer_name}}."}),
        ORG + "/templates/{name}/{locale}",
    ),
    ("POST", SESSION + "/invitations"): Case(
        lambda office: (
            {"session": office.session(tiers=[{"id": "t1", "name": "A", "price": EUROS}, {"id": "t2", "name": "B", "price": EUROS}])},
            {
                "email": office.fresh("ina"),
                "party_size": 2,
                "discount_code": office.discount()["code"],
                "tier": "t2",
                "expires_at": in_days(3),
                "forwarding": "locked",
                "note": "At the door.",
            },
        ),
        ORG + "/invitations/{id}",
        hidden={"confirm_over_capacity": "a confirmation"},
    ),
    ("POST", SESSION + "/registrations"): Case(
        lambda office: (
            {"session": office.session()},
            {"customer": office.customer()["id"], "participants": [ZOE], "party_size": 2, "tier": "t1"},
        ),
        REGISTRATION,
        hidden={
            **CONFIRMATIONS,
            "customer": "shown as name and address",
            **dict.fromkeys(("new_customer", "discount_code", "billing", "answers", "send_confirmation"), "tested with their rules"),
        },
    ),
    ("PATCH", REGISTRATION): Case(
        lambda office: ({"registration": office.register()["id"]}, {"party_size": 2, "participants": [ZOE]}),
        REGISTRATION,
        hidden={**CONFIRMATIONS, "answers": "a session with questions"},
    ),
    ("PATCH", "/v1/unsubscribe/{token}"): Case(
        lambda office: ({"token": office.unsubscribe_token()}, {"invitations": False, "date_reminders": False, "language": "fr"}),
        "/v1/unsubscribe/{token}",
        hidden={"invitations": "shown as `unsubscribed`"},
    ),
    ("POST", SESSION + "/waitlist"): Case(
        lambda office: (
            {"session": office.full_session()},
            {"email": office.fresh("wes"), "name": "Wes", "spots": 1, "alternatives": [office.full_session()]},
        ),
        SESSION + "/waitlist",
    ),
    ("PATCH", ORG): Case(lambda _: ({}, SETTINGS), ORG, hidden={"stripe_secret_key": "secret", "stripe_webhook_secret": "secret"}),
}
BOOKS = (
    "a booking, whose fields are read on the roster and by the family: test_roster, test_public_registration, test_bookings, test_baskets"
)
SECRET = "passwords and tokens, which nobody reads"
CODES = "codes, which are read in lists and files: test_contracts"
APART = {
    "attendance.mark_attendance": "marks, which are counted: test_attendance",
    "auth.activate": SECRET,
    "joining.activate": SECRET,
    "joining.confirm": SECRET,
    "portal.register": SECRET,
    "batches.generate_codes": CODES,
    "codes.edit_code": CODES,
    "codes.issue_code": CODES,
    "imports.import_customers": "the id of an upload: test_imports",
    "imports.import_participants": "the id of an upload: test_imports",
    "bookings.change_booking": BOOKS,
    "claims.accept": BOOKS,
    "mine.change_my_registration": BOOKS,
    "portal.place_basket": BOOKS,
    "registrations.add_payment": "the paid amount is a sum: test_roster",
    "registrations.correct_contact": "a customer's address and name: test_reachable",
    "sessions.duplicate_session": "another session's fields: test_repeat",
    "mine.edit_profile": "a customer's own words: test_me",
    "waiting.join": "the answer tells a stranger nothing: test_public_registration",
}
"""Operations whose fields are not read where they were sent, and why."""


def fields(model: type[BaseModel]) -> set[str]:
    return set(model.model_fields)


def declared(case: tuple[str, str]) -> Endpoint:
    return next(one for one in every() if (one.method, one.path) == case)


def test_every_operation_that_stores_what_it_takes_has_a_case() -> None:
    stores = [one for one in every() if one.takes and (one.method in {"PATCH", "PUT"} or 201 in one.gives)]
    assert sorted(one.id for one in stores if (one.method, one.path) not in CASES) == sorted(APART)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]} {case[1]}")
def test_what_is_sent_is_read_again(world: World, case: tuple[str, str]) -> None:
    endpoint, told, office = declared(case), CASES[case], world.demo
    ids, body = told.send(office)
    assert endpoint.takes
    assert fields(endpoint.takes) - body.keys() == {*told.hidden} - body.keys(), "every field has a value here, or a reason why not"
    params, token = {"org": office.org, **ids}, office.tokens["owner"]
    response = call(endpoint.method, _filled(endpoint.path, params), body, token=token)
    assert response.status == ROWS[case].gives, response.text
    last = told.read.rpartition("{")[2].rstrip("}")
    params = {last: str(response.json.get(told.id)) if isinstance(response.json, dict) else "", **params}
    found = call("GET", _filled(told.read, params), token=token)
    assert found.status == 200, found.text
    shown = found.json if "items" not in found.json else _entry(found.json["items"], told.id, response.json[told.id])
    assert missing({name: value for name, value in body.items() if name not in told.hidden}, shown) == []


def _filled(path: str, params: Mapping[str, str]) -> str:
    for name, value in params.items():
        path = path.replace(f"{{{name}}}", value)
    return path


def _entry(items: list[Any], name: str, id: str) -> Any:
    return next(item for item in items if item[name] == id)


def missing(sent: Any, shown: Any, path: str = "") -> list[str]:
    """Return the places where what is shown differs from what was sent; it may show more."""
    if isinstance(sent, dict) and isinstance(shown, dict):
        return [fault for name, value in sent.items() for fault in missing(value, shown.get(name), f"{path}/{name}")]
    if isinstance(sent, list) and isinstance(shown, list) and len(sent) == len(shown):
        return [fault for number, value in enumerate(sent) for fault in missing(value, shown[number], f"{path}/{number}")]
    return [] if sent == shown else [f"{path}: {sent!r} became {shown!r}"]


def test_a_field_that_is_thrown_away_is_found() -> None:
    assert missing({"a": 1, "b": [{"c": 2}]}, {"a": 1, "b": [{"c": 2, "id": "x"}], "more": 0}) == []
    assert missing({"a": 1, "b": [{"c": 2}]}, {"b": [{}]}) == ["/a: 1 became None", "/b/0/c: 2 became None"]
