"""What is left of a row once nobody is to be recognised in it: numbers, amounts, dates and spots stay, the person goes.

Rows are plain values here, as they are stored: what a row does not say of somebody stays as it is.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from chalicelib.rules.addresses import compared, spellings

Row = dict[str, Any]
ERASED = "Erased customer"
SHORTEST_NEEDLE = 3
"""What is shorter is found everywhere."""


@dataclass(frozen=True, slots=True)
class Traces:
    """By what somebody is recognised. As staff one keeps what one did: `acted` leaves the addresses of staff out."""

    emails: frozenset[str]
    """As they are compared."""
    acted: frozenset[str]

    def of(self, email: object) -> bool:
        return isinstance(email, str) and compared(email) in self.emails

    def by(self, email: str) -> str:
        """Return who did something, nobody when it was them."""
        return "" if compared(email) in self.acted else email


def traces(emails: Iterable[str], *, staff: Iterable[str]) -> Traces:
    theirs = frozenset(map(compared, emails))
    return Traces(theirs, theirs - frozenset(map(compared, staff)))


def counted_use(row: Row, of: Traces) -> tuple[str, str] | None:
    """Return the discount code that a registration or invitation uses, and what its use is counted as, if it is counted as theirs."""
    discount = row.get("discount", {})
    theirs = discount.get("by") and of.of(row.get("invited_email") or row.get("email"))
    return (discount["code"], discount["by"]) if theirs else None


def registration(row: Row, of: Traces) -> Row:
    """Return a registration without them: who booked it, or was invited, or acted on it."""
    left = _without_count(_without_acts(row, of), of)
    if of.of(left.get("invited_email")):
        left.pop("invited_email")
    if not of.of(row.get("email")):
        return left
    for name in ("booker", "phone", "answers", "invited_email"):
        left.pop(name, None)
    if "billing_history" in left:
        left["billing_history"] = [{**step, "note": ""} for step in left["billing_history"]]
    return {**left, "name": ERASED, "email": "", "participants": []}


def invitation(row: Row, of: Traces) -> Row:
    """Return an invitation without them: who was invited, who waits to use it, who used it."""
    left = _without_count(row, of)
    for name in ("accepted_by", "ended_by", "invited_by"):
        if name in left:
            left[name] = of.by(left[name])
    if of.of(left.get("claimant", {}).get("email")):
        left.pop("claimant")
    if not of.of(row.get("email")):
        return left
    for name in ("booker", "note", "claimant"):
        left.pop(name, None)
    return {**left, "email": ""}


def waiting(row: Row, of: Traces) -> Row:
    """Return an entry of a waitlist without the person."""
    if not of.of(row.get("email")):
        return row
    left = {name: value for name, value in row.items() if name != "booker"}
    return {**left, "name": ERASED, "email": ""}


def invoice(row: Row, of: Traces) -> Row:
    """Return an invoice, whose number, amounts and dates must be kept, without its customer."""
    return {**row, "customer": ERASED, "email": ""} if of.of(row.get("email")) else row


def entitled(row: Row, of: Traces) -> Row:
    """Return a contract's participant without the person; the codes of it stay with it."""
    if not (of.of(row.get("email")) or of.of(row.get("client_id"))):
        return row
    left = {name: value for name, value in row.items() if name not in {"email", "details", "shareable"}}
    if of.of(left.get("client_id")):
        left.pop("client_id")
    own = row["directory_at"].rpartition("#")[2]
    return {**left, "name": ERASED, "sought": "", "directory_at": f"{ERASED.casefold()}#{own}"}


def scrubbed(value: Any, of: Traces) -> Any:
    """Return the value with their addresses gone from every text in it, however deep."""
    match value:
        case str():
            return _pattern(of).sub(ERASED, value)
        case dict():
            return {name: scrubbed(inner, of) for name, inner in value.items()}
        case list():
            return [scrubbed(inner, of) for inner in value]
    return value


def guarded(sort_key: str) -> str:
    """Return the address that a guard on a roster names, nothing of another row."""
    kind, _, rest = sort_key.partition("#")
    if kind == "8":
        return rest.partition("#")[2]
    return rest.partition("#")[2].rpartition("#")[0] if kind == "9" else ""


def needles(texts: Iterable[str]) -> frozenset[str]:
    """Return what to look for in kept answers: the texts, and as JSON writes them, once or twice."""
    found: set[str] = set()
    for text in (text.lower() for text in texts if len(text) >= SHORTEST_NEEDLE):
        once = json.dumps(text)[1:-1]
        found |= {text, once, json.dumps(once)[1:-1]}
    return frozenset(found)


def mentions(text: str, wanted: frozenset[str]) -> bool:
    low = text.lower()
    return any(needle in low for needle in wanted)


def _without_count(row: Row, of: Traces) -> Row:
    return {**row, "discount": {**row["discount"], "by": ""}} if counted_use(row, of) else dict(row)


def _without_acts(row: Row, of: Traces) -> Row:
    left = dict(row)
    if "removed_by" in left:
        left["removed_by"] = of.by(left["removed_by"])
    for name in ("billing_history", "payments"):
        if name in left:
            left[name] = [{**step, "by": of.by(step["by"])} for step in left[name]]
    return left


def _pattern(of: Traces) -> re.Pattern[str]:
    written = {spelling for email in of.emails for spelling in spellings(email)}
    return re.compile("|".join(map(re.escape, sorted(written, key=len, reverse=True))), re.IGNORECASE)
