"""Refusals about sessions: closed, past, cancelled or in use."""

from datetime import datetime

from chalicelib.rules.refusals import Conflict, Invalid
from chalicelib.rules.translation import N_


class SessionCancelled(Conflict):
    code = "session_cancelled"
    sentence = N_("This session is cancelled. Choose another one.")


class SessionPast(Conflict):
    code = "session_past"
    sentence = N_("The last date of this session has begun. Choose another session.")


class RegistrationNotOpen(Conflict):
    """Registration is not open to the public yet. An invitation can be accepted."""

    code = "registration_not_open"
    sentence = N_("Registration for this session has not opened yet. Come back when it opens.")

    def __init__(self, opens_at: datetime) -> None:
        self.opens_at = opens_at


class RegistrationClosed(Conflict):
    code = "registration_closed"
    sentence = N_("Registration for this session has closed. Ask the organiser whether there is another way in.")


class SessionInUse(Conflict):
    code = "session_in_use"
    sentence = N_("People are or were on this session, so its history stays. Cancel it instead of deleting it.")


class LastMeeting(Conflict):
    code = "last_meeting"
    sentence = N_("This is the only date that is left. Cancel the session instead.")


class MeetingPast(Conflict):
    code = "meeting_past"
    sentence = N_("This date has begun or is over, so it cannot be restored. Add a new date instead.")


class CapacityBelowUse(Conflict):
    """The new number of spots is below those in use. Allowed after confirmation."""

    code = "below_use"
    sentence = N_(
        "%(used)d spots are taken or held already. Nobody would be dropped and nothing would be free. "
        "Confirm it to lower the number all the same."
    )

    def __init__(self, used: int) -> None:
        self.used = used


class ClosesBeforeItOpens(Invalid):
    code = "closes_before_it_opens"
    sentence = N_("Registration must close after it opens. Change both together.")


class MixedCurrencies(Invalid):
    code = "mixed_currencies"
    sentence = N_("All prices of a session must have the same currency. Change the price that differs.")
