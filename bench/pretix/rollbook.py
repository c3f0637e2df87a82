"""Rollbook as a contender: the local stack as `make run` starts it, with demo data, the stand-in for AWS and the mailbox."""

import json
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from bench import metered_stack
from bench.pretix import api
from bench.pretix.api import Reply
from bench.pretix.browser import Browser
from bench.stack import Running
from bench.world import now
from chalicelib.rules.times import written

ORG = "/v1/orgs/demo"
WIDTH = 10
"""Of a code."""


class Rollbook:
    """A local stack, and its owner, who is signed in."""

    name = "Rollbook"

    def __init__(self, stack: Running, folder: Path) -> None:
        self._stack = stack
        self._folder = folder
        self._mail = folder / "mail" / "messages.jsonl"

    @property
    def processes(self) -> Sequence[int]:
        return [self._stack.process]

    def application_seconds(self) -> float:
        """Return those of the functions: AWS charges databases, queues and e-mails by request."""
        return metered_stack.spent(self._folder)

    def session(self, spots: int) -> str:
        starts = now() + timedelta(days=30)
        draft = {
            "title": "Compared",
            "time_zone": "Europe/Paris",
            "spots_total": spots,
            "meetings": [{"starts_at": written(starts), "ends_at": written(starts + timedelta(hours=1))}],
            "tiers": [{"name": "Child", "price": {"amount": 0, "currency": "EUR"}}],
        }
        return str(self._call("POST", "/sessions", draft).made()["id"])

    def book(self, session: str, email: str, *, confirmed: bool = True) -> bool:
        booking = {
            "new_customer": {"name": "A Parent", "email": email},
            "participants": [{"name": "A Child"}],
            "billing": {"method": "later"},
            "send_confirmation": confirmed,
        }
        reply = self._call("POST", f"/sessions/{session}/registrations", booking)
        if reply.status == 409 and "session_full" in reply.content:
            return False
        reply.made()
        return True

    def book_on_pages(self, session: str, email: str) -> bool:
        visitor, path = Browser(self._stack.url), f"/p/demo/sessions/{session}"
        shown = visitor.open(path)
        if 'name="participants/0/name"' not in shown.text:
            return False
        shown = visitor.submit(path, {"name": "A Parent", "email": email, "participants/0/name": "A Child"}, shown)
        return "/b/" in shown.url

    def read_roster(self, session: str) -> int:
        roster = self._call("GET", f"/sessions/{session}/roster").made()
        return sum(int(one["party_size"]) for one in roster["registrations"])

    def create_codes(self, session: str, many: int) -> int:
        contract = self._call("POST", "/contracts", {"name": f"Contract {uuid.uuid4().hex}", "client": "A Company"}).made()["id"]
        priced = {"code": "FREE", "label": "Free", "price": {"amount": 0, "currency": "EUR"}, "session": session}
        price = self._call("POST", f"/contracts/{contract}/prices", priced).made()["id"]
        batch = {"quantity": many, "width": WIDTH, "price": price}
        return len(self._call("POST", f"/contracts/{contract}/codes", batch).made()["codes"])

    def invitation(self, session: str) -> Callable[[str], None]:
        return partial(self._invite, session)

    def _invite(self, session: str, email: str) -> None:
        self._call("POST", f"/sessions/{session}/invitations", {"email": email}).made()

    def join(self, session: str, email: str) -> None:
        self._call("POST", f"/sessions/{session}/waitlist", {"email": email, "name": "A Parent"}).made()

    def offer(self, session: str, spots: int) -> None:
        """Change the number of spots: the offers follow."""
        self._call("PATCH", f"/sessions/{session}", {"spots_total": spots}).made()

    def recipients(self) -> Iterable[str]:
        return list(self._addresses())

    def _addresses(self) -> Iterator[str]:
        """Yield the addresses in the mailbox's file, which costs the stack nothing. Its last line may be half written."""
        for line in self._mail.read_text().splitlines():
            try:
                yield from json.loads(line)["to"]
            except ValueError:
                return

    def _call(self, method: str, path: str, body: Any = None) -> Reply:
        return api.call(method, f"{self._stack.url}{ORG}{path}", f"Bearer {self._stack.access}", body)
