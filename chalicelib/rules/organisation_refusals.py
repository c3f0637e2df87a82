"""Refusals about an organisation: its staff, its suspension and its deletion."""

from chalicelib.rules.refusals import Conflict, Forbidden, Invalid
from chalicelib.rules.translation import N_


class PayingOnlineNeedsKeys(Invalid):
    """The public cannot pay online without both keys of a Stripe account."""

    code = "keys_needed"
    sentence = N_("Nobody can pay when booking without your Stripe account. Add both of its keys under “Online payment” first.")

    def __init__(self) -> None:
        self.faults = [("/public_billing", self.code, self.sentence)]


class AlreadyStaff(Conflict):
    code = "already_staff"
    sentence = N_("This address belongs to the staff already. Change the role instead.")


class NoSupportWanted(Exception):
    """No owner allows support access now."""


class BeingDeleted(Conflict):
    """An operator resumes an organisation too late."""

    code = "being_deleted"
    sentence = N_("This organisation is being deleted, so it cannot be resumed. Use an archive to bring it back, if there is one.")


class NotYetDeletable(Conflict):
    """An operator deletes an organisation too early."""

    code = "not_yet_deletable"
    sentence = N_("This organisation may not be deleted yet. Wait until 30 days after its deletion was asked for.")


class LastOwner(Conflict):
    code = "last_owner"
    sentence = N_("An organisation needs an owner. Make somebody else an owner first.")


class OrganisationSuspended(Forbidden):
    """For its staff, and for programs with its keys."""

    code = "organisation_suspended"
    sentence = N_("This organisation is suspended. Nothing of it is lost. Ask the operator of this Rollbook to resume it.")


class BookingsPaused(Forbidden):
    """For families, while the organisation is suspended."""

    code = "bookings_paused"
    sentence = N_(
        "No bookings can be made or changed here at the moment. Use a link that you already have to see your booking or to cancel it."
    )
