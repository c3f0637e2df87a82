"""In which language somebody is answered."""

from chalicelib.languages import best
from chalicelib.rules.organisations import Locale
from chalicelib.web.call import Call


def locale_of(call: Call) -> Locale:
    """Return the language that the caller asks for: `?lang=` first, then Accept-Language."""
    return best(call.query.get("lang") or call.headers.get("accept-language", ""))
