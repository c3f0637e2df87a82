"""The form of a waitlist entry, for the public and for staff."""

from chalicelib.pages import booking_form, forms
from chalicelib.pages.visit import Visit
from chalicelib.rules.alternatives import CannotWaitFor
from chalicelib.rules.inputs.waitlist import JoinInput, PublicJoinInput
from chalicelib.rules.refusals import Refusal
from chalicelib.rules.waitlist import AlreadyWaiting, MoreThanCapacity

ALTERNATIVES = "alternatives/"
"""The beginning of the names of the boxes beside other sessions."""
FIELD_OF: dict[type[Refusal], str] = {AlreadyWaiting: "email", MoreThanCapacity: "spots"}


def read(visit: Visit) -> JoinInput:
    """Return the typed entry. Without a field `spots`, it asks for the party size of the booking form. Raises ValidationFailed."""
    typed = {name: visit.typed.get(name, "").strip() for name in ("name", "email")}
    spots = visit.typed.get("spots", str(booking_form.party_of(visit.typed))).strip()
    ticked = [name.removeprefix(ALTERNATIVES) for name in visit.typed if name.startswith(ALTERNATIVES)]
    return forms.read(JoinInput if visit.member else PublicJoinInput, {**typed, "spots": spots, "alternatives": ticked})


def refused(visit: Visit, refusal: Refusal) -> forms.Form:
    """Return the submitted form, with each fault at its field."""
    form = forms.refused({"spots": str(booking_form.party_of(visit.typed)), **visit.typed}, refusal)
    name = ALTERNATIVES + refusal.session if isinstance(refusal, CannotWaitFor) else FIELD_OF.get(type(refusal), "")
    return forms.Form(form.values, {name: refusal.filled}, refusal, form.key) if name else form
