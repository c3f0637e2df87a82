"""The language of an answer."""

from chalicelib.i18n import translation
from chalicelib.languages import Locale, best
from chalicelib.rules.translation import translated
from chalicelib.web.call import Call


def locale_of(call: Call, otherwise: Locale = "en", *, chosen: Locale | None = None) -> Locale:
    """Return the language that the request asks for: `?lang=` first, then the language `chosen` earlier, then Accept-Language.

    It is `otherwise` if none of them names a supported one.
    """
    return best(call.query.get("lang") or chosen or call.headers.get("accept-language", ""), otherwise)


def say(sentence: str, locale: str) -> str:
    """Return a marked sentence in a language, with its values."""
    return translated(sentence, translation(locale).gettext)
