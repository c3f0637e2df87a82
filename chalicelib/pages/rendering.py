"""Templates into HTML. Jinja is imported when the first page is written: the API's cold start does without it."""

from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chalicelib import languages
from chalicelib.pages import moments, paths
from chalicelib.pages.assets import accent_sheet, asset
from chalicelib.pages.saying import SAID
from chalicelib.rules.addresses import masked
from chalicelib.rules.discounts import total_of
from chalicelib.rules.money import Money
from chalicelib.rules.notifications import MOST_COUNTED
from chalicelib.rules.organisations import may
from chalicelib.rules.refusals import Refusal

if TYPE_CHECKING:
    from jinja2 import Environment

    from chalicelib.pages.declaring import Visit

TEMPLATES = Path(__file__).parent / "templates"


def rendered(template: str, data: Mapping[str, Any], visit: "Visit") -> str:
    """Return the page. Links keep the language that was asked for by `?lang=`."""
    call = visit.call
    organisation = data.get("organisation", visit.organisation)
    locale = visit.locale(organisation)
    lang = locale if call.query.get("lang") else ""
    around = {
        "visit": visit,
        "organisation": organisation,
        "member": visit.member,
        "now": call.now,
        "may": lambda role: visit.member is not None and may(visit.member.role, role),
        "path": partial(paths.path, lang=lang) if lang else paths.path,
        "count_unread": cache(partial(_count_unread, visit)),
        "said": SAID.get(call.query.get("done", "")),
    }
    return _environment(locale).get_template(template).render({**around, **data})


def _count_unread(visit: "Visit") -> int:
    """Return how many notifications the member has not read. Only the frame of staff's pages asks: one query."""
    from chalicelib.operations import notifications

    return notifications.count_unread(visit.staff, now=visit.call.now)


@cache
def _environment(locale: str) -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    languages.speak(environment, locale)
    translation = languages.translation(locale)

    def sentence(refusal: Refusal) -> str:
        return translation.gettext(refusal.sentence) % refusal.data()

    environment.globals.update(
        asset=asset,
        most_counted=MOST_COUNTED,
        accent_sheet=accent_sheet,
        moments=moments,
        masked=masked,
        sentence=sentence,
        languages=languages.SUPPORTED,
        money=partial(languages.money, locale=locale),
        when=partial(languages.when, locale=locale),
        dates=partial(languages.date_and_times, locale=locale),
        moment=partial(languages.moment, locale=locale),
        price_line=partial(languages.price_line, locale=locale),
        total=lambda lines, currency: Money(total_of(lines), currency),
        listed=partial(languages.listed, locale=locale),
    )
    return environment
