"""The declaration of a kind of e-mail, beside its letter."""

from dataclasses import dataclass
from typing import Literal

Context = Literal[
    "session",
    "roster_message",
    "invoice",
    "staff_invitation",
    "password_reset",
    "address_confirmation",
    "portal_invitation",
    "minimum",
    "webhook",
    "refund",
    "order",
]
SampleFact = Literal[
    "session",
    "cancelled_session",
    "missed_session",
    "meeting",
    "invitation",
    "offer",
    "waiting",
    "registration",
    "invoice",
    "refund",
    "member",
    "customer",
    "staff_text",
    "late_refund",
]
ABOUT_A_SESSION = ("customer_name", "organisation_name", "session_title", "session_dates", "session_place")


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """A kind of e-mail. Declarations import no rendering code, because API and pages read them too."""

    label: str
    """Its name in the template editor."""
    placeholders: tuple[str, ...]
    """The placeholders of custom text, in the order in which staff see them; `rules/email_templates` describes each."""
    context: Context
    """The name of the reader in `operations/messages/context` that provides its facts."""
    sample: tuple[SampleFact, ...]
    """The facts of a sample: each is made in `emails/samples`."""
    sample_page: str = "i"
    """The first part of the path of the sample's main link."""
    unsubscribable: bool = False
    """Whether a recipient can unsubscribe from it: not from the answer to a request, nor from an e-mail about a booking."""
    optional: bool = False
    """Whether a recipient can turn off this kind alone, in the preferences of the address: a reminder of a booking."""
    requested: bool = False
    """Whether the owner of the address asks for it and waits for it: a complaint about other kinds does not withhold it."""
    required: str = ""
    """The placeholder that is appended to custom text that lacks it. The link always is."""
    lists_price: bool = False
    """Whether its table of facts has the price."""
