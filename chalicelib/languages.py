"""Languages: which one somebody reads, its texts, and how it writes dates and money.

Texts come from gettext catalogues under `locales`, committed compiled (`python -m infra.catalogues` makes them).
Babel is imported where it is needed: most requests never write a date.
"""

import copy
import gettext
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from chalicelib.rules import times
from chalicelib.rules.discounts import PriceLine
from chalicelib.rules.money import MINOR_UNITS, Money
from chalicelib.rules.organisations import Locale
from chalicelib.rules.sessions import Meeting

if TYPE_CHECKING:
    from jinja2 import Environment

DOMAIN = "rollbook"
CATALOGUES = Path(__file__).parent / "locales"
SUPPORTED: tuple[Locale, ...] = ("en", "fr")
WRITING = {"en": "en_GB"}
"""Whose habits of writing dates, lists and money a language follows, where it is not its own."""


@cache
def translation(locale: str) -> gettext.NullTranslations:
    """Return the texts of a language; English, and any that we do not know, are the texts in the source."""
    return gettext.translation(DOMAIN, CATALOGUES, languages=[locale], fallback=True)


def speak(environment: "Environment", locale: str) -> None:
    """Let a Jinja environment's `gettext`, `ngettext` and `{% trans %}` speak a language; what they fill in is escaped in HTML."""
    texts = translation(locale)
    environment.add_extension("jinja2.ext.i18n")
    environment.install_gettext_callables(texts.gettext, texts.ngettext, newstyle=True)  # type: ignore[attr-defined]
    environment.globals["locale"] = locale


def best(accept_language: str, otherwise: Locale = SUPPORTED[0]) -> Locale:
    """Return which of our languages the header `Accept-Language` likes best, and another when it names none."""
    liked = [(-weight, place, name) for place, (name, weight) in enumerate(_preferences(accept_language)) if weight > 0]
    for _, _, name in sorted(liked):
        for supported in SUPPORTED:
            if name.split("-")[0] == supported or name == "*":
                return supported
    return otherwise


def when(meeting: Meeting, zone: str, locale: str) -> str:
    """Return a meeting's date and times where it takes place: `Tuesday 24 November 2026, 16:00–17:30 (Europe/Paris)`."""
    return f"{date_and_times(meeting, zone, locale)} ({zone})"


def date_and_times(meeting: Meeting, zone: str, locale: str) -> str:
    """Return a meeting's date and times without the zone, for a list that names it once."""
    starts, ends = times.local(meeting.starts_at, zone), times.local(meeting.ends_at, zone)
    if starts.date() == ends.date():
        return f"{day(starts, locale)}, {starts:%H:%M}–{ends:%H:%M}"
    return f"{day(starts, locale)}, {starts:%H:%M} – {day(ends, locale)}, {ends:%H:%M}"


def moment(at: datetime, zone: str, locale: str) -> str:
    """Return a moment in a zone: `Tuesday 24 November 2026, 16:00 (Europe/Paris)`."""
    there = times.local(at, zone)
    return f"{day(there, locale)}, {there:%H:%M} ({zone})"


def day(local: datetime, locale: str) -> str:
    """Return the date with its weekday: `Tuesday 24 November 2026`."""
    from babel.dates import format_date

    pattern = "EEEE '1er' MMMM y" if locale == "fr" and local.day == 1 else "EEEE d MMMM y"
    return format_date(local, pattern, locale=_writing(locale))


def money(amount: Money, locale: str) -> str:
    """Return an amount with its currency as the language writes it: `€12.50`, `12,50 €`."""
    from babel.core import Locale as Writing

    places = MINOR_UNITS.get(amount.currency, 2)
    pattern = copy.copy(Writing.parse(_writing(locale)).currency_formats["standard"])
    pattern.frac_prec = (places, places)
    number = Decimal(amount.amount).scaleb(-places)
    return str(pattern.apply(number, _writing(locale), currency=amount.currency, currency_digits=False))


def percent(rate: float, locale: str) -> str:
    """Return a rate as the language writes it, with up to three places: `5.5%`, `5,5 %`."""
    from babel.core import Locale as Writing

    pattern = copy.copy(Writing.parse(_writing(locale)).percent_formats[None])
    pattern.frac_prec = (0, 3)
    return str(pattern.apply(Decimal(str(rate)) / 100, _writing(locale)))


def listed(names: Sequence[str], locale: str) -> str:
    """Return names as a sentence lists them: `Ana, Ben and Zoé`."""
    from babel.lists import format_list

    return format_list(list(names), locale=_writing(locale))


def _writing(locale: str) -> str:
    return WRITING.get(locale, locale)


def _preferences(header: str) -> list[tuple[str, float]]:
    return [_preference(part) for part in header.lower().split(",") if part.strip()][:20]


def _preference(part: str) -> tuple[str, float]:
    name, _, weight = part.partition(";")
    try:
        return name.strip(), float(weight.strip().removeprefix("q=") or 1)
    except ValueError:
        return name.strip(), 0


def price_line(line: PriceLine, locale: str) -> str:
    """Return what a step of a price is called: `Discount code · SUMMER`."""
    return f"{translation(locale).gettext(line.label)} · {line.name}" if line.lowers else line.label
