"""Two organisations that live the same life: `demo`, and `zebra`, of which nobody in demo may see anything."""

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
from chalicelib.events import rosters
from chalicelib.events.records import Change
from chalicelib.operations import links
from chalicelib.operations.imports import offer_upload
from chalicelib.operations.invitations import sweep
from chalicelib.operations.messages import queue
from chalicelib.rules.customers import Customer
from chalicelib.rules.drafts.organisations import StaffDraft
from chalicelib.settings import settings
from chalicelib.tables import customers, invoices, keys
from chalicelib.tables.items import Item, stored
from tests.http import Response, call

ELSEWHERE = 5000
Dump = dict[str, Item]
_numbers = itertools.count(1)


class MovedClock(datetime):
    """The clock, so much ahead as a test has moved it."""

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
    """Return a prefix that no contract had before."""
    return f"P{next(_numbers)}"


def claim_of(invitation: Mapping[str, Any]) -> str:
    """Return the path of the API that the invitation's link stands for."""
    return "/v1/invitations/" + token_of(invitation)


def token_of(invitation: Mapping[str, Any]) -> str:
    return str(invitation["link"]).rpartition("/i/")[2]


@dataclass
class Office:
    """One organisation at work: what its staff and its public make, over HTTP. Everything carries the organisation's name."""

    org: str
    tokens: Mapping[str, str]
    """Access tokens: owner, manager, viewer."""
    kept: dict[str, dict[str, str]] = field(default_factory=dict)

    def call(self, method: str, path: str, body: Any = None, *, by: str = "manager", **more: Any) -> Response:
        """Call a route of this organisation's staff; `path` goes on after the organisation."""
        return call(method, f"/v1/orgs/{self.org}{path}", body, token=self.tokens[by], **more)

    def fresh(self, name: str) -> str:
        """Return an address that nobody had before."""
        return f"{name}-{next(_numbers)}@{self.org}.test"

    def session(self, **more: Any) -> str:
        made = self.call("POST", "/sessions", session_body(**{"title": f"Judo {self.org}", **more}))
        assert made.status == 201, made.text
        return str(made.json["id"])

    def read(self, session: str) -> Any:
        return self.call("GET", f"/sessions/{session}").json

    def spots(self, session: str) -> dict[str, int]:
        return dict(self.read(session)["spots"])

    def edit(self, session: str, *, headers: Mapping[str, str] | None = None, **changes: Any) -> Response:
        return self.call("PATCH", f"/sessions/{session}", changes, headers=headers)

    def ask(self, session: str, email: str = "", **more: Any) -> Response:
        """Ask for an invitation, whatever comes of it."""
        return self.call("POST", f"/sessions/{session}/invitations", {"email": email or self.fresh("ana"), **more})

    def invite(self, session: str = "", email: str = "", **more: Any) -> Any:
        invited = self.ask(session or self.session(), email, **more)
        assert invited.status == 201, invited.text
        return invited.json

    def act(self, invitation: Mapping[str, Any], verb: str, body: Any = None) -> Response:
        """Resend, cancel, revive, approve or reject."""
        return self.call("POST", f"/invitations/{invitation['id']}/{verb}", body)

    def look(self, invitation: Mapping[str, Any]) -> Any:
        """Return the invitation as staff see it now."""
        return self.call("GET", f"/invitations/{invitation['id']}").json

    def enrol(self, session: str, email: str = "", *children: str, **more: Any) -> Response:
        """Register as the public does, whatever comes of it."""
        return call(
            "POST", f"/v1/portal/{self.org}/sessions/{session}/registrations", person(email or self.fresh("ben"), *children, **more)
        )

    def register(self, session: str = "", email: str = "", *children: str, **more: Any) -> Any:
        registered = self.enrol(session or self.session(), email, *children, **more)
        assert registered.status == 201, registered.text
        return registered.json

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
        """Make codes under a contract and return what is typed."""
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
        """Return an invitation that somebody with another address asked to use."""
        invitation = self.invite(forwarding="approve")
        assert self.accept(invitation, self.fresh("bob")).status == 202
        return invitation

    def full_session(self) -> str:
        session = self.session(spots_total=1)
        assert self.enrol(session).status == 201
        return session

    def entry(self, *, spots_free: int = 0) -> Any:
        """Put somebody on the waitlist of a full session, which has so many more spots after that."""
        session = self.full_session()
        email = self.fresh("wendy")
        made = self.call("POST", f"/sessions/{session}/waitlist", {"email": email, "name": f"Wendy {self.org}", "spots": 1})
        assert made.status == 201, made.text
        if spots_free:
            assert self.edit(session, spots_total=1 + spots_free).status == 200
        return made.json

    def waitlist_token(self) -> str:
        session, _, own = str(self.entry()["id"]).partition("-")
        return links.waitlist_token(self.org, session, own)

    def ended(self) -> Any:
        invitation = self.invite()
        assert self.act(invitation, "cancel").status == 200
        return invitation

    def member(self) -> str:
        """Invite somebody to the staff and return what they are called."""
        draft = StaffDraft(email=self.fresh("cleo"), name=f"Cleo {self.org}", role="viewer")
        made = self.call("POST", "/staff", draft.model_dump(), by="owner")
        return str(made.json["user"])

    def mailing(self) -> str:
        """Write to everybody on a roster and return the job."""
        session = self.register()["session"]
        made = self.call("POST", f"/sessions/{session}/messages", {"registrations": "all", "subject": f"Hello {self.org}", "text": "Hi"})
        assert made.status == 202, made.text
        return str(made.json["job"])

    def inviting(self) -> str:
        """Invite a customer to the portal and return the job."""
        made = self.call("POST", f"/customers/{self.customer()['id']}/invite", {"subject": f"Join {self.org}"})
        assert made.status == 202, made.text
        return str(made.json["job"])

    def upload(self, text: str) -> str:
        """Put a file where a form for large ones would, and return what it is called."""
        offer = offer_upload(self.org, contract="", key=text)
        clients.s3().put_object(Bucket=settings().imports_bucket, Key=offer.fields["key"], Body=text.encode())
        return offer.upload

    def imported(self, text: str = "") -> Any:
        """Have a file of customers checked."""
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
        """Return the token of an invoice that was issued."""
        registration = self.register()
        billed = self.call("POST", f"/registrations/{registration['id']}/billing", {"status": "invoiced"})
        assert billed.status == 200, billed.text
        return str(billed.json["invoice"]["link"]).rpartition("/")[2]

    def invoice_number(self) -> str:
        """Return the number of an invoice that was issued. Zebra's begin elsewhere: everybody has a first one."""
        year = datetime.now(UTC).year
        if self.org == "zebra" and invoices.count(self.org, year) < ELSEWHERE:
            count = {**keys.invoice_count(self.org, year).stored(), "issued": stored(ELSEWHERE)}
            clients.dynamodb().put_item(TableName=settings().records_table, Item=count)
        return links.invoiced(self.invoice_token())[1]

    def calendar_token(self) -> str:
        """Return the token of the feed of a customer with an account."""
        email = self.fresh("fay")
        fed = Customer(org=self.org, id=email.partition("@")[0], email=email, name="Fay", created_at=datetime.now(UTC), user=email)
        customers.create(fed)
        return links.calendar_feed(fed).rpartition("/")[2].removesuffix(".ics")

    def unsubscribe_token(self) -> str:
        return links.unsubscribe_token(self.org, self.fresh("dora"))

    def kept_thing(self, kind: str, make: Callable[[], dict[str, str]]) -> dict[str, str]:
        """Return the thing of that kind that is made once and looked at often."""
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
    """The access token of somebody who belongs nowhere."""


def dump() -> Dump:
    """Return all that is stored, by table and key, from moto's own memory. Counts of attempts are left out."""
    tables = get_backend("dynamodb")[DEFAULT_ACCOUNT_ID]["eu-central-1"].tables
    found = {
        f"{table.name} {item.hash_key.value} {item.range_key.value if item.range_key else ''}": item
        for table in tables.values()
        for item in table.all_items()
    }
    return {
        key: {name: value.to_regular_json() for name, value in item.attrs.items()} for key, item in found.items() if "#throttle#" not in key
    }


@contextmanager
def nothing_stored() -> Iterator[None]:
    """Fail when anything has been stored, changed or deleted meanwhile."""
    before = dump()
    yield
    after = dump()
    assert after == before, json.dumps(sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key)))


def stream_follows(office: Office, session: str) -> None:
    """Let the rows of a session follow its ledger, as its stream would."""
    for key, item in dump().items():
        if key.startswith(f"{settings().rosters_table} {office.org}#{session} "):
            rosters.follow(Change(None, item), now=MovedClock.now(UTC))


def sweep_now(office: Office) -> int:
    return sweep(office.org, now=MovedClock.now(UTC))
