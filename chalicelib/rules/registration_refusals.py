"""Refusals about registrations: of booking, changing, moving and removing them."""

from collections.abc import Sequence

from chalicelib.rules.addresses import Suppression
from chalicelib.rules.questions import MISFITS
from chalicelib.rules.refusals import Conflict, Fault, Invalid, TooOften
from chalicelib.rules.translation import N_


class AlreadyRegistered(Conflict):
    """This participant of this address is registered already. Siblings are different participants."""

    code = "already_registered"
    sentence = N_("%(participant)s is registered for this session already. Leave this name out, or register somebody else.")

    def __init__(self, participant: str) -> None:
        self.participant = participant


class PriceChanged(Conflict):
    """A price was changed since the form was shown."""

    code = "price_changed"
    sentence = N_("The price has changed since you opened this page. Check the new price, then book.")


class PriceNotShown(Conflict):
    """The form names more people than the price on it was for."""

    code = "price_not_shown"
    sentence = N_("The price changed because you entered more people. Check the new total, then register.")


class TierNeeded(Invalid):
    """The session has several tiers, and none was chosen."""

    code = "tier_needed"
    sentence = N_("Choose one of the prices.")


class UnknownTier(Invalid):
    code = "unknown_tier"
    sentence = N_("This price does not exist any more. Choose one of the prices.")


class TooManyParticipants(Invalid):
    code = "too_many_participants"
    sentence = N_("You entered more names than your %(party_size)d spots. Add spots or remove names.")

    def __init__(self, party_size: int) -> None:
        self.party_size = party_size


class AnswersDoNotFit(Invalid):
    """Some answers to the form's questions are invalid. `problems`: pointer to the answer → code; `others`: what else is wrong."""

    code = "answers_do_not_fit"
    sentence = N_("Some answers are missing or do not fit. Look at the questions marked below.")

    def __init__(self, problems: dict[str, str], others: Sequence[Fault] = ()) -> None:
        self.faults = [*((pointer, code, MISFITS[code]) for pointer, code in problems.items()), *others]


class AlreadyPaid(Conflict):
    """A paid registration keeps its party size; otherwise the amount paid would be wrong."""

    code = "already_paid"
    sentence = N_("This registration is paid, so its number of spots stays. Change its billing first, or add another registration.")


class OtherCurrency(Invalid):
    code = "other_currency"
    sentence = N_("This registration is in %(currency)s. Note the payment in the same currency.")

    def __init__(self, currency: str) -> None:
        self.currency = currency


class UnknownMeeting(Invalid):
    code = "unknown_meeting"
    sentence = N_("This session has no such meeting. Choose one of its dates, or leave it out.")


class SameSession(Conflict):
    code = "same_session"
    sentence = N_("The registration is on this session already. Choose another one.")


class AlreadyRemoved(Conflict):
    code = "already_removed"
    sentence = N_("This registration has already been removed. To bring the person back, add them again.")


class AddressUnreachable(Conflict):
    """No e-mail would reach the address."""

    code = "unreachable"

    def __init__(self, email: str, suppressed_for: Suppression) -> None:
        self.email = email
        self.suppressed_for = suppressed_for

    @property
    def sentence(self) -> str:  # type: ignore[override]
        return UNREACHABLE[self.suppressed_for]


UNREACHABLE: dict[Suppression, str] = {
    "bounced": N_("E-mails to %(email)s bounce. Correct the address, or open the customer and confirm that it works again."),
    "complained": N_("E-mails to %(email)s were marked as spam, so it gets no more. Ask for another address and correct it here."),
}


class ConfirmedTooOften(TooOften):
    code = "too_many_requests"
    sentence = N_("This confirmation was sent again five times within the hour. Wait a while before sending it again.")
