"""The kinds of links. They start at the deployment's public address, since e-mails are sent without a request."""

from typing import NamedTuple

from chalicelib.config import config
from chalicelib.rules import links
from chalicelib.rules.refusals import NotFound


def url(path: str) -> str:
    """Return the absolute URL of a path."""
    return f"{config().public_url}{path}"


class LinkKind(NamedTuple):
    """A kind of link: the name that its seal covers, its path, and the number of readable parts in its token.

    `{org}` in the path is the first of these parts.
    """

    name: str
    path: str
    length: int = 2

    def token(self, *parts: str, secret: str = "") -> str:
        return links.token(config().link_key, self.name, *parts, secret=secret)

    def url(self, *parts: str, secret: str = "") -> str:
        return self.url_of(self.token(*parts, secret=secret))

    def url_of(self, token: str) -> str:
        return url(self.path.format(org=token.partition(links.SEPARATOR)[0], token=token))

    def is_genuine(self, token: str, secret: str = "") -> bool:
        return links.is_genuine(config().link_key, self.name, token, secret)

    def unverified(self, token: str) -> tuple[str, ...]:
        """Return the parts of a token whose secret the caller has yet to compare. Raises NotFound unless all are there."""
        shown = links.parts(token)
        if len(shown) != self.length or not all(shown):
            raise NotFound
        return shown

    def read(self, token: str) -> tuple[str, ...]:
        """Return the parts of a genuine token without a secret. Raises NotFound."""
        shown = self.unverified(token)
        if not self.is_genuine(token):
            raise NotFound
        return shown


INVITATION = LinkKind("invitation", "/i/{token}", length=3)
WAITLIST = LinkKind("waitlist", "/waitlist/{token}", length=3)
WAITLIST_MAILED = LinkKind("waitlist, mailed", "/waitlist/{token}", length=3)
"""The same page, by the link that only the e-mail has: it also confirms the address."""
UNSUBSCRIBE = LinkKind("unsubscribe", "/unsubscribe/{token}")
DATE_REMINDERS = LinkKind("date reminders", "/unsubscribe/{token}")
"""The same page, from a reminder before a date: it turns these off."""
STAFF_ACTIVATION = LinkKind("staff", "/activate/{token}", length=3)
PORTAL_ACTIVATION = LinkKind("portal", "/activate/{token}", length=3)
CONFIRMATION = LinkKind("confirm", "/confirm/{token}")
CALENDAR_FEED = LinkKind("calendar", "/v1/calendars/{token}.ics")
AGENDA_FEED = LinkKind("agenda", "/v1/agendas/{token}.ics")
SIGN_UP_BROWSER = LinkKind("browser", "")
"""No link, but the token of a cookie."""
BASKET = LinkKind("basket", "")
"""No link, but the token of a cookie, with the contents of a basket."""
SIGN_IN = LinkKind("sign-in", "")
"""No link, but the token of a sign-in that waits for its second factor."""
PASSWORD_RESET = LinkKind("reset", "/reset/{token}")
INVOICE = LinkKind("invoice", "/invoice/{token}")
BOOKING = LinkKind("booking", "/b/{token}")
REGISTERED = LinkKind("registered", "/p/{org}/registered/{token}")
"""The page of a booking in e-mails of earlier versions; it leads to today's."""
ORDER = LinkKind("order", "/order/{token}")
CHECK_IN = LinkKind("check-in", "/o/{org}/check-in/{token}")


def version_secret(link_version: int) -> str:
    """Return the link version for the seal of a link; empty for the first version, whose seals cover none."""
    return str(link_version) if link_version > 1 else ""
