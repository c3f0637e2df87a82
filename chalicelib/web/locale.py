"""The language of an answer."""

from chalicelib.i18n import best
from chalicelib.languages import Locale
from chalicelib.web.call import Call


def locale_of(call: Call, otherwise: Locale = "en", *, chosen: Locale | None = None) -> Locale:
    """Return the language that the request asks for: `?lang=` first, then the language `chosen` earlier, then Accept-Language.

    It is `otherwise` if none of them names a supported one.
    """
    return best(call.query.get("lang") or chosen or call.headers.get("accept-language", ""), otherwise)
