"""Input about invitations, of staff and of the holder."""

from chalicelib.rules.addresses import Address
from chalicelib.rules.inputs.input import Input, example
from chalicelib.rules.inputs.registrations import AnswersInput, PartySize, PublicParticipants
from chalicelib.rules.inputs.sessions import Id
from chalicelib.rules.invitations import Forwarding
from chalicelib.rules.text import Paragraphs, PublicName, SingleLine
from chalicelib.rules.times import Moment


class InvitationInput(Input):
    model_config = example(email="ana@example.org", party_size=2, note="Asked for it at the door.")

    email: Address
    party_size: PartySize = 1
    discount_code: SingleLine | None = None
    tier: Id | None = None
    expires_at: Moment | None = None
    forwarding: Forwarding | None = None
    note: Paragraphs = ""
    confirm_over_capacity: bool = False


class ResendInput(Input):
    rotate: bool = False


class ReviveInput(Input):
    confirm_over_capacity: bool = False
    expires_at: Moment | None = None


class AcceptInput(Input):
    """The form to accept an invitation."""

    model_config = example(email="ana@example.org", name="Ana Ortiz", participants=[{"name": "Zoé"}])

    email: Address
    name: PublicName
    participants: PublicParticipants
    tier: Id | None = None
    answers: AnswersInput = {}
