"""E-mail addresses: kept as typed to send, compared trimmed, in lower case and with their domain in ASCII; no dot or plus folding."""

import re
import unicodedata
from collections.abc import Callable
from typing import Annotated, Literal

from pydantic import AfterValidator, StringConstraints
from pydantic_core import PydanticCustomError

from chalicelib.rules.input_errors import error_about
from chalicelib.rules.text import plain
from chalicelib.rules.translation import N_

Suppression = Literal["bounced", "complained"]
"""Why SES sends nothing to an address."""
ACE = "xn--"
"""The prefix of a label that encodes other letters in ASCII (RFC 5890)."""
IDEOGRAPHIC_FULL_STOP = "\u3002"
USUAL = re.compile(r"[a-z0-9_'+-]+(?:\.[a-z0-9_'+-]+)*@(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z]{2,}", re.ASCII | re.IGNORECASE)
SHORT = 64
"""Most addresses are usual and short. They are well formed for certain, so nobody waits for the library that knows all others."""


def address(value: str) -> str:
    """Return the address as typed, without surrounding spaces and invisible characters.

    Only the syntax is checked; reserved domains are allowed. Raises PydanticCustomError for an invalid address, and for a
    non-ASCII local part, which SES cannot send to.
    """
    typed = plain(value)
    if not _well_formed(typed):
        raise PydanticCustomError("not_an_address", "This is not an e-mail address. Write it like name@example.org.")
    if not typed.rpartition("@")[0].isascii():
        raise _accents(typed)
    return typed


def _accents(typed: str) -> PydanticCustomError:
    """Return the refusal of an address with accents before the @, with its usual spelling if there is one."""
    name, at, domain = typed.rpartition("@")
    apart = unicodedata.normalize("NFKD", name)
    usual = "".join(character for character in apart if not unicodedata.combining(character))
    if usual.isascii():
        return error_about(
            "accents_in_address",
            N_("No e-mail can be sent to an address with accents before the @. Did you mean %(usual)s?"),
            usual=f"{usual}{at}{domain}",
        )
    return PydanticCustomError("accents_in_address", "No e-mail can be sent to an address with such letters before the @. Use another one.")


def in_ascii(typed: str) -> str | None:
    """Return the address with its domain in ASCII; None for a non-ASCII local part. Raises ValueError for an invalid address."""
    import email_validator  # costs a cold start more than all our rules together

    email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()
    return email_validator.validate_email(typed, check_deliverability=False, strict=True).ascii_email


def _well_formed(typed: str) -> bool:
    if len(typed) <= SHORT and USUAL.fullmatch(typed):
        return True
    try:
        in_ascii(typed)
    except ValueError:
        return False
    return True


def compared(typed: str) -> str:
    """Return the canonical form for comparison: equal for one address in any letter case, Unicode composition or domain encoding."""
    text = unicodedata.normalize("NFC", plain(typed).lower())
    name, at, domain = text.rpartition("@")
    return text if domain.isascii() or not at else f"{name}@{_each(domain, _to_ascii)}"


def spellings(typed: str) -> set[str]:
    """Return the spellings of an address that a text may contain, in lower case: as typed, with an ASCII domain, with a Unicode domain."""
    text = compared(typed)
    name, _, domain = text.rpartition("@")
    return {typed.strip().lower(), text, f"{name}@{_each(domain, _to_unicode)}"}


def _each(domain: str, written: Callable[[str], str]) -> str:
    """Return the domain with `written` applied to each label. Unicode has several full stops, and letters of several widths."""
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
