"""API keys: what another program signs in with, in place of a person.

A key is `rbk_`, 30 random letters and digits (178 bits), and a checksum of six, by which secret scanners and a mistyped key are told from
others without asking us. Only its SHA-256 is stored. A slow digest such as bcrypt protects what people choose and others guess; 178 random
bits cannot be guessed, and every request would have to wait for it.
"""

import re
import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Literal

from chalicelib.rules.organisations import StaffMember
from chalicelib.rules.refusals import Conflict, Forbidden
from chalicelib.rules.translation import N_

KeyRole = Literal["manager", "viewer", "leader"]
"""The roles of keys. What only owners may do, no key may."""
PREFIX = "rbk_"
SYMBOLS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
RANDOM, CHECKSUM = 30, 6
SHOWN = 4
"""How many random symbols stay visible, so that people can tell keys apart."""
MOST_KEYS = 100
USE_NOTED_EVERY = timedelta(hours=1)
WELL_FORMED = re.compile(rf"{PREFIX}([0-9A-Za-z]{{{RANDOM}}})([0-9A-Za-z]{{{CHECKSUM}}})")


class TooManyKeys(Conflict):
    code = "too_many_api_keys"
    sentence = N_("There is room for %(most)d API keys. Delete one that is no longer used, then create this one.")

    def __init__(self) -> None:
        self.most = MOST_KEYS


class NotForKeys(Forbidden):
    """What concerns a person alone, such as the own password, cannot be done with a key."""

    code = "not_for_api_keys"
    sentence = N_("An API key cannot do this. Sign in as a person instead.")


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key of an organisation. The key itself is known to its user only."""

    org: str
    id: str
    """Derived from the key, so that a request finds its key in one read."""
    name: str
    role: KeyRole
    prefix: str
    digest: str
    created_at: datetime
    made_by: str
    """The address of the owner who made it. A key with the role leader leads what they lead."""
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    """To the hour."""

    def has_ended(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now

    def use_is_news(self, now: datetime) -> bool:
        """Whether a use at this moment is to be noted."""
        return self.last_used_at is None or now - self.last_used_at >= USE_NOTED_EVERY

    @property
    def holder(self) -> "KeyHolder":
        return KeyHolder(
            org=self.org,
            user=f"key-{self.id}",
            email=self.made_by,
            name=self.name,
            role=self.role,
            status="active",
            invited_at=self.created_at,
            key=self.id,
        )


@dataclass(frozen=True, slots=True)
class KeyHolder(StaffMember):
    """A program that has signed in with a key: it stands where a member of staff does, with the role of its key."""

    key: str = ""

    @property
    def by(self) -> str:
        return self.name


def written(random: str) -> str:
    """Return the key with these random symbols."""
    return f"{PREFIX}{random}{_checksum(random)}"


def is_key(token: str) -> bool:
    """Whether the token of a request is meant as a key."""
    return token.startswith(PREFIX)


def is_well_formed(key: str) -> bool:
    """Whether the text can be a key of ours: its length, its symbols and its checksum are right."""
    found = WELL_FORMED.fullmatch(key)
    return found is not None and _checksum(found[1]) == found[2]


def digest_of(key: str) -> str:
    return sha256(key.encode()).hexdigest()


def id_of(digest: str) -> str:
    """Return the id of the key with this digest: its beginning, from which nobody finds the key."""
    return digest[:20]


def prefix_of(key: str) -> str:
    """Return the beginning of a key, by which people recognise it."""
    return key[: len(PREFIX) + SHOWN]


def _checksum(random: str) -> str:
    """Return the CRC-32 of the random symbols in base 62, as the keys of GitHub have it."""
    number, symbols = zlib.crc32(random.encode()), ""
    for _ in range(CHECKSUM):
        number, digit = divmod(number, len(SYMBOLS))
        symbols = SYMBOLS[digit] + symbols
    return symbols
