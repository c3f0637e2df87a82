"""pretix as a contender: a session is an event with one product and one quota."""

import json
import re
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import count
from typing import Any

from bench.pretix import api
from bench.pretix.api import Reply
from bench.pretix.browser import Browser, Page
from bench.pretix.service import Service
from bench.processes import processor_seconds

ORGANIZER = "compared"
TOKEN = re.compile(r"\b[a-z0-9]{64}\b")
TEAM = re.compile(rf"/control/organizer/{ORGANIZER}/team/\d+/")
ADMINISTRATOR = {"email": "admin@localhost", "password": "admin"}
"""Whom pretix's first migration creates."""
ASKS_AGAIN_SECONDS = 0.25
PAGE = 50
"""The most that pretix's API answers at once."""
CODES_AT_ONCE = 100
SOLD_OUT = "not enough quota"
SETTINGS = {"waiting_list_enabled": True, "attendee_names_asked": True, "invoice_address_asked": False}


class Shop:
    """pretix, with an organizer, an administrator who is signed in, and a key for its API."""

    name = "pretix"

    def __init__(self, service: Service) -> None:
        self._service = service
        self._numbers = count(1)
        self._products = dict[str, tuple[int, int]]()
        self._administrator = Browser(service.url)
        self._key = f"Token {self._open_accounts()}"

    @property
    def processes(self) -> Sequence[int]:
        return self._service.processes

    def application_seconds(self) -> float:
        """Return those of all its programs: it needs each of them."""
        return processor_seconds(self.processes)

    def session(self, spots: int) -> str:
        name = f"session{next(self._numbers)}"
        event = {"name": {"en": name}, "slug": name, "currency": "EUR", "date_from": "2040-06-01T10:00:00Z", "timezone": "Europe/Paris"}
        self._call("POST", "/events/", event | {"is_public": True, "plugins": ["pretix.plugins.sendmail"]}).made()
        product = self._call("POST", f"/events/{name}/items/", {"name": {"en": "Child"}, "default_price": "0.00", "admission": True}).made()
        quota = {"name": "Spots", "size": spots, "items": [product["id"]], "variations": []}
        self._products[name] = product["id"], self._call("POST", f"/events/{name}/quotas/", quota).made()["id"]
        self._call("PATCH", f"/events/{name}/settings/", SETTINGS).made()
        self._call("PATCH", f"/events/{name}/", {"live": True}).made()
        return name

    def book(self, session: str, email: str, *, confirmed: bool = True) -> bool:
        position = {"item": self._products[session][0], "attendee_name_parts": {"given_name": "A", "family_name": "Child"}}
        order = {"email": email, "locale": "en", "sales_channel": "web", "send_email": confirmed, "positions": [position]}
        reply = self._call("POST", f"/events/{session}/orders/", order)
        if reply.status == 400 and SOLD_OUT in reply.content:
            return False
        reply.made()
        return True

    def book_on_pages(self, session: str, email: str) -> bool:
        visitor, home = Browser(self._service.url), f"/{ORGANIZER}/{session}"
        shown = visitor.open(f"{home}/")
        field = f"item_{self._products[session][0]}"
        if f'name="{field}"' not in shown.text:
            return False
        shown = self._followed(visitor, visitor.submit(f"{home}/cart/add?next={home}/checkout/start", {field: "1", "ajax": "1"}, shown))
        found = re.search(r'name="(\d+-attendee_name_parts_)0"', shown.text)
        if not found:
            return False
        shown = visitor.submit(f"{home}/checkout/questions/", {"email": email, f"{found[1]}0": "A", f"{found[1]}1": "Child"}, shown)
        shown = self._followed(visitor, visitor.submit(f"{home}/checkout/confirm/", {"ajax": "1"}, shown))
        return "/order/" in shown.url

    def read_roster(self, session: str) -> int:
        found, page = 0, 1
        while True:
            listed = self._call("GET", f"/events/{session}/orders/?page={page}&page_size={PAGE}").made()
            found += sum(len(order["positions"]) for order in listed["results"])
            if not listed["next"]:
                return found
            page += 1

    def create_codes(self, session: str, many: int) -> int:
        """Ask for some at a time: on a busy computer, a thousand at once take longer than gunicorn lets a worker be silent."""
        product, made = self._products[session][0], 0
        for first in range(0, many, CODES_AT_ONCE):
            codes = [
                {"code": f"{session}X{first + number:08}".upper(), "item": product, "max_usages": 1} for number in range(CODES_AT_ONCE)
            ]
            made += len(self._call("POST", f"/events/{session}/vouchers/batch_create/", codes).made())
        return made

    def invitation(self, session: str) -> Callable[[str], None]:
        """Open the form that creates vouchers: pretix's API creates them too, but sends none by e-mail."""
        path = f"/control/event/{ORGANIZER}/{session}/vouchers/bulk_add"
        form = self._administrator.open(path)
        return partial(self._send_voucher, path, form, str(self._products[session][0]))

    def _send_voucher(self, path: str, form: Page, product: str, email: str) -> None:
        fields = {"codes": f"INVITED{next(self._numbers):06}", "itemvar": product, "block_quota": "on", "max_usages": "1"}
        fields |= {"min_usages": "1", "price_mode": "none", "value": "", "send": "on", "send_recipients": email}
        fields |= {"send_subject": "Your voucher", "send_message": "Your voucher:\n\n{voucher_list}\n\n{url}"}
        shown = self._administrator.submit(path, fields, form)
        if shown.status != 200 or "has-error" in shown.text:
            raise RuntimeError(shown.text)

    def join(self, session: str, email: str) -> None:
        waiting = {"email": email, "name_parts": {"given_name": "A", "family_name": "Parent"}, "item": self._products[session][0]}
        self._call("POST", f"/events/{session}/waitinglistentries/", waiting).made()

    def offer(self, session: str, spots: int) -> None:
        """Press the button for it: else pretix does it in its next periodic run, every few minutes."""
        self._call("PATCH", f"/events/{session}/quotas/{self._products[session][1]}/", {"size": spots}).made()
        page = f"/control/event/{ORGANIZER}/{session}/waitinglist/"
        self._administrator.submit(f"{page}auto_assign", {}, self._administrator.open(page))

    def recipients(self) -> Iterable[str]:
        return list(self._service.sink.recipients)

    def _call(self, method: str, path: str, body: Any = None) -> Reply:
        return api.call(method, f"{self._service.url}/api/v1/organizers/{ORGANIZER}{path}", self._key, body)

    def _followed(self, visitor: Browser, shown: Page) -> Page:
        """Return the page to which a task leads, asked for as pretix's own script does until the task is done."""
        task = json.loads(shown.text)
        address = task.get("check_url")
        while task.get("ready") is False:
            time.sleep(ASKS_AGAIN_SECONDS)
            task = json.loads(visitor.open(address).text)
        return visitor.open(task["redirect"])

    def _open_accounts(self) -> str:
        """Sign the administrator in, create the organizer, and return a key for its API."""
        there = self._administrator
        there.submit("/control/login", ADMINISTRATOR, there.open("/control/login"))
        there.submit("/control/sudo/", {}, there.open("/control/sudo/"))
        add = "/control/organizers/add"
        there.submit(add, {"name": "Compared", "slug": ORGANIZER}, there.open(add))
        team = TEAM.search(there.open(f"/control/organizer/{ORGANIZER}/teams").text)
        assert team
        made = TOKEN.search(there.submit(team[0], {"name": "compare"}, there.open(team[0])).text)
        assert made
        return made[0]
