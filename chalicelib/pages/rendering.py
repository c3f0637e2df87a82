"""Templates rendered to HTML. Jinja is imported with the first page, so that the API's cold start does without it."""

from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from chalicelib import i18n
from chalicelib.languages import SUPPORTED
from chalicelib.pages import basket_cookie, frames, paths
from chalicelib.pages.assets import accent_sheet, asset
from chalicelib.pages.flash import SENTENCES
from chalicelib.pages.input_types import input_type
from chalicelib.pages.moments import Moments, unbroken
from chalicelib.rules.addresses import compared, masked
from chalicelib.rules.erasure import name_shown
from chalicelib.rules.money import Money
from chalicelib.rules.notifications import MOST_COUNTED
from chalicelib.rules.pricing import total_of
from chalicelib.rules.refusals import Refusal
from chalicelib.rules.translation import translated

if TYPE_CHECKING:
    from jinja2 import Environment

    from chalicelib.compiled_templates import CompiledTemplates
    from chalicelib.pages.visit import Visit

TEMPLATES = Path(__file__).parent / "templates"


def rendered(template: str, data: Mapping[str, Any], visit: "Visit") -> str:
    """Return the HTML of a page. Its links keep the language of the request's `?lang=`."""
    call = visit.call
    organisation = data.get("organisation", visit.organisation)
    locale = visit.locale(organisation)
    lang = locale if call.query.get("lang") else ""
    path = partial(paths.path, lang=lang) if lang else paths.path
    around = {
        "visit": visit,
        "organisation": organisation,
        "member": visit.member,
        "now": call.now,
        "may": lambda permission: visit.member is not None and visit.member.may(permission),
        "may_on": lambda permission, session: visit.member is not None and visit.member.may_on(permission, session.leaders),
        "path": frames.within(path, call) if visit.framed else path,
        "framed": visit.framed,
        "accent": frames.accent(call) if visit.framed else "",
        "in_language": partial(_in_language, call.query),
        "count_unread": cache(partial(_count_unread, visit)),
        "basket_size": 0 if visit.framed or organisation is None else len(basket_cookie.read(call, organisation.org).lines),
        "said": SENTENCES.get(call.query.get("done", "")),
    }
    return _environment(locale).get_template(template).render({**around, **data})


def _in_language(query: Mapping[str, str], locale: str) -> str:
    """Return the link to the current page in another language. It keeps the query, but not the message of a finished action."""
    return f"?{urlencode({**{name: value for name, value in query.items() if name != 'done'}, 'lang': locale})}"


def _count_unread(visit: "Visit") -> int:
    """Return the number of unread notifications of the member. Templates call it only on staff pages, since it costs a query."""
    from chalicelib.operations import notifications

    return notifications.count_unread(visit.staff, now=visit.call.now)


@cache
def _environment(locale: str) -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        bytecode_cache=_compiled(),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=partial(_shown, locale=locale),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    i18n.speak(environment, locale)
    environment.globals.update(
        asset=asset,
        most_counted=MOST_COUNTED,
        accent_sheet=accent_sheet,
        moments=Moments(locale),
        masked=masked,
        compared=compared,
        input_type=input_type,
        languages={name: i18n.name(name) for name in SUPPORTED},
        amount=Money,
        total=lambda lines, currency: Money(total_of(lines), currency),
        **_formats(locale),
    )
    return environment


@cache
def _compiled() -> "CompiledTemplates":
    from chalicelib.compiled_templates import CompiledTemplates

    return CompiledTemplates()


def _shown(value: object, locale: str) -> object:
    """Return a value as a page shows it: the words that stand for an erased customer are in the page's language."""
    return name_shown(value, i18n.translation(locale).gettext) if isinstance(value, str) else value


def _formats(locale: str) -> dict[str, Callable[..., str]]:
    """Return the functions of templates that put a value into words of this language."""
    translation = i18n.translation(locale)

    def sentence(refusal: Refusal) -> str:
        return translated(refusal.filled, translation.gettext)

    return {
        "sentence": sentence,
        "said_of": partial(translated, gettext=translation.gettext),
        "money": partial(i18n.money, locale=locale),
        "when": unbroken(partial(i18n.when, locale=locale)),
        "dates": unbroken(partial(i18n.date_and_times, locale=locale)),
        "moment": partial(i18n.moment, locale=locale),
        "minimum": partial(i18n.minimum, locale=locale),
        "short_end": partial(i18n.short_end, locale=locale),
        "hours": partial(i18n.hours, locale=locale),
        "short_date": partial(i18n.short_date, locale=locale),
        "short_meeting": partial(i18n.short_meeting, locale=locale),
        "weekday_name": partial(i18n.weekday, locale=locale),
        "short_weekday": partial(i18n.short_weekday, locale=locale),
        "month_name": partial(i18n.month, locale=locale),
        "price_line": partial(i18n.price_line, locale=locale),
        "listed": partial(i18n.listed, locale=locale),
        "short_day": partial(i18n.short_day, locale=locale),
        "day_of_week": partial(i18n.day_of_week, locale=locale),
    }
