"""Two organisations with the same kinds of data: `demo`, and `zebra`, whose data must be invisible to demo."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self

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
from chalicelib.tables import customers, invoices, keys, organisations, staff
from chalicelib.tables.items import stored
from tests.api.bodies import fresh_prefix, price_body
from tests.api.front_desk import FrontDesk
from tests.api.stored_items import dump
from tests.http import Response, call

ELSEWHERE = 5000
DOT = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)
"""A PNG of one red pixel."""


class MovedClock(datetime):
    """A clock that a test can set ahead."""

    ahead = timedelta()

    @classmethod
    def now(cls, tz: Any = None) -> Self:
        return super().now(tz) + cls.ahead


@dataclass
class Office(FrontDesk):
    """One organisation, with shortcuts for requests of its staff and of the public. All its texts contain its name."""

    kept: dict[str, dict[str, str]] = field(default_factory=dict)

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


def stream_follows(office: Office, session: str) -> None:
    """Update the rows of a session from its ledger, as the stream would."""
    for key, item in dump().items():
        if key.startswith(f"{config().rosters_table} {office.org}#{session} "):
            rosters.react(RecordChange(None, item), now=MovedClock.now(UTC))


def sweep_now(office: Office) -> int:
    return sweep(office.org, now=MovedClock.now(UTC))
