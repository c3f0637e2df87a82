"""In which language somebody is answered."""

from chalicelib.languages import best
from chalicelib.rules.organisations import Locale
from chalicelib.web.call import Call


def locale_of(call: Call, otherwise: Locale = "en") -> Locale:
    """Return the language that the caller asks for: `?lang=` first, then Accept-Language; another when neither names one of ours."""
    return best(call.query.get("lang") or call.headers.get("accept-language", ""), otherwise)
