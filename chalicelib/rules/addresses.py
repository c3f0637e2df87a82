"""E-mail addresses: kept as typed to send, compared trimmed, in lower case and with their domain in ASCII; no dot or plus folding."""

import unicodedata
from collections.abc import Callable
from typing import Annotated

from pydantic import AfterValidator, StringConstraints
from pydantic_core import PydanticCustomError

ACE = "xn--"
"""How a label begins whose ASCII stands for other letters (RFC 5890)."""
IDEOGRAPHIC_FULL_STOP = "\u3002"


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
    """Return the form in which two addresses are the same person's, however their letters are composed and their domain is written."""
    text = unicodedata.normalize("NFC", typed.strip().lower())
    name, at, domain = text.rpartition("@")
    return text if domain.isascii() or not at else f"{name}@{_each(domain, _to_ascii)}"


def spellings(typed: str) -> set[str]:
    """Return the ways in which an address may be written in texts, in lower case: as typed, and with its domain in ASCII and in Unicode."""
    text = compared(typed)
    name, _, domain = text.rpartition("@")
    return {typed.strip().lower(), text, f"{name}@{_each(domain, _to_unicode)}"}


def _each(domain: str, written: Callable[[str], str]) -> str:
    """Return the domain with each label written in another way. There are more full stops than one, and letters of several widths."""
    labels = unicodedata.normalize("NFKC", domain).replace(IDEOGRAPHIC_FULL_STOP, ".").lower().split(".")
    return ".".join(map(written, labels))


def _to_ascii(label: str) -> str:
    return label if label.isascii() else ACE + label.encode("punycode").decode()


def _to_unicode(label: str) -> str:
    try:
        return label.removeprefix(ACE).encode().decode("punycode") if label.startswith(ACE) else label
    except UnicodeError:
        return label


def masked(typed: str) -> str:
    """Return the address with all but its first letters hidden: `a•••@e•••.org`."""
    name, _, domain = typed.rpartition("@")
    host, _, ending = domain.rpartition(".")
    return f"{name[:1]}•••@{host[:1]}•••.{ending}"


Address = Annotated[str, StringConstraints(max_length=254), AfterValidator(address)]
