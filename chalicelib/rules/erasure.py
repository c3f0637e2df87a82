"""Rows without a person's data: numbers, amounts, dates and spots stay; names, addresses and answers go.

Rows are plain values here, in their stored form. Attributes without personal data stay unchanged.
"""

import json
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any

from chalicelib.rules.addresses import compared, spellings
from chalicelib.rules.translation import N_

Row = dict[str, Any]
ERASED = N_("Erased customer")
"""Stored in English in place of a name, and shown in the language of the reader."""
SHORTEST_NEEDLE = 3
"""A shorter text would match almost anywhere."""


@dataclass(frozen=True, slots=True)
class Traces:
    """The addresses of the person to erase. `acted` leaves out addresses of staff: their acts as staff stay on record."""

    emails: frozenset[str]
    """In the form of `compared`."""
    acted: frozenset[str]

    def of(self, email: object) -> bool:
        return isinstance(email, str) and compared(email) in self.emails

    def by(self, email: str) -> str:
        """Return the author of an act, or an empty text when it was the person."""
        return "" if compared(email) in self.acted else email


def traces(emails: Iterable[str], *, staff: Iterable[str]) -> Traces:
    addresses = frozenset(map(compared, emails))
    return Traces(addresses, addresses - frozenset(map(compared, staff)))


def name_shown(text: str, gettext: Callable[[str], str]) -> str:
    """Return a text with the words for an erased customer in the language of `gettext`."""
    return text.replace(ERASED, gettext(ERASED)) if ERASED in text else text


def counted_use(row: Row, of: Traces) -> tuple[str, str] | None:
    """Return the discount code of a registration or invitation and the key of its use, if the use is counted under the person."""
    discount = row.get("discount", {})
    counted = discount.get("by") and of.of(row.get("invited_email") or row.get("email"))
    return (discount["code"], discount["by"]) if counted else None


def registration(row: Row, of: Traces) -> Row:
    """Return a registration without the person, who may have booked it, been invited to it or acted on it."""
    left = _without_count(_without_acts(row, of), of)
    if of.of(left.get("invited_email")):
        left.pop("invited_email")
    if not of.of(row.get("email")):
        return left
    for name in ("booker", "phone", "answers", "consents", "participant_details", "invited_email"):
        left.pop(name, None)
    if "billing_history" in left:
        left["billing_history"] = [{**change, "note": ""} for change in left["billing_history"]]
    return {**left, "name": ERASED, "email": "", "participants": []}


def invitation(row: Row, of: Traces) -> Row:
    """Return an invitation without the person, who may have been invited, wait for approval or have acted on it."""
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


def waitlist_entry(row: Row, of: Traces) -> Row:
    """Return a waitlist entry without the person."""
    if not of.of(row.get("email")):
        return row
    left = {name: value for name, value in row.items() if name != "booker"}
    return {**left, "name": ERASED, "email": ""}


def unlisted_entries(row: Row, of: Traces) -> Row:
    """Return the row of a session's unlisted entries without those of the person."""
    return {name: value for name, value in row.items() if not (isinstance(value, dict) and of.of(value.get("email")))}


def invoice(row: Row, of: Traces) -> Row:
    """Return an invoice without its customer. Its number, amounts and dates must be kept."""
    return {**row, "customer": ERASED, "email": ""} if of.of(row.get("email")) else row


def contract_participant(row: Row, of: Traces) -> Row:
    """Return a contract's participant without the person's data; the codes stay assigned to it."""
    if not (of.of(row.get("email")) or of.of(row.get("client_id"))):
        return row
    left = {name: value for name, value in row.items() if name not in {"email", "details", "shareable"}}
    if of.of(left.get("client_id")):
        left.pop("client_id")
    id = row["directory_at"].rpartition("#")[2]
    return {**left, "name": ERASED, "sought": "", "directory_at": f"{ERASED.casefold()}#{id}"}


def scrubbed(value: Any, of: Traces) -> Any:
    """Return the value with the person's addresses replaced in every text, at any depth."""
    match value:
        case str():
            return _pattern(of).sub(ERASED, value)
        case dict():
            return {name: scrubbed(inner, of) for name, inner in value.items()}
        case list():
            return [scrubbed(inner, of) for inner in value]
    return value


def attendance(row: Row, of: Traces, erased: Collection[str]) -> Row:
    """Return marks without notes about these registrations, and without the person as their author. The marks stay."""
    if "m" not in row:
        return row
    kept = {
        id: {
            participant: [status, at, of.by(by), "" if id in erased else note, *more]
            for participant, (status, at, by, note, *more) in marks.items()
        }
        for id, marks in row["m"].items()
    }
    return {**row, "m": kept}


def guarded_address(sort_key: str) -> str:
    """Return the address in the sort key of a roster's guard row; an empty text for any other row."""
    kind, _, rest = sort_key.partition("#")
    if kind == "8":
        return rest.partition("#")[2]
    return rest.partition("#")[2].rpartition("#")[0] if kind == "9" else ""


def needles(texts: Iterable[str]) -> frozenset[str]:
    """Return the texts to look for in stored answers: as they are, and escaped as JSON once and twice."""
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
    for name in ("billing_history", "payments", "refunds"):
        if name in left:
            left[name] = [{**one, "by": of.by(one["by"])} for one in left[name]]
    return left


def _pattern(of: Traces) -> re.Pattern[str]:
    written = {spelling for email in of.emails for spelling in spellings(email)}
    return re.compile("|".join(map(re.escape, sorted(written, key=len, reverse=True))), re.IGNORECASE)
