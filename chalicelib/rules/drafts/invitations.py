"""An invitation as staff write it, and what its holder answers."""

from typing import Annotated

from pydantic import Field

from chalicelib.rules.addresses import Address
from chalicelib.rules.drafts.registrations import Answers, Participants
from chalicelib.rules.drafts.sending import Draft
from chalicelib.rules.drafts.sessions import Id
from chalicelib.rules.invitations import Forwarding
from chalicelib.rules.text import Line, Name, Paragraphs
from chalicelib.rules.times import Moment

PartySize = Annotated[int, Field(ge=1, le=50)]


class InvitationDraft(Draft):
    email: Address
    party_size: PartySize = 1
    discount_code: Line | None = None
    tier: Id | None = None
    expires_at: Moment | None = None
    forwarding: Forwarding | None = None
    note: Paragraphs = ""
    confirm_over_capacity: bool = False


class Resending(Draft):
    rotate: bool = False


class Reviving(Draft):
    confirm_over_capacity: bool = False
    expires_at: Moment | None = None


class Acceptance(Draft):
    """What somebody fills in to use an invitation."""

    email: Address
    name: Name
    participants: Participants
    tier: Id | None = None
    answers: Answers = {}
