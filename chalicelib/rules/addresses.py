"""E-mail addresses: kept as typed to send, compared trimmed and in lower case; no dot or plus folding."""

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, StringConstraints
from pydantic_core import PydanticCustomError


def address(value: str) -> str:
    """Return the address as typed, trimmed, or refuse what is none. Only syntax is checked; reserved domains are allowed."""
    typed = value.strip()
    if not _well_formed(typed):
        raise PydanticCustomError("not_an_address", "This is not an e-mail address. Write it like name@example.org.")
    return typed


def in_ascii(typed: str) -> str | None:
    """Return the address as mail servers write it, or None where it cannot be. Raises ValueError for what is no address."""
    import email_validator  # costs a cold start more than all our rules together

    email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()
    return email_validator.validate_email(typed, check_deliverability=False, strict=True).ascii_email


def _well_formed(typed: str) -> bool:
    try:
        in_ascii(typed)
    except ValueError:
        return False
    return True


def compared(typed: str) -> str:
    """Return the form in which two addresses are the same person's, however their letters are composed."""
    return unicodedata.normalize("NFC", typed.strip().lower())


def masked(typed: str) -> str:
    """Return the address with all but its first letters hidden: `a•••@e•••.org`."""
    name, _, domain = typed.rpartition("@")
    host, _, ending = domain.rpartition(".")
    return f"{name[:1]}•••@{host[:1]}•••.{ending}"


Address = Annotated[str, StringConstraints(max_length=254), AfterValidator(address)]
