"""The form of a waitlist entry, for the public and for staff."""

from chalicelib.pages import booking_form, forms
from chalicelib.pages.views import Visit
from chalicelib.rules.inputs.waitlist import JoinInput, PublicJoinInput
from chalicelib.rules.refusals import Refusal
from chalicelib.rules.waitlist import AlreadyWaiting, MoreThanCapacity

FIELD_OF: dict[type[Refusal], str] = {AlreadyWaiting: "email", MoreThanCapacity: "spots"}


def read(visit: Visit) -> JoinInput:
    """Return the typed entry. Without a field `spots`, it asks for the party size of the booking form. Raises ValidationFailed."""
    typed = {name: visit.typed.get(name, "").strip() for name in ("name", "email")}
    takes = JoinInput if visit.member else PublicJoinInput
    return forms.read(takes, {**typed, "spots": visit.typed.get("spots", str(booking_form.party_of(visit.typed))).strip()})


def refused(visit: Visit, refusal: Refusal) -> forms.Form:
    """Return the submitted form, with each fault at its field."""
    form = forms.refused({"spots": str(booking_form.party_of(visit.typed)), **visit.typed}, refusal)
    if type(refusal) not in FIELD_OF:
        return form
    return forms.Form(form.values, {FIELD_OF[type(refusal)]: refusal.filled}, refusal, form.key)
