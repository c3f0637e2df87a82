"""Two organisations with the same kinds of data: `demo`, and `zebra`, whose data must be invisible to demo."""

import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from moto.backends import get_backend
from moto.core.models import DEFAULT_ACCOUNT_ID

from chalicelib import clients
from chalicelib.config import config
from chalicelib.events import rosters
from chalicelib.events.records import RecordChange
from chalicelib.operations import links
from chalicelib.operations.imports import prepare_upload
from chalicelib.operations.invitations import sweep
from chalicelib.operations.messages import queue
from chalicelib.rules.customers import Customer
from chalicelib.rules.inputs.organisations import StaffInput
from chalicelib.rules.invoices import year_of
from chalicelib.tables import customers, invoices, keys, organisations, staff, waitlist
from chalicelib.tables.items import Item, stored
from tests.http import Response, call

ELSEWHERE = 5000
DOT = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)
"""A PNG of one red pixel."""
Dump = dict[str, Item]
_numbers = itertools.count(1)


class MovedClock(datetime):
    """A clock that a test can set ahead."""

    ahead = timedelta()

    @classmethod
    def now(cls, tz: Any = None) -> Self:
        return super().now(tz) + cls.ahead


def in_days(days: float, *, now: datetime | None = None) -> str:
    return ((now or datetime.now(UTC)) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def session_body(**more: Any) -> dict[str, Any]:
    return {
        "title": "Judo",
        "time_zone": "Europe/Paris",
        "spots_total": 5,
        "meetings": [{"starts_at": in_days(10), "ends_at": in_days(10.05)}],
        "tiers": [{"name": "Child", "price": {"amount": 1250, "currency": "EUR"}}],
        **more,
    }


def person(email: str, *children: str, **more: Any) -> dict[str, Any]:
    return {"email": email, "name": "A Parent", "participants": [{"name": child} for child in children or ("Kim",)], **more}


def price_body(**more: Any) -> dict[str, Any]:
    return {"code": "STD", "label": "Standard", "price": {"amount": 1000, "currency": "EUR"}, "tag": "health", **more}


def fresh_prefix() -> str:
    """Return an unused contract prefix."""
    return f"P{next(_numbers)}"


def claim_of(invitation: Mapping[str, Any]) -> str:
    """Return the API path that corresponds to the invitation's link."""
    return "/v1/invitations/" + token_of(invitation)


def token_of(invitation: Mapping[str, Any]) -> str:
    return str(invitation["link"]).rpartition("/i/")[2]


@dataclass
class Office:
    """One organisation, with shortcuts for requests of its staff and of the public. All its texts contain its name."""

    org: str
    tokens: Mapping[str, str]
    """Access tokens by role: owner, manager, viewer, leader."""
    kept: dict[str, dict[str, str]] = field(default_factory=dict)

    def call(self, method: str, path: str, body: Any = None, *, by: str = "manager", **more: Any) -> Response:
        """Call a staff route; `path` is relative to the organisation."""
        return call(method, f"/v1/orgs/{self.org}{path}", body, token=self.tokens[by], **more)

    def fresh(self, name: str) -> str:
        """Return an unused address."""
        return f"{name}-{next(_numbers)}@{self.org}.test"

    def session(self, **more: Any) -> str:
        made = self.call("POST", "/sessions", session_body(**{"title": f"Judo {self.org}", **more}))
        assert made.status == 201, made.text
        return str(made.json["id"])

    def course(self, *, cancelled: bool = False) -> dict[str, str]:
        """Make a course of two dates, and cancel the second if it shall be so."""
        session = self.session(meetings=[{"starts_at": in_days(day), "ends_at": in_days(day + 0.05)} for day in (10, 17)])
        meeting = self.read(session)["meetings"][1]["id"]
        if cancelled:
            assert self.call("POST", f"/sessions/{session}/meetings/{meeting}/cancel", {}).status == 200
        return {"session": session, "meeting": meeting}

    def read(self, session: str) -> Any:
        return self.call("GET", f"/sessions/{session}").json

    def lead(self, session: str) -> None:
        """Have the member with the role leader lead the session."""
        assert self.edit(session, leaders=[f"leader@{self.org}.test"]).status == 200

    def spots(self, session: str) -> dict[str, int]:
        return dict(self.read(session)["spots"])

    def edit(self, session: str, *, headers: Mapping[str, str] | None = None, **changes: Any) -> Response:
        return self.call("PATCH", f"/sessions/{session}", changes, headers=headers)

    def ask(self, session: str, email: str = "", **more: Any) -> Response:
        """Request an invitation and return the answer, whatever its status."""
        return self.call("POST", f"/sessions/{session}/invitations", {"email": email or self.fresh("ana"), **more})

    def invite(self, session: str = "", email: str = "", **more: Any) -> Any:
        invited = self.ask(session or self.session(), email, **more)
        assert invited.status == 201, invited.text
        return invited.json

    def act(self, invitation: Mapping[str, Any], verb: str, body: Any = None) -> Response:
        """Resend, cancel, revive, approve or reject an invitation."""
        return self.call("POST", f"/invitations/{invitation['id']}/{verb}", body)

    def look(self, invitation: Mapping[str, Any]) -> Any:
        """Return the invitation as staff see it now."""
        return self.call("GET", f"/invitations/{invitation['id']}").json

    def enrol(self, session: str, email: str = "", *children: str, **more: Any) -> Response:
        """Register on the public route and return the answer, whatever its status."""
        return call(
            "POST", f"/v1/portal/{self.org}/sessions/{session}/registrations", person(email or self.fresh("ben"), *children, **more)
        )

    def register(self, session: str = "", email: str = "", *children: str, **more: Any) -> Any:
        registered = self.enrol(session or self.session(), email, *children, **more)
        assert registered.status == 201, registered.text
        return registered.json

    def order_token(self) -> str:
        """Return the token of an order of two sessions."""
        lines = [{"session": self.session(), "participants": [{"name": "Kim"}]} for _ in range(2)]
        body = {"email": self.fresh("ben"), "name": "A Parent", "lines": lines}
        placed = call("POST", f"/v1/portal/{self.org}/baskets", body)
        assert placed.status == 201, placed.text
        return str(placed.json["order"])

    def customer(self, **more: Any) -> Any:
        made = self.call("POST", "/customers", {"name": "Cleo", "email": self.fresh("cleo"), **more})
        assert made.status == 201, made.text
        return made.json

    def group(self, name: str = "") -> Any:
        made = self.call("POST", "/groups", {"name": name or self.fresh("group")})
        assert made.status == 201, made.text
        return made.json

    def discount(self, **more: Any) -> Any:
        body = {"code": f"{fresh_prefix()}-{self.org}", "kind": "percent", "value": 20, **more}
        made = self.call("POST", "/discount-codes", body)
        assert made.status == 201, made.text
        return made.json

    def contract(self, **more: Any) -> Any:
        body = {"name": f"Acme {self.org}", "client": f"Acme {self.org}", "prefix": fresh_prefix(), **more}
        made = self.call("POST", "/contracts", body)
        assert made.status == 201, made.text
        return made.json

    def price(self, contract: str, **more: Any) -> Any:
        made = self.call("POST", f"/contracts/{contract}/prices", price_body(**more))
        assert made.status == 201, made.text
        return made.json

    def participant(self, contract: str, **more: Any) -> Any:
        body = {"client_id": self.fresh("c"), "name": f"Kim {self.org}", **more}
        made = self.call("POST", f"/contracts/{contract}/participants", body)
        assert made.status == 201, made.text
        return made.json

    def codes(self, contract: str, price: str, quantity: int = 1, **more: Any) -> list[str]:
        """Generate codes of a contract and return them."""
        made = self.call("POST", f"/contracts/{contract}/codes", {"quantity": quantity, "width": 8, "price": price, **more})
        assert made.status == 201, made.text
        return [str(code["code"]) for code in made.json["codes"]]

    def look_up(self, code: str, **more: Any) -> Response:
        return call("POST", f"/v1/portal/{self.org}/codes/lookup", {"code": code}, **more)

    def accept(self, invitation: Mapping[str, Any], email: str = "", *children: str, **more: Any) -> Response:
        return call("POST", claim_of(invitation) + "/accept", person(email or invitation["email"], *children, **more))

    def roster(self, session: str, meeting: str = "") -> Any:
        return self.call("GET", f"/sessions/{session}/roster" + (f"?meeting={meeting}" if meeting else "")).json

    def waiting(self) -> Any:
        """Return an invitation that waits for the approval of a claimant with another address."""
        invitation = self.invite(forwarding="approve")
        assert self.accept(invitation, self.fresh("bob")).status == 202
        return invitation

    def full_session(self) -> str:
        session = self.session(spots_total=1)
        assert self.enrol(session).status == 201
        return session

    def entry(self, *, spots_free: int = 0) -> Any:
        """Add an entry to the waitlist of a full session, then add `spots_free` spots to the session."""
        session = self.full_session()
        email = self.fresh("wendy")
        made = self.call("POST", f"/sessions/{session}/waitlist", {"email": email, "name": f"Wendy {self.org}", "spots": 1})
        assert made.status == 201, made.text
        if spots_free:
            assert self.edit(session, spots_total=1 + spots_free).status == 200
        return made.json

    def waitlist_token(self, *, mailed: bool = False) -> str:
        session, _, id = str(self.entry()["id"]).partition("-")
        entry = waitlist.get(self.org, session, id)
        link = links.mailed_waitlist_link if mailed else links.waitlist_link
        return link(entry).rpartition("/")[2]

    def ended(self) -> Any:
        invitation = self.invite()
        assert self.act(invitation, "cancel").status == 200
        return invitation

    def member(self) -> str:
        """Invite a staff member and return their id."""
        draft = StaffInput(email=self.fresh("cleo"), name=f"Cleo {self.org}", role="viewer")
        made = self.call("POST", "/staff", draft.model_dump(), by="owner")
        return str(made.json["user"])

    def api_key(self) -> str:
        """Create an API key and return its id."""
        made = self.call("POST", "/api-keys", {"name": f"Website {self.org}", "role": "viewer"}, by="owner")
        assert made.status == 201, made.text
        return str(made.json["id"])

    def webhook(self) -> str:
        """Add a webhook and return its id. Room for it is made by deleting the one before."""
        for made in self.call("GET", "/webhooks", by="owner").json["items"][5:]:
            self.call("DELETE", f"/webhooks/{made['id']}", by="owner")
        made = self.call("POST", "/webhooks", {"url": f"https://{self.org}.example.org/hook", "events": ["*"]}, by="owner")
        assert made.status == 201, made.text
        return str(made.json["id"])

    def delivery(self) -> dict[str, str]:
        """Ping a new webhook and return the ids of both."""
        webhook = self.webhook()
        return {"webhook": webhook, "delivery": self.call("POST", f"/webhooks/{webhook}/ping", by="owner").json["id"]}

    def mailing(self) -> str:
        """Send a message to a whole roster and return the id of its job."""
        session = self.register()["session"]
        made = self.call("POST", f"/sessions/{session}/messages", {"registrations": "all", "subject": f"Hello {self.org}", "text": "Hi"})
        assert made.status == 202, made.text
        return str(made.json["job"])

    def inviting(self) -> str:
        """Invite a customer to the portal and return the id of the job."""
        made = self.call("POST", f"/customers/{self.customer()['id']}/invite", {"subject": f"Join {self.org}"})
        assert made.status == 202, made.text
        return str(made.json["job"])

    def upload(self, text: str) -> str:
        """Store a file as an upload of a large file would, and return the id of the upload."""
        offer = prepare_upload(self.org, contract="", key=text)
        clients.s3().put_object(Bucket=config().imports_bucket, Key=offer.fields["key"], Body=text.encode())
        return offer.upload

    def pictured(self) -> str:
        """Create a session with a picture and return its id."""
        session = self.session()
        made = self.call("POST", f"/sessions/{session}/picture", DOT, headers={"Content-Type": "application/octet-stream"})
        assert made.status == 200, made.text
        return session

    def with_logo(self) -> dict[str, str]:
        """Give the organisation a logo. Returns nothing to fill in."""
        made = self.call("POST", "/logo", DOT, by="owner", headers={"Content-Type": "application/octet-stream"})
        assert made.status == 200, made.text
        return {}

    def imported(self, text: str = "") -> Any:
        """Have a customer file checked and return the import."""
        file = text or f"Name,Email\nEve,{self.fresh('eve')}\n"
        checked = self.call("POST", "/customers/imports", file, headers={"Content-Type": "text/csv"})
        assert checked.status == 201, checked.text
        return checked.json

    def message(self) -> str:
        """Queue an e-mail and return its id."""
        to = self.fresh("ana")
        data, now = {"user": "u", "nonce": "n"}, datetime.now(UTC)
        return queue(kind="password_reset", org=self.org, to=to, locale="en", data=data, key=to, now=now)

    def invoice_token(self) -> str:
        """Issue an invoice and return its token."""
        registration = self.register()
        billed = self.call("POST", f"/registrations/{registration['id']}/billing", {"status": "invoiced"})
        assert billed.status == 200, billed.text
        return str(billed.json["invoice"]["link"]).rpartition("/")[2]

    def paid(self) -> Any:
        """Register somebody who has paid in cash."""
        registration = self.register()
        payment = {"amount": registration["total"], "method": "cash"}
        recorded = self.call("POST", f"/registrations/{registration['id']}/payments", payment)
        assert recorded.status == 201, recorded.text
        return recorded.json

    def invoice_number(self) -> str:
        """Issue an invoice and return its number. Zebra's numbers start elsewhere, since every organisation has a number 1."""
        year = year_of(organisations.get(self.org), datetime.now(UTC))
        if self.org == "zebra" and invoices.count(self.org, year) < ELSEWHERE:
            count = {**keys.invoice_count(self.org, year).stored(), "issued": stored(ELSEWHERE)}
            clients.dynamodb().put_item(TableName=config().records_table, Item=count)
        return links.read_invoice_token(self.invoice_token())[1]

    def calendar_token(self) -> str:
        """Return the calendar token of a customer with an account."""
        email = self.fresh("fay")
        fed = Customer(org=self.org, id=email.partition("@")[0], email=email, name="Fay", created_at=datetime.now(UTC), user=email)
        customers.create(fed)
        return links.calendar_feed(fed).rpartition("/")[2].removesuffix(".ics")

    def agenda_token(self) -> str:
        """Return the token of the calendar feed of an owner."""
        owner = next(one for one in staff.every(self.org) if one.role == "owner" and one.status == "active")
        return links.agenda_feed(owner).rpartition("/")[2].removesuffix(".ics")

    def unsubscribe_token(self) -> str:
        return links.unsubscribe_token(self.org, self.fresh("dora"))

    def kept_thing(self, kind: str, make: Callable[[], dict[str, str]]) -> dict[str, str]:
        """Return the resource of this kind, created on the first call and then reused."""
        if kind not in self.kept:
            self.kept[kind] = make()
        return self.kept[kind]


@dataclass(frozen=True)
class World:
    demo: Office
    zebra: Office
    customer: str
    """The access token of a customer of demo."""
    newcomer: str
    """The access token of an account without an organisation."""


def dump() -> Dump:
    """Return all stored items by table and key, read from moto's memory, except the counts of attempts."""
    return {key: _attributes(item) for key, item in stored_items().items()}


@contextmanager
def nothing_stored() -> Iterator[None]:
    """Fail if an item is stored, changed or deleted in the block. A change replaces the item in moto's memory: see tests/fast_moto.py."""
    before = stored_items()
    yield
    after = stored_items()
    replaced = [key for key in before.keys() | after.keys() if before.get(key) is not after.get(key)]
    changed = [key for key in replaced if _attributes(before.get(key)) != _attributes(after.get(key))]
    assert not changed, json.dumps(sorted(changed))


def stored_items() -> dict[str, Any]:
    tables: dict[str, Any] = get_backend("dynamodb")[DEFAULT_ACCOUNT_ID]["eu-central-1"].tables
    found: dict[str, Any] = {
        f"{table.name} {item.hash_key.value} {item.range_key.value if item.range_key else ''}": item
        for table in tables.values()
        for stored in table.items.values()
        for item in (stored.values() if table.range_key_attr else [stored])
    }
    return {key: item for key, item in found.items() if "#throttle#" not in key}


def _attributes(item: Any) -> dict[str, Any]:
    return {name: value.to_regular_json() for name, value in item.attrs.items()} if item else {}


def stream_follows(office: Office, session: str) -> None:
    """Update the rows of a session from its ledger, as the stream would."""
    for key, item in dump().items():
        if key.startswith(f"{config().rosters_table} {office.org}#{session} "):
            rosters.react(RecordChange(None, item), now=MovedClock.now(UTC))


def sweep_now(office: Office) -> int:
    return sweep(office.org, now=MovedClock.now(UTC))
