"""Invitations of many people to one session: who is invited, who is skipped and why, and how the addresses are read."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from pydantic_core import PydanticCustomError

from chalicelib.rules.addresses import address, compared
from chalicelib.rules.imports import csv_reader
from chalicelib.rules.ledger import SessionFull
from chalicelib.rules.organisations import EmailPreferences
from chalicelib.rules.refusals import Invalid
from chalicelib.rules.translation import N_

MOST = 10_000
"""How many addresses one job takes."""
MOST_CHARACTERS = 90
"""How long they may be on average: a job's row has room for no more."""
LONGEST = 254
Mode = Literal["all", "in_order"]
AddressSkipReason = Literal["not_an_address", "doubled", "already_registered", "already_invited", "unreachable", "unsubscribed"]
NO_ROOM = "no_room"
"""The reason of a failure for an address without a reserved spot."""
APART = re.compile(r"[\n\r,;\t]+")
IN_ANGLES = re.compile(r"<([^<>]*)>\s*\Z")
NAMES = frozenset(
    {"email", "e-mail", "e-mail address", "email address", "mail", "e-mail-adresse", "adresse e-mail", "adresse email", "courriel"}
)


class NotEnoughSpots(SessionFull):
    """Fewer spots are free than all invitations need together."""

    @property
    def sentence(self) -> str:  # type: ignore[override]
        if self.free == 0:
            return N_("This session is full. Nobody was invited. Allow extra spots, or add spots to the session.")
        return N_(
            "%(free)d spots are free, and these invitations need %(wanted)d. Nobody was invited. "
            "Invite as many as fit in order, or allow extra spots."
        )


class TooManyRecipients(Invalid):
    code = "too_many_recipients"
    sentence = N_("Invite at most 10,000 people at once. Split the list.")


class NoAddressColumn(Invalid):
    code = "no_address_column"
    sentence = N_("There is no column with e-mail addresses. Name it “Email” in the first row.")


class SkippedAddress(NamedTuple):
    """An address that is not invited."""

    email: str
    reason: AddressSkipReason


@dataclass
class InvitationList:
    """The recipients in order, and those who are skipped."""

    recipients: list[str] = field(default_factory=list)
    skipped: list[SkippedAddress] = field(default_factory=list)

    @property
    def total(self) -> int:
        return len(self.recipients) + len(self.skipped)

    @property
    def reasons(self) -> Counter[AddressSkipReason]:
        """The number of skipped addresses by reason."""
        return Counter(one.reason for one in self.skipped)


class KnownAddresses(NamedTuple):
    """The known facts about addresses, each in the form in which it is compared."""

    registered: Collection[str]
    invited: Collection[str]
    preferences: Mapping[str, EmailPreferences]


def valid(named: Iterable[str]) -> InvitationList:
    """Return the addresses among the texts, each once, in order; the others are skipped."""
    choice, seen = InvitationList(), set[str]()
    for text in named:
        try:
            email = address(text) if len(text) <= LONGEST else ""
        except PydanticCustomError:
            email = ""
        if not email:
            choice.skipped.append(SkippedAddress(text.strip()[:LONGEST], "not_an_address"))
        elif compared(email) in seen:
            choice.skipped.append(SkippedAddress(email, "doubled"))
        else:
            seen.add(compared(email))
            choice.recipients.append(email)
    return choice


def invitable(choice: InvitationList, known: KnownAddresses) -> InvitationList:
    """Return the choice without those who need no invitation or get no e-mail."""
    left = InvitationList(skipped=list(choice.skipped))
    for email in choice.recipients:
        reason = _reason(compared(email), known)
        if reason:
            left.skipped.append(SkippedAddress(email, reason))
        else:
            left.recipients.append(email)
    return left


def _reason(email: str, known: KnownAddresses) -> AddressSkipReason | None:
    if email in known.registered:
        return "already_registered"
    if email in known.invited:
        return "already_invited"
    preferences = known.preferences.get(email)
    if preferences and preferences.suppressed:
        return "unreachable"
    return "unsubscribed" if preferences and preferences.unsubscribed else None


def check_number(named: Collection[str]) -> None:
    """Raise TooManyAddresses for more than a job takes."""
    if len(named) > MOST or sum(map(len, named)) > MOST * MOST_CHARACTERS:
        raise TooManyRecipients


def pasted(text: str) -> list[str]:
    """Return the addresses in a text, one in a line or with separators; of `Ana Novak <ana@example.org>` the part in angle brackets."""
    pieces = (piece.strip() for piece in APART.split(text))
    return [found[1].strip() if (found := IN_ANGLES.search(piece)) else piece for piece in pieces if piece]


def in_csv(file: bytes) -> list[str]:
    """Return the addresses in a CSV file: of the column with the name of one, or of the first that has one in its first row.

    Raises NoAddressColumn, and the refusals of `csv_reader`.
    """
    sheet = csv_reader.read(file)
    index = next((index for index, name in enumerate(sheet.header.cells) if name.strip().lower() in NAMES), None)
    rows = sheet.rows
    if index is None:
        index = next((index for index, cell in enumerate(sheet.header.cells) if "@" in cell), None)
        rows = [sheet.header, *sheet.rows]
    if index is None:
        raise NoAddressColumn
    return [row.cell(index).strip() for row in rows]
