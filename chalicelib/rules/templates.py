"""Templates: how an organisation words an e-mail itself. Names in braces stand for facts, `{{session_title}}`; there is no logic.

Each e-mail has names of its own. What is written is stored as it was typed, checked here, and made safe wherever it is used.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from chalicelib.rules.messages import Kind, Wording
from chalicelib.rules.organisations import Locale

ABOUT_A_SESSION = ("customer_name", "organisation_name", "session_title", "session_dates", "session_place")
NAMES: dict[Kind, tuple[str, ...]] = {
    "session_invitation": (*ABOUT_A_SESSION, "price", "spots", "held_until", "details", "link"),
    "invitation_reminder": (*ABOUT_A_SESSION, "price", "spots", "held_until", "details", "link"),
    "waitlist_joined": (*ABOUT_A_SESSION, "spots", "details", "link"),
    "waitlist_offer": (*ABOUT_A_SESSION, "price", "spots", "held_until", "details", "link"),
    "confirmation": (*ABOUT_A_SESSION, "price", "spots", "participants", "details", "link"),
    "invoice": ("customer_name", "organisation_name", "invoice_number", "total", "details", "link"),
    "session_moved": (*ABOUT_A_SESSION, "details", "link"),
    "session_cancelled": (*ABOUT_A_SESSION, "details", "link"),
    "roster_message": (*ABOUT_A_SESSION, "message_subject", "message", "details", "link"),
    "portal_invitation": ("customer_name", "organisation_name", "link"),
    "portal_reminder": ("customer_name", "organisation_name", "link"),
    "address_confirmation": ("organisation_name", "link"),
    "staff_invitation": ("staff_name", "organisation_name", "link"),
    "password_reset": ("organisation_name", "link"),
}
"""The names that each e-mail knows."""
MEANINGS: dict[str, str] = {
    "customer_name": "Who gets the e-mail: their name, or their address while no name is known",
    "staff_name": "Who is to join the staff",
    "organisation_name": "Your organisation",
    "session_title": "The session",
    "session_dates": "When it takes place",
    "session_place": "Where it takes place",
    "price": "The price",
    "spots": "How many spots",
    "held_until": "Until when the spots are held",
    "participants": "Who takes part",
    "invoice_number": "The number of the invoice",
    "total": "What is to be paid",
    "message_subject": "The subject that staff wrote",
    "message": "What staff wrote",
    "details": "The table of facts: when, where, price and so on",
    "link": "The link that the e-mail is about; alone in a paragraph it becomes the button",
}
BLOCKS = frozenset({"details", "message"})
"""What takes several lines, and a paragraph of its own."""
NEVER_IN_SUBJECT = BLOCKS | {"link"}
NEVER_LEFT_OUT: dict[Kind, str] = {"roster_message": "message"}
"""What is appended, as the link is, where somebody left it out."""

BRACES = re.compile(r"\{\{[ \t]*(\w+)[ \t]*\}\}|\{\{|\}\}")
LONGEST_SHOWN = 40


class Named(NamedTuple):
    """A name in braces; an empty one for braces that do not match."""

    name: str
    line: int


class Notice(NamedTuple):
    """What whoever words an e-mail should know: one word, and a sentence."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Template:
    """The words of one e-mail in one language; empty while they are the usual ones. The version counts on through every reset."""

    org: str
    name: Kind
    locale: Locale
    subject: str = ""
    body: str = ""
    version: int = 1
    changed_at: datetime | None = None
    changed_by: str = ""

    @property
    def edited(self) -> bool:
        return bool(self.body)

    @property
    def wording(self) -> Wording | None:
        return Wording(self.subject, self.body) if self.edited else None


def faults(name: Kind, wording: Wording) -> list[tuple[str, str, str]]:
    """Return everything that is wrong with the braces of a wording, as (JSON pointer, code, sentence)."""
    subject = _faults("/subject", wording.subject, [known for known in NAMES[name] if known not in NEVER_IN_SUBJECT])
    return [*subject, *_faults("/body", wording.body, NAMES[name])]


def parts(text: str) -> Iterator[str | Named]:
    """Return the text in pieces: as it is, or a name."""
    place = 0
    for found in BRACES.finditer(text):
        yield text[place : found.start()]
        yield Named(found[1] or "", text.count("\n", 0, found.start()) + 1)
        place = found.end()
    yield text[place:]


def _faults(pointer: str, text: str, known: list[str] | tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
    for part in parts(text):
        if isinstance(part, str) or part.name in known:
            continue
        if not part.name:
            yield pointer, "broken_braces", f"Line {part.line}: these braces do not match. Write names as {{{{{known[0]}}}}}."
        else:
            offered = ", ".join(f"{{{{{name}}}}}" for name in known)
            shown = part.name[:LONGEST_SHOWN]
            yield pointer, "unknown_name", f"Line {part.line}: {{{{{shown}}}}} is none of the names of this e-mail. Use {offered}."
