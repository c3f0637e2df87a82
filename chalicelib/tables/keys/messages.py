"""The keys of addresses, of messages to them, and of Memory: throttles, marks of full sessions, sign-ups and password resets."""

import json
from hashlib import sha256

from chalicelib.rules.addresses import compared
from chalicelib.tables.keys.key import Key

ADDRESS = "ADDRESS#"


def address(org: str, email: str) -> Key:
    return Key(org, f"{ADDRESS}{compared(email)}")


def message(org: str, id: str) -> Key:
    return Key(f"{org}#{id}")


def overdue(org: str) -> Key:
    return Key(f"{org}#overdue")


def recipient(org: str, email: str) -> str:
    return f"{org}#{compared(email)}"


def ended_sign_in(id: str) -> Key:
    """Return the key of the mark of a sign-in that was signed out."""
    return Key(f"-#ended#{id}")


def throttle(kind: str, *counted: str) -> Key:
    """Return the key of a throttle's count. The counted values may contain an address, so only their digest is stored."""
    return Key(f"-#throttle#{kind}#{sha256(json.dumps(counted).encode()).hexdigest()}")


def sign_up(org: str, id: str) -> Key:
    return Key(f"{org}#joining#{id}")


def unlisted_entries(org: str, session: str) -> Key:
    return Key(f"{org}#unlisted#{session}")


def full_session(org: str, session: str) -> Key:
    """Return the key of the mark that a session of several chunks was found full."""
    return Key(f"{org}#full#{session}")


def usage(org: str, day: str) -> Key:
    """Return the key of an organisation's e-mails of a day, as an ISO date in UTC."""
    return Key(f"{org}#usage#{day}")


def reset(user: str) -> Key:
    return Key(f"-#reset#{user}")
