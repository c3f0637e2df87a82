"""The people of a list whom no e-mail reaches."""

from collections.abc import Iterable

from chalicelib.api.responses import Out
from chalicelib.operations import messages
from chalicelib.rules.addresses import Suppression


class UnreachableOut(Out):
    """An address of the list that no e-mail reaches, trimmed and in lower case, and why."""

    email: str
    suppressed: Suppression

    @classmethod
    def among(cls, org: str, emails: Iterable[str]) -> "list[UnreachableOut]":
        """Return those of the addresses that no e-mail reaches, each once."""
        return [cls(email=email, suppressed=why) for email, why in sorted(messages.suppressions(org, emails).items())]
