"""One test case per route: its input, and the answer to an authorised caller. A new route needs a case here."""

import json
import re
from dataclasses import dataclass
from typing import Any

from tests.api.bodies import fresh_prefix, person, price_body, session_body
from tests.api.tenants import Office

NAME = {"name": "New name"}
PASSWORD = {"password": "Lilac-Otter-12"}
INVITED = {"email": "eve@demo.test"}
AGAIN = {"password_confirmation": PASSWORD["password"]}
CHOSEN = {"token": "a.b.c", **PASSWORD, **AGAIN}


@dataclass(frozen=True)
class Row:
    """A route's test case.

    `gives` is the status for an authorised caller, `on` the kind of resource in the path if it is not the usual one of that name, and
    `missing` the status of a public route for an unknown resource. `of_session`: the body names something of one session, not the path.
    """

    gives: int = 200
    body: Any = None
    on: str = ""
    missing: int = 404
    of_session: bool = False


ORG = "/v1/orgs/{org}"
SESSION = ORG + "/sessions/{session}"
ATTENDANCE = SESSION + "/meetings/{meeting}/attendance"
INVITATION = ORG + "/invitations/{invitation}"
REGISTRATION = ORG + "/registrations/{registration}"
CUSTOMER = ORG + "/customers/{customer}"
GROUP = ORG + "/groups/{group}"
CONTRACT = ORG + "/contracts/{contract}"
PRICE = CONTRACT + "/prices/{price}"
PARTICIPANT = CONTRACT + "/participants/{participant}"
CODES = CONTRACT + "/codes"
CODE = CODES + "/{code}"
TEMPLATE = ORG + "/templates/{name}/{locale}"
DISCOUNT = ORG + "/discount-codes/{code}"
WEBHOOK = ORG + "/webhooks/{webhook}"
WORDS = {"subject": "Hello from {{organisation_name}}", "body": "Dear {{customer_name}}."}
PORTAL = "/v1/portal/{org}/sessions"
CLAIM = "/v1/invitations/{token}"
ENTRY = ORG + "/waitlist/{entry}"
WAITER = {"email": "{fresh}", "name": "Eve", "spots": 1}

BASKET_LINE = {"session": "{session}", "participants": [NAME]}
BOOKING = "/v1/bookings/{token}"
MINE = "/v1/me/registrations/{registration}"

ROWS: dict[tuple[str, str], Row] = {
    ("GET", "/v1/health"): Row(),
    ("GET", "/v1/openapi.json"): Row(),
    ("GET", "/v1/me"): Row(),
    ("POST", "/v1/auth/sign-in"): Row(401, INVITED | PASSWORD),
    ("POST", "/v1/auth/sign-in/code"): Row(401, {"sign_in": "a.b.c", "code": "123456"}),
    ("GET", ORG + "/second-factor"): Row(),
    ("POST", ORG + "/second-factor"): Row(401, PASSWORD),
    ("POST", ORG + "/second-factor/confirm"): Row(401, {"code": "123456"}),
    ("POST", ORG + "/second-factor/off"): Row(401, PASSWORD),
    ("DELETE", ORG + "/staff/{user}/second-factor"): Row(404),
    ("POST", "/v1/auth/refresh"): Row(401, {"refresh_token": "made-up"}),
    ("POST", "/v1/auth/sign-out"): Row(204, {"refresh_token": "made-up"}),
    ("POST", "/v1/auth/forgot-password"): Row(202, INVITED),
    ("POST", "/v1/auth/reset-password"): Row(404, CHOSEN),
    ("POST", "/v1/auth/activate"): Row(404, CHOSEN),
    ("POST", "/v1/portal/activate"): Row(404, CHOSEN),
    ("POST", "/v1/portal/{org}/register"): Row(202, {"email": "{fresh}", "name": "Eve", **PASSWORD, **AGAIN}),
    ("POST", "/v1/portal/confirm"): Row(404, {"token": "a.b.c"}),
    ("GET", "/v1/me/registrations"): Row(),
    ("GET", MINE): Row(on="own registration"),
    ("PATCH", MINE): Row(body={"participants": [NAME]}, on="own registration"),
    ("POST", MINE + "/cancel"): Row(on="own registration"),
    ("POST", MINE + "/move"): Row(409, {"to_session": "{target}"}, on="own registration"),
    ("GET", BOOKING): Row(on="booking"),
    ("PATCH", BOOKING): Row(body={"participants": [NAME]}, on="booking"),
    ("POST", BOOKING + "/cancel"): Row(on="booking"),
    ("POST", BOOKING + "/move"): Row(409, {"to_session": "{target}"}, on="booking"),
    ("GET", "/v1/me/invitations"): Row(),
    ("GET", "/v1/me/invoices"): Row(),
    ("GET", "/v1/me/calendar.ics"): Row(),
    ("GET", "/v1/me/profile"): Row(),
    ("PATCH", "/v1/me/profile"): Row(body=NAME),
    ("POST", "/v1/me/profile/calendar-feed"): Row(),
    ("GET", "/v1/calendars/{token}"): Row(on="calendar token"),
    ("GET", "/v1/agendas/{token}"): Row(on="agenda token"),
    ("GET", ORG): Row(),
    ("GET", ORG + "/links"): Row(),
    ("PATCH", ORG): Row(body=NAME),
    ("GET", ORG + "/staff"): Row(),
    ("POST", ORG + "/staff"): Row(201, {"email": "{fresh}", "name": "Eve", "role": "viewer"}),
    ("PATCH", ORG + "/staff/{user}"): Row(body={"role": "manager"}),
    ("DELETE", ORG + "/staff/{user}"): Row(204),
    ("GET", ORG + "/api-keys"): Row(),
    ("POST", ORG + "/api-keys"): Row(201, {"name": "Website", "role": "viewer"}),
    ("DELETE", ORG + "/api-keys/{key}"): Row(204),
    ("GET", ORG + "/webhooks"): Row(),
    ("POST", ORG + "/webhooks"): Row(201, {"url": "https://example.org/hook", "events": ["*"]}),
    ("GET", WEBHOOK): Row(),
    ("PATCH", WEBHOOK): Row(body={"events": ["customer.created"]}),
    ("DELETE", WEBHOOK): Row(204),
    ("POST", WEBHOOK + "/rotate"): Row(),
    ("POST", WEBHOOK + "/ping"): Row(202),
    ("GET", WEBHOOK + "/deliveries"): Row(),
    ("POST", WEBHOOK + "/deliveries/{delivery}/again"): Row(202),
    ("GET", ORG + "/meetings"): Row(),
    ("GET", ORG + "/sessions"): Row(),
    ("POST", ORG + "/sessions"): Row(201, session_body()),
    ("POST", ORG + "/sessions/repeat-preview"): Row(body=session_body(repeat={"times": 2, "as": "course"})),
    ("GET", SESSION): Row(),
    ("PATCH", SESSION): Row(body={"title": "Aikido"}),
    ("DELETE", SESSION): Row(204),
    ("POST", SESSION + "/cancel"): Row(body={"reason": "Snow"}),
    ("POST", SESSION + "/picture"): Row(body={"alt": "Two judokas"}, on="session with a picture"),
    ("DELETE", SESSION + "/picture"): Row(204, on="session with a picture"),
    ("POST", ORG + "/logo"): Row(body={"alt": "A tree"}, on="organisation with a logo"),
    ("DELETE", ORG + "/logo"): Row(204, on="organisation with a logo"),
    ("POST", SESSION + "/go-ahead"): Row(on="session with a minimum"),
    ("POST", SESSION + "/duplicate"): Row(201, {"starts_at": "2040-05-01T16:00:00Z"}),
    ("POST", SESSION + "/meetings/{meeting}/cancel"): Row(body={"reason": "Snow"}, on="course"),
    ("POST", SESSION + "/meetings/{meeting}/restore"): Row(on="course with a cancelled date"),
    ("GET", SESSION + "/roster"): Row(),
    ("GET", SESSION + "/capacity"): Row(),
    ("GET", ATTENDANCE): Row(on="meeting"),
    ("PUT", ATTENDANCE): Row(
        body={"marks": [{"registration": "{registration}", "participant": 0, "status": "present"}]}, on="meeting with a registration"
    ),
    ("POST", ORG + "/check-in"): Row(body={"token": "{code}", "meeting": "{meeting}"}, on="registration to check in", of_session=True),
    ("POST", SESSION + "/extras/keep"): Row(body={"thing": "{extra}"}, on="session with an extra"),
    ("GET", SESSION + "/waitlist"): Row(),
    ("POST", SESSION + "/waitlist"): Row(201, WAITER, on="full session"),
    ("GET", SESSION + "/waitlist/why"): Row(),
    ("POST", ENTRY + "/invite"): Row(201, on="entry with room"),
    ("POST", ENTRY + "/move"): Row(body={"position": 1}),
    ("DELETE", ENTRY): Row(204),
    ("GET", SESSION + "/invitations"): Row(),
    ("POST", SESSION + "/invitations"): Row(201, INVITED),
    ("POST", SESSION + "/invitations/bulk"): Row(202, {"emails": ["{fresh}"], "mode": "all"}),
    ("GET", INVITATION): Row(),
    ("POST", INVITATION + "/resend"): Row(body={}),
    ("POST", INVITATION + "/cancel"): Row(),
    ("POST", INVITATION + "/revive"): Row(body={}, on="ended invitation"),
    ("POST", INVITATION + "/approve"): Row(on="waiting invitation"),
    ("POST", INVITATION + "/reject"): Row(on="waiting invitation"),
    ("GET", REGISTRATION): Row(),
    ("DELETE", REGISTRATION): Row(204),
    ("PATCH", REGISTRATION): Row(body={"party_size": 2}),
    ("PATCH", REGISTRATION + "/contact"): Row(body=NAME),
    ("POST", REGISTRATION + "/confirmation"): Row(202),
    ("POST", REGISTRATION + "/billing"): Row(body={"status": "invoiced"}),
    ("POST", REGISTRATION + "/payments"): Row(201, {"amount": {"amount": 100, "currency": "EUR"}, "method": "cash"}),
    ("POST", REGISTRATION + "/refund"): Row(body={"amount": {"amount": 100, "currency": "EUR"}}, on="paid registration"),
    ("POST", REGISTRATION + "/transfer"): Row(body={"to_session": "{target}"}, on="registration with a target"),
    ("POST", SESSION + "/registrations"): Row(201, {"new_customer": {"name": "Eve", "email": "{fresh}"}, "participants": [NAME]}),
    ("GET", SESSION + "/roster.csv"): Row(),
    ("POST", SESSION + "/messages"): Row(
        202, {"registrations": ["{registration}"], "subject": "Hello", "text": "Bring a towel"}, on="session with a registration"
    ),
    ("GET", SESSION + "/messages"): Row(),
    ("GET", CUSTOMER + "/messages"): Row(),
    ("GET", ORG + "/messages/{message}"): Row(),
    ("GET", ORG + "/jobs"): Row(),
    ("GET", ORG + "/jobs/{job}"): Row(),
    ("GET", ORG + "/notifications"): Row(),
    ("POST", ORG + "/notifications/read"): Row(body={"all": True}),
    ("GET", ORG + "/orders"): Row(),
    ("GET", ORG + "/orders.csv"): Row(),
    ("GET", ORG + "/audit"): Row(),
    ("GET", ORG + "/audit.csv"): Row(),
    ("GET", ORG + "/reports/{name}"): Row(on="report"),
    ("GET", ORG + "/invoices"): Row(),
    ("POST", ORG + "/invoices/{invoice}/correct"): Row(),
    ("GET", ORG + "/customers"): Row(),
    ("POST", ORG + "/customers"): Row(201, {"name": "Eve", "email": "{fresh}"}),
    ("GET", CUSTOMER): Row(),
    ("PATCH", CUSTOMER): Row(body=NAME),
    ("GET", ORG + "/customers.csv"): Row(),
    ("GET", CUSTOMER + "/export"): Row(),
    ("DELETE", CUSTOMER): Row(204),
    ("POST", CUSTOMER + "/erase"): Row(202),
    ("POST", CUSTOMER + "/reachable"): Row(),
    ("POST", CUSTOMER + "/merge"): Row(body={"into": "{other}"}, on="two customers"),
    ("GET", ORG + "/discount-codes"): Row(),
    ("POST", ORG + "/discount-codes"): Row(201, {"code": "{prefix}", "kind": "percent", "value": 10}),
    ("GET", DISCOUNT): Row(on="discount"),
    ("PATCH", DISCOUNT): Row(body={"active": False}, on="discount"),
    ("GET", ORG + "/groups"): Row(),
    ("POST", ORG + "/groups"): Row(201, {"name": "{fresh}"}),
    ("PATCH", GROUP): Row(body={"name": "{fresh}"}),
    ("DELETE", GROUP): Row(204),
    ("PUT", GROUP + "/customers/{customer}"): Row(204, on="group and customer"),
    ("DELETE", GROUP + "/customers/{customer}"): Row(204, on="group and customer"),
    ("POST", CUSTOMER + "/invite"): Row(202, {}),
    ("POST", ORG + "/customers/invite"): Row(202, {"audience": {"status": ["invited"]}}),
    ("GET", ORG + "/jobs/{job}/customers"): Row(on="job of invitations"),
    ("GET", ORG + "/contracts"): Row(),
    ("POST", ORG + "/contracts"): Row(201, {"name": "Acme", "client": "Acme", "prefix": "{prefix}"}),
    ("GET", CONTRACT): Row(),
    ("PATCH", CONTRACT): Row(body=NAME),
    ("DELETE", CONTRACT): Row(204),
    ("GET", CONTRACT + "/prices"): Row(),
    ("POST", CONTRACT + "/prices"): Row(201, price_body()),
    ("GET", PRICE): Row(),
    ("PATCH", PRICE): Row(body={"label": "Senior"}),
    ("DELETE", PRICE): Row(204),
    ("GET", CONTRACT + "/participants"): Row(),
    ("POST", CONTRACT + "/participants"): Row(201, {"client_id": "{fresh}"}),
    ("GET", PARTICIPANT): Row(),
    ("PATCH", PARTICIPANT): Row(body=NAME),
    ("DELETE", PARTICIPANT): Row(204),
    ("POST", PARTICIPANT + "/code"): Row(201, {"width": 8, "price": "{price}"}, on="participant and price"),
    ("GET", CODES): Row(),
    ("POST", CODES): Row(201, {"quantity": 1, "width": 8, "price": "{price}"}, on="price"),
    ("GET", CONTRACT + "/codes.csv"): Row(),
    ("GET", CONTRACT + "/batches"): Row(),
    ("GET", CODE): Row(),
    ("PATCH", CODE): Row(body={"note": "For the front desk"}),
    ("DELETE", CODE): Row(204),
    ("POST", CODE + "/return"): Row(409),
    ("POST", "/v1/portal/{org}/codes/lookup"): Row(404, {"code": "nothing there"}),
    ("GET", CONTRACT + "/participants.csv"): Row(),
    ("POST", CONTRACT + "/imports"): Row(201, {"upload": "{upload}"}, on="contract and upload"),
    ("POST", CONTRACT + "/imports/uploads"): Row(201),
    ("POST", ORG + "/customers/imports"): Row(201, {"upload": "{upload}"}, on="upload"),
    ("POST", ORG + "/customers/imports/uploads"): Row(201),
    ("GET", ORG + "/imports/{import}"): Row(),
    ("POST", ORG + "/imports/{import}/complete"): Row(202),
    ("GET", ORG + "/templates"): Row(),
    ("GET", TEMPLATE): Row(),
    ("PUT", TEMPLATE): Row(body=WORDS),
    ("DELETE", TEMPLATE): Row(204),
    ("POST", TEMPLATE + "/preview"): Row(body=WORDS),
    ("GET", PORTAL): Row(),
    ("GET", PORTAL + "/{session}"): Row(),
    ("POST", PORTAL + "/{session}/quote"): Row(body={}),
    ("POST", PORTAL + "/{session}/registrations"): Row(201, person("eve@demo.test")),
    ("POST", "/v1/portal/{org}/baskets/quote"): Row(200, {"lines": [BASKET_LINE]}, on="session", of_session=True),
    ("POST", "/v1/portal/{org}/baskets"): Row(201, INVITED | {"name": "Eve", "lines": [BASKET_LINE]}, on="session", of_session=True),
    ("GET", "/v1/orders/{token}"): Row(on="order token"),
    ("POST", "/v1/orders/{token}/checkout"): Row(409, on="order token"),
    ("GET", CLAIM): Row(),
    ("POST", CLAIM + "/accept"): Row(201, person("eve@demo.test")),
    ("POST", CLAIM + "/decline"): Row(204),
    ("GET", "/v1/invoices/{token}"): Row(on="invoice token"),
    ("POST", "/v1/invoices/{token}/checkout"): Row(409, on="invoice token"),
    ("POST", "/v1/stripe/{org}/webhook"): Row(400, missing=400),
    ("POST", PORTAL + "/{session}/waitlist"): Row(201, WAITER, on="full session"),
    ("GET", "/v1/waitlist/{token}"): Row(on="waitlist token"),
    ("POST", "/v1/waitlist/{token}/confirm"): Row(on="mailed waitlist token"),
    ("POST", "/v1/waitlist/{token}/leave"): Row(204, on="waitlist token"),
    ("GET", "/v1/unsubscribe/{token}"): Row(on="unsubscribe token"),
    ("POST", "/v1/unsubscribe/{token}"): Row(on="unsubscribe token"),
    ("PATCH", "/v1/unsubscribe/{token}"): Row(body={"invitations": False, "date_reminders": False}, on="unsubscribe token"),
    ("POST", "/v1/resubscribe/{token}"): Row(on="unsubscribe token"),
}


def filled(body: Any, office: Office, params: dict[str, str]) -> Any:
    """Return the body of a case, with an unused address and the ids of this attempt filled in."""
    text = json.dumps(body).replace("{fresh}", office.fresh("eve")).replace("{prefix}", fresh_prefix())
    return json.loads(re.sub(r"{([a-z]+)}", lambda name: params.get(name[1], "nothing-there"), text))
