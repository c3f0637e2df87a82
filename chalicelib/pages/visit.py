"""The visit of a page: the call, who makes it, and what the form brings."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from gettext import NullTranslations
from hashlib import sha256

from chalicelib.i18n import translation
from chalicelib.languages import Locale
from chalicelib.pages.paths import written
from chalicelib.rules import customers
from chalicelib.rules.auth import Account
from chalicelib.rules.organisations import Organisation, StaffMember
from chalicelib.rules.refusals import NotFound
from chalicelib.web.call import Call
from chalicelib.web.locale import locale_of


@dataclass(frozen=True)
class Visit:
    """The argument of a handler: the call, the caller, and the organisation, each as far as the page's audience makes it known."""

    call: Call
    member: StaffMember | None = None
    organisation: Organisation | None = None
    typed: Mapping[str, str] = field(default_factory=dict)
    """The form's fields as they were submitted."""
    file: bytes = b""
    """The uploaded file of the form."""
    person: Account | None = None
    customer: customers.Customer | None = None
    """The customer of this organisation whose account is `person`."""
    framed: bool = False
    """Whether the page is shown in a frame of another site. Nobody is signed in there."""

    def __getitem__(self, name: str) -> str:
        return self.call.params[name]

    @property
    def org(self) -> str:
        return self.call.params["org"]

    @property
    def by(self) -> str:
        """The e-mail address of the member of staff, for the history; empty for other callers."""
        return self.member.email if self.member else ""

    @property
    def staff(self) -> StaffMember:
        """The member of staff who opens the page. Raises NotFound on a page for others."""
        if self.member is None:
            raise NotFound
        return self.member

    @property
    def home(self) -> Organisation:
        """The organisation of the page. Raises NotFound on a page without one."""
        if self.organisation is None:
            raise NotFound
        return self.organisation

    @property
    def me(self) -> customers.Customer:
        """The customer who opens the page. Raises NotFound on a page for others."""
        if self.customer is None:
            raise NotFound
        return self.customer

    def locale(self, organisation: Organisation | None) -> Locale:
        """Return the language of the page: the one that the request asks for, else the organisation's.

        The language that a member of staff chose counts more than that of their browser.
        """
        return locale_of(self.call, organisation.locale if organisation else "en", chosen=self.member.language if self.member else None)

    @property
    def language(self) -> Locale:
        """The language of the page."""
        return self.locale(self.organisation)

    @property
    def speech(self) -> NullTranslations:
        """The translations into the language of the page."""
        return translation(self.language)

    def gettext(self, text: str) -> str:
        """Return the text in the language of the page."""
        return self.speech.gettext(text)

    def ngettext(self, one: str, many: str, number: int) -> str:
        """Return the text for this number in the language of the page."""
        return self.speech.ngettext(one, many, number)

    @cached_property
    def key(self) -> str:
        """The idempotency key of the form: equal when the same user submits the same form with the same content again."""
        marked = self.typed.get("key") or secrets.token_hex(16)
        sender = self.member.user if self.member else self.person.user if self.person else ""
        return sha256("\0".join((marked, sender, self.call.method, self.path)).encode() + self.call.body).hexdigest()

    @property
    def path(self) -> str:
        """The path of the page, without the stage prefix and the query."""
        return written(self.call.route, **self.call.params)
