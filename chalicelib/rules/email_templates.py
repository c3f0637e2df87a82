"""Templates: an organisation's custom text of an e-mail. `{{session_title}}` is a placeholder; there is no logic.

Each kind of e-mail has its own placeholders. A template is checked here, stored as typed, and sanitised wherever it is used.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from chalicelib.languages import Locale
from chalicelib.rules.letters import TemplateText
from chalicelib.rules.messages import EmailKind
from chalicelib.rules.refusals import Fault
from chalicelib.rules.translation import N_, Filled

PLACEHOLDERS: dict[str, str] = {
    "customer_name": N_("Who gets the e-mail: their name, or their address while no name is known"),
    "staff_name": N_("Who is to join the staff"),
    "organisation_name": N_("Your organisation"),
    "session_title": N_("The session"),
    "session_dates": N_("When it takes place"),
    "session_place": N_("Where it takes place"),
    "price": N_("The price"),
    "spots": N_("How many spots"),
    "held_until": N_("Until when the spots are held"),
    "participants": N_("Who takes part"),
    "invoice_number": N_("The number of the invoice"),
    "total": N_("What is to be paid"),
    "amount": N_("How much goes back"),
    "message_subject": N_("The subject that staff wrote"),
    "message": N_("What staff wrote"),
    "details": N_("The table of facts: when, where, price and so on"),
    "link": N_("The link that the e-mail is about; alone in a paragraph it becomes the button"),
}
BROKEN = N_("Line %(line)d: these braces do not match. Write names as {{%(name)s}}.")
UNKNOWN = N_("Line %(line)d: unknown variable {{%(name)s}}. Use %(offered)s.")
BLOCKS = frozenset({"details", "message"})
"""Placeholders whose text has several lines; they need a paragraph of their own."""
NEVER_IN_SUBJECT = BLOCKS | {"link"}
BRACES = re.compile(r"\{\{[ \t]*(\w+)[ \t]*\}\}|\{\{|\}\}")
LONGEST_SHOWN = 40


class FoundPlaceholder(NamedTuple):
    """A placeholder; its name is empty for unbalanced braces."""

    name: str
    line: int


class Notice(NamedTuple):
    """A hint to the author of a template: a code and a sentence."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Template:
    """The custom text of one kind of e-mail in one language; empty while the default applies. A reset does not restart the version."""

    org: str
    name: EmailKind
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
    def custom_text(self) -> TemplateText | None:
        return TemplateText(self.subject, self.body) if self.edited else None


def faults(placeholders: Sequence[str], text: TemplateText) -> list[Fault]:
    """Return every fault in the placeholders of a text, for an e-mail that knows these placeholders."""
    subject = _faults("/subject", text.subject, [known for known in placeholders if known not in NEVER_IN_SUBJECT])
    return [*subject, *_faults("/body", text.body, placeholders)]


def parts(text: str) -> Iterator[str | FoundPlaceholder]:
    """Yield the text in parts: plain text, and placeholders."""
    end = 0
    for found in BRACES.finditer(text):
        yield text[end : found.start()]
        yield FoundPlaceholder(found[1] or "", text.count("\n", 0, found.start()) + 1)
        end = found.end()
    yield text[end:]


def _faults(pointer: str, text: str, known: Sequence[str]) -> Iterator[Fault]:
    for part in parts(text):
        if isinstance(part, str) or part.name in known:
            continue
        if not part.name:
            yield pointer, "broken_braces", Filled(BROKEN, {"line": part.line, "name": known[0]})
        else:
            offered = ", ".join(f"{{{{{name}}}}}" for name in known)
            shown = part.name[:LONGEST_SHOWN]
            yield pointer, "unknown_name", Filled(UNKNOWN, {"line": part.line, "name": shown, "offered": offered})
