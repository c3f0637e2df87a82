"""The form with which somebody is put on a waitlist: by themselves, or by staff."""

from chalicelib import languages
from chalicelib.pages import booking, forms
from chalicelib.pages.declaring import Visit
from chalicelib.rules.drafts.waitlist import Joining
from chalicelib.rules.refusals import Refusal
from chalicelib.rules.waitlist import AlreadyWaiting, MoreThanTheSession

FIELD_OF: dict[type[Refusal], str] = {AlreadyWaiting: "email", MoreThanTheSession: "spots"}


def read(visit: Visit) -> Joining:
    """Return what was typed. A booking that came too late asks for the spots of its party. Raises Invalid."""
    typed = {name: visit.typed.get(name, "").strip() for name in ("name", "email")}
    return forms.read(Joining, {**typed, "spots": visit.typed.get("spots", str(booking.party_of(visit.typed))).strip()})


def refused(visit: Visit, refusal: Refusal) -> forms.Form:
    """Return the form as it was sent; what is about one field stands beside it."""
    form = forms.refused({"spots": str(booking.party_of(visit.typed)), **visit.typed}, refusal)
    if type(refusal) not in FIELD_OF:
        return form
    sentence = languages.translation(visit.locale(visit.organisation)).gettext(refusal.sentence) % refusal.data()
    return forms.Form(form.values, {FIELD_OF[type(refusal)]: sentence}, refusal, form.key)
