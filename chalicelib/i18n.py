"""Translations into a language, and its formats for dates and money.

Translations come from gettext catalogues under `locales`, committed compiled (`python -m infra.catalogues` compiles them).
Babel is imported where it is used: most requests format no date.
"""

import copy
import gettext
import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING

from chalicelib.languages import CATALOGUES, DOMAIN
from chalicelib.rules import times
from chalicelib.rules.money import MINOR_UNITS, Money
from chalicelib.rules.pricing import PriceLine
from chalicelib.rules.sessions import Meeting, Session

if TYPE_CHECKING:
    from jinja2 import Environment

WRITING = {"en": "en_GB"}
"""The Babel locale that formats dates, lists and money for a language, where it is not the language itself."""

NO_BREAK, JOINER, MINUS = "\u00a0", "\u2060", "\u2212"
SPELT_CURRENCY = re.compile(r"(?<=[A-Z])(?=\d)")
"""Where a currency without a sign meets the number: Babel leaves out the space that CLDR wants there."""


@cache
def translation(locale: str) -> gettext.NullTranslations:
    """Return the translations of a language. English and unknown languages use the texts in the source."""
    return gettext.translation(DOMAIN, CATALOGUES, languages=[locale], fallback=True)


def speak(environment: "Environment", locale: str) -> None:
    """Make a Jinja environment translate `gettext`, `ngettext` and `{% trans %}`; in HTML, inserted values are escaped."""
    texts = translation(locale)
    environment.add_extension("jinja2.ext.i18n")
    environment.install_gettext_callables(texts.gettext, texts.ngettext, newstyle=True, pgettext=texts.pgettext)  # type: ignore[attr-defined]
    environment.globals["locale"] = locale


def name(locale: str) -> str:
    """Return the name of a language in itself: `English`, `Français`."""
    return translation(locale).pgettext("the name of this language", "English")


def when(meeting: Meeting, zone: str, locale: str) -> str:
    """Return a meeting's date, local times and zone: `Tuesday 24 November 2026, 16:00–17:30 (Europe/Paris)`."""
    return f"{date_and_times(meeting, zone, locale)} ({zone})"


def date_and_times(meeting: Meeting, zone: str, locale: str) -> str:
    """Return a meeting's date and local times without the zone, for lists that name it once."""
    return _from_to(meeting, zone, locale, day)


def short_date_and_times(meeting: Meeting, zone: str, locale: str) -> str:
    """Return a meeting's date and local times with short names: `Tue 24 Nov 2026, 16:00–17:30`."""
    return _from_to(meeting, zone, locale, short_date)


def _from_to(meeting: Meeting, zone: str, locale: str, date: Callable[[datetime, str], str]) -> str:
    starts, ends = times.local(meeting.starts_at, zone), times.local(meeting.ends_at, zone)
    if starts.date() == ends.date():
        text = translation(locale).pgettext("a day, and from when to when", "%(date)s, %(from)s–%(to)s")
        return text % {"date": date(starts, locale), "from": clock(starts, locale), "to": clock(ends, locale)}
    return f"{_at(date(starts, locale), starts, locale)} – {_at(date(ends, locale), ends, locale)}"


def _at(date: str, local: datetime, locale: str) -> str:
    return translation(locale).pgettext("a day and a time", "%(date)s, %(time)s") % {"date": date, "time": clock(local, locale)}


def moment(at: datetime, zone: str, locale: str) -> str:
    """Return a moment in a zone: `Tuesday 24 November 2026, 16:00 (Europe/Paris)`."""
    there = times.local(at, zone)
    return f"{_at(day(there, locale), there, locale)} ({zone})"


def date_and_time(at: datetime, zone: str, locale: str) -> str:
    """Return a moment in a zone with short names: `Tue 24 Nov 2026, 16:00`."""
    there = times.local(at, zone)
    return _at(short_date(there, locale), there, locale)


def clock(local: datetime, locale: str) -> str:
    """Return the time of day: `16:00`, `16 h`."""
    texts = translation(locale)
    full, other = texts.pgettext("a full hour", "HH:mm"), texts.pgettext("a time of day", "HH:mm")
    return _formatted(local, other if local.minute else full, locale)


def minimum(session: Session, locale: str) -> str:
    """Return from how many participants a session takes place: `Takes place from 6 participants · decided on Thu 3 Dec 2026`.

    `Goes ahead` once that is decided; empty for a session without a minimum.
    """
    if session.minimum is None or session.decides_at is None:
        return ""
    texts, number = translation(locale), session.minimum.participants
    if session.minimum.outcome == "goes_ahead":
        return texts.gettext("Goes ahead")
    needed = texts.ngettext("Takes place from %(num)d participant", "Takes place from %(num)d participants", number) % {"num": number}
    if session.minimum.outcome != "undecided":
        return needed
    decided = texts.gettext("decided on %(date)s") % {"date": short_date(times.local(session.decides_at, session.time_zone), locale)}
    return f"{needed} · {decided}"


def hours(starts_at: datetime, ends_at: datetime, zone: str, locale: str) -> str:
    """Return from when to when something lasts: `16:00–17:30`, `16 h – 17 h 30`. It never breaks."""
    starts, ends = clock(times.local(starts_at, zone), locale), clock(times.local(ends_at, zone), locale)
    return f"{starts}{_dash(spaced=NO_BREAK in starts)}{ends}"


def day(local: datetime, locale: str) -> str:
    """Return the date with its weekday: `Tuesday 24 November 2026`."""
    texts = translation(locale)
    first, other = texts.pgettext("the first of a month", "EEEE d MMMM y"), texts.pgettext("a day", "EEEE d MMMM y")
    return _formatted(local, first if local.day == 1 else other, locale)


def short_date(local: times.Day, locale: str) -> str:
    """Return the date with its weekday, with short names: `Tue 24 Nov 2026`."""
    texts = translation(locale)
    first, other = texts.pgettext("the first of a month", "EEE d MMM y"), texts.pgettext("a day", "EEE d MMM y")
    return _formatted(local, first if local.day == 1 else other, locale)


def short_day_of_year(local: times.Day, locale: str, *, year: bool) -> str:
    """Return the date without its weekday: `24 Nov`, or with the year `24 Nov 2026`."""
    texts = translation(locale)
    return _formatted(local, texts.pgettext("a day", "d MMM y") if year else texts.pgettext("a day", "d MMM"), locale)


def _formatted(local: times.Day, pattern: str, locale: str) -> str:
    """Return a date or time by a pattern of Unicode (LDML), as translators write it."""
    from babel.core import Locale as Writing
    from babel.dates import parse_pattern

    return str(parse_pattern(pattern).apply(local, Writing.parse(_writing(locale))))


def short_day(at: datetime, zone: str, now: datetime, locale: str, *, weekday: bool = False) -> str:
    """Return a date for lists: `24 Nov`, with the year unless it is the current one, and the weekday if wanted."""
    from babel.dates import format_skeleton

    local = times.local(at, zone)
    skeleton = ("" if local.year == times.local(now, zone).year else "y") + "MMM" + ("E" if weekday else "") + "d"
    text = _ordinal(str(format_skeleton(skeleton, local, locale=_writing(locale))), local, locale)
    return NO_BREAK.join((text.replace(",", "", 1) if locale == "en" else text).split())


def short_end(at: datetime, zone: str, now: datetime, locale: str) -> str:
    """Return when something ends, for lists: the time of day if it is today, else the date."""
    local = times.local(at, zone)
    return clock(local, locale) if local.date() == times.local(now, zone).date() else short_day(at, zone, now, locale)


def short_meeting(meeting: Meeting, zone: str, now: datetime, locale: str) -> str:
    """Return a meeting for lists: `Tue 24 Nov, 16:00–17:30`. It breaks at the comma only."""
    starts, ends = times.local(meeting.starts_at, zone), times.local(meeting.ends_at, zone)
    until = clock(ends, locale)
    if starts.date() != ends.date():
        until = f"{short_day(meeting.ends_at, zone, now, locale, weekday=True)}, {until}"
    spaced = NO_BREAK in clock(starts, locale) or starts.date() != ends.date()
    dash = _dash(spaced=spaced)
    return f"{short_day(meeting.starts_at, zone, now, locale, weekday=True)}, {clock(starts, locale)}{dash}{until}"


def _dash(*, spaced: bool) -> str:
    """Return the dash of a range at which a line never breaks."""
    return f"{NO_BREAK}–{NO_BREAK}" if spaced else f"{JOINER}–{JOINER}"


def day_of_week(one: date, locale: str) -> str:
    """Return a day of the coming week: `Tue 24`."""
    from babel.dates import format_date

    return _ordinal(str(format_date(one, "EEE d", locale=_writing(locale))), one, locale)


def _ordinal(text: str, local: times.Day, locale: str) -> str:
    """Return a written date with the first day of a month as the language counts it: `1er` in French."""
    first = translation(locale).pgettext("the first of a month", "1")
    return re.sub(r"\b1\b", first, text, count=1) if local.day == 1 else text


def weekday(index: int, locale: str) -> str:
    """Return the name of a day of the week: `Monday` for 0."""
    from babel.dates import get_day_names

    return str(get_day_names("wide", "stand-alone", _writing(locale))[index])


def short_weekday(index: int, locale: str) -> str:
    """Return the short name of a day of the week: `Mon` for 0."""
    from babel.dates import get_day_names

    return str(get_day_names("abbreviated", "stand-alone", _writing(locale))[index])


def money(amount: Money, locale: str) -> str:
    """Return an amount with its currency in the language's format, with a real minus: `€12.50`, `12,50 €`, `−€4.50`."""
    from babel.core import Locale as Writing

    digits = MINOR_UNITS.get(amount.currency, 2)
    pattern = copy.copy(Writing.parse(_writing(locale)).currency_formats["standard"])
    pattern.frac_prec = (digits, digits)
    number = Decimal(amount.amount).scaleb(-digits)
    written = str(pattern.apply(number, _writing(locale), currency=amount.currency, currency_digits=False))
    return SPELT_CURRENCY.sub(NO_BREAK, written).replace("-", MINUS)


def percent(rate: float, locale: str) -> str:
    """Return a rate in the language's format, with up to three decimal places: `5.5%`, `5,5 %`."""
    from babel.core import Locale as Writing

    pattern = copy.copy(Writing.parse(_writing(locale)).percent_formats[None])
    pattern.frac_prec = (0, 3)
    return str(pattern.apply(Decimal(str(rate)) / 100, _writing(locale)))


def number(value: float, locale: str) -> str:
    """Return a number in the language's format: `1,234.5`, `1 234,5`."""
    from babel.numbers import format_decimal

    return str(format_decimal(value, locale=_writing(locale)))


def month(name: str, locale: str) -> str:
    """Return a month such as `2026-11` in words: `November 2026`."""
    from babel.dates import format_date

    return str(format_date(date.fromisoformat(f"{name}-01"), "LLLL y", locale=_writing(locale)))


def city(zone: str, locale: str) -> str:
    """Return the city that a time zone is named after, in the language: `Lisbon`, `Lissabon`."""
    from babel.dates import get_timezone_location

    return get_timezone_location(zone, locale=_writing(locale), return_city=True).rsplit("/", 1)[-1]


def listed(names: Sequence[str], locale: str) -> str:
    """Return names joined as in a sentence: `Ana, Ben and Zoé`."""
    from babel.lists import format_list

    return format_list(list(names), locale=_writing(locale))


def _writing(locale: str) -> str:
    return WRITING.get(locale, locale)


def price_line(line: PriceLine, locale: str) -> str:
    """Return the label of a price line: `Discount code · SUMMER`."""
    return f"{translation(locale).gettext(line.label)} · {line.name}" if line.lowers else line.label
