"""Changing a registration: who booked, the party, the session it is on. Each page says which dates a change touches."""

from typing import Any

from chalicelib.operations import registrations, sessions
from chalicelib.pages import booking, forms
from chalicelib.pages.answers import Answer, Html, Redirect
from chalicelib.pages.declaring import Staff, Visit, page
from chalicelib.pages.registrations import OWN
from chalicelib.rules.drafts.rosters import ContactChanges, RegistrationChanges, Transferring
from chalicelib.rules.ledger import SessionFull
from chalicelib.rules.refusals import NotFound, Refusal
from chalicelib.rules.registrations import Registration
from chalicelib.web.refusals import status_of

CONTACT = ("name", "email", "phone")
OFFERED = 50


@page("GET", OWN + "/contact", who=Staff("manager"))
def contact_form(visit: Visit) -> Answer:
    found, _ = registrations.read_registration(visit.org, visit["registration"])
    typed = {name: getattr(found, name) for name in CONTACT}
    return Html("registrations/contact.html", _about(visit, found, forms.blank(typed)))


@page("POST", OWN + "/contact", who=Staff("manager"))
def correct_contact(visit: Visit) -> Answer:
    return _changed(visit, "registrations/contact.html", _correct)


@page("GET", OWN + "/party", who=Staff("manager"))
def party_form(visit: Visit) -> Answer:
    found, _ = registrations.read_registration(visit.org, visit["registration"])
    names = {f"participants/{number}/name": name for number, name in enumerate(found.participants)}
    return Html("registrations/party.html", _about(visit, found, forms.blank({"party_size": str(found.party_size), **names})))


@page("POST", OWN + "/party", who=Staff("manager"))
def change_party(visit: Visit) -> Answer:
    return _changed(visit, "registrations/party.html", _resize)


@page("GET", OWN + "/transfer", who=Staff("manager"))
def transfer_form(visit: Visit) -> Answer:
    found, _ = registrations.read_registration(visit.org, visit["registration"])
    return Html("registrations/transfer.html", _about(visit, found, forms.blank()))


@page("POST", OWN + "/transfer", who=Staff("manager"))
def transfer(visit: Visit) -> Answer:
    return _changed(visit, "registrations/transfer.html", _transfer)


def _changed(visit: Visit, template: str, change: Any) -> Answer:
    found, _ = registrations.read_registration(visit.org, visit["registration"])
    try:
        changed: Registration = change(visit)
    except NotFound:
        raise
    except Refusal as refusal:
        return Html(template, _about(visit, found, booking.refused(visit.typed, refusal)), status_of(refusal))
    return Redirect(f"/o/{visit.org}/registrations/{changed.session}-{changed.id}", {"done": "saved"})


def _correct(visit: Visit) -> Registration:
    draft = forms.read(ContactChanges, {name: visit.typed.get(name, "").strip() for name in CONTACT})
    return registrations.correct_contact(visit.org, visit["registration"], draft, now=visit.call.now)


def _resize(visit: Visit) -> Registration:
    values = {"party_size": visit.typed.get("party_size", "").strip()}
    values |= forms.renumbered("participants", forms.rows(visit.typed, "participants", ("name",)))
    values |= {"confirm_over_capacity": visit.typed.get("confirm_over_capacity", "")}
    draft = forms.read(RegistrationChanges, values)
    return registrations.change_registration(visit.org, visit["registration"], draft, now=visit.call.now)


def _transfer(visit: Visit) -> Registration:
    draft = forms.read(Transferring, {"to_session": visit.typed.get("to_session", "")})
    return registrations.transfer(
        visit.org, visit["registration"], draft.to_session, by=visit.by, key=visit.key, now=visit.call.now
    ).registration


def _about(visit: Visit, found: Registration, form: forms.Form) -> dict[str, Any]:
    now = visit.call.now
    _, meetings = registrations.read_with_meetings(visit.org, visit["registration"], now=now)
    coming = sessions.list_sessions(visit.org, coming=True, now=now, limit=OFFERED).items
    return {
        "registration": found,
        "session": sessions.read_session(visit.org, found.session, now=now).session,
        "meetings": meetings,
        "others": [view for view in coming if view.session.id != found.session and not view.session.cancelled_at],
        "form": form,
        "rows": 1 + len(forms.rows(form.values, "participants", ("name",))),
        "question": _question(form.refusal) if isinstance(form.refusal, SessionFull) else "",
    }


def _question(full: SessionFull) -> str:
    return f"{full.sentence % full.data()} Add them anyway? What does not fit becomes extra spots for as long as this registration stands."
