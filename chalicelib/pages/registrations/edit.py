"""Editing a registration: booker, participants, transfer. Each page lists the meetings that are affected."""

from collections.abc import Callable
from typing import Any

from chalicelib.operations import corrections, registrations, sessions
from chalicelib.pages import booking_form, extra_spots, forms
from chalicelib.pages.pager import ListPage
from chalicelib.pages.registrations.registration import REGISTRATION
from chalicelib.pages.responses import Html, PageResponse
from chalicelib.pages.sessions.roster_query import after_change
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.rules.clashes import Clash
from chalicelib.rules.inputs.roster import ContactChanges, RegistrationChanges, TransferInput
from chalicelib.rules.ledger import SessionFull
from chalicelib.rules.refs import Ref
from chalicelib.rules.refusals import ChangedMeanwhile, Refusal
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session
from chalicelib.web.audience import Staff
from chalicelib.web.refusals import status_of
from chalicelib.web.session_filter import staff_filter

CONTACT = ("name", "email", "phone")
CONTACT_TICKS = ("send_confirmation", "bookings_follow")
OFFERED = 20


@page("GET", REGISTRATION + "/contact", who=Staff("manage_roster"))
def contact_form(visit: Visit) -> PageResponse:
    found, _ = registrations.read_registration(visit.org, visit["registration"])
    typed = {**_contact(found, _session(visit)), "send_confirmation": "true"}
    return Html("registrations/contact.html", _about(visit, found, forms.blank(typed)))


@page("POST", REGISTRATION + "/contact", who=Staff("manage_roster"))
def correct_contact(visit: Visit) -> PageResponse:
    return _edit(visit, "registrations/contact.html", _correct, _contact)


@page("GET", REGISTRATION + "/party", who=Staff("manage_roster"))
def party_form(visit: Visit) -> PageResponse:
    found, _ = registrations.read_registration(visit.org, visit["registration"])
    about = _about(visit, found, forms.blank(_party(found, _session(visit))))
    return Html("registrations/party.html", {**about, "rows": 1 + len(found.participants)})


@page("POST", REGISTRATION + "/party", who=Staff("manage_roster"))
def change_party(visit: Visit) -> PageResponse:
    return _edit(visit, "registrations/party.html", _resize, _party)


@page("GET", REGISTRATION + "/answers", who=Staff("manage_roster"))
def answers_form(visit: Visit) -> PageResponse:
    found, _ = registrations.read_registration(visit.org, visit["registration"])
    return Html("registrations/answers.html", _about(visit, found, forms.blank(_answers(found, _session(visit)))))


@page("POST", REGISTRATION + "/answers", who=Staff("manage_roster"))
def correct_answers(visit: Visit) -> PageResponse:
    return _edit(visit, "registrations/answers.html", _answer, _answers)


@page("GET", REGISTRATION + "/transfer", who=Staff("manage_roster"))
def transfer_form(visit: Visit) -> PageResponse:
    found, _ = registrations.read_registration(visit.org, visit["registration"])
    data = _about(visit, found, forms.blank({"tell": "true"}))
    return Html("registrations/transfer.html", {**data, **_others(visit, found)})


@page("POST", REGISTRATION + "/transfer", who=Staff("manage_roster"))
def transfer(visit: Visit) -> PageResponse:
    found, _ = registrations.read_registration(visit.org, visit["registration"])
    if clashing := _clashing(visit, found):
        data = {**_about(visit, found, forms.Form(visit.typed, key=visit.key)), **_others(visit, found)}
        return Html("registrations/transfer.html", {**data, "clashing": clashing})
    return _changed(visit, "registrations/transfer.html", _transfer, _others)


def _clashing(visit: Visit, found: Registration) -> list[Clash]:
    """Return the other bookings at the time of the chosen session, unless staff know of them."""
    chosen = visit.typed.get("to_session", "").strip()
    if not chosen or visit.typed.get("confirm_clash") == "true":
        return []
    session = sessions.read_session(visit.org, chosen, now=visit.call.now).session
    return registrations.find_clashes(session, found.email, found.participants, now=visit.call.now, leaving=found.public_id)


def _others(visit: Visit, found: Registration) -> dict[str, Any]:
    """Return a page of the coming sessions to which a registration can move."""
    list_page = ListPage.of(visit, "q", "tag")
    page = sessions.list_sessions(
        visit.org,
        coming=True,
        wanted=staff_filter(list_page.filter),
        suits=lambda view: view.session.id != found.session and not view.session.cancelled_at,
        now=visit.call.now,
        limit=OFFERED,
        start=list_page.start,
    )
    return {"others": page.items, "filters": list_page.filter, "pager": list_page.links(page.next), "here": list_page.here}


def _contact(found: Registration, _session: Session) -> dict[str, str]:
    return forms.version_of({name: getattr(found, name) for name in CONTACT})


def _party(found: Registration, session: Session) -> dict[str, str]:
    return forms.version_of({"party_size": str(found.party_size), **booking_form.participant_fields(found, session)})


def _answers(found: Registration, session: Session) -> dict[str, str]:
    answers = booking_form.answered(found.answers, session.questions)
    return forms.version_of({**answers, **booking_form.participant_fields(found, session)})


def _edit(
    visit: Visit, template: str, change: Callable[[Visit], Registration], fields: Callable[[Registration, Session], dict[str, str]]
) -> PageResponse:
    """Make the change unless somebody changed the `fields` after the form was filled with them; the page then shows both versions."""
    found, _ = registrations.read_registration(visit.org, visit["registration"])
    current = fields(found, _session(visit))
    try:
        forms.check_unchanged(visit.typed, current)
        changed = change(visit)
    except forms.REFUSED as refusal:
        form = forms.with_conflict(booking_form.refused(visit.typed, refusal), current)
        return Html(template, _about(visit, found, form), status_of(refusal))
    return after_change(visit, changed, "saved")


def _changed(visit: Visit, template: str, change: Any, beside: Any = lambda _visit, _found: {}) -> PageResponse:
    found, _ = registrations.read_registration(visit.org, visit["registration"])
    try:
        changed: Registration = change(visit)
    except forms.REFUSED as refusal:
        data = {**_about(visit, found, booking_form.refused(visit.typed, refusal)), **beside(visit, found)}
        return Html(template, data, status_of(refusal))
    return after_change(visit, changed, "saved")


def _correct(visit: Visit) -> Registration:
    values: dict[str, Any] = {name: visit.typed.get(name, "").strip() for name in CONTACT}
    values |= {name: visit.typed.get(name) == "true" for name in CONTACT_TICKS}
    draft = forms.read(ContactChanges, values)
    return corrections.correct_contact(visit.org, visit["registration"], draft, by=visit.by, now=visit.call.now)


def _resize(visit: Visit) -> Registration:
    values, faults = booking_form.participants_of(visit.typed, _session(visit), by_staff=True)
    values |= {name: visit.typed.get(name, "").strip() for name in ("party_size", "confirm_over_capacity", "confirm_age")}
    draft = forms.read(RegistrationChanges, values, faults)
    return registrations.change_registration(visit.org, visit["registration"], draft, now=visit.call.now)


def _answer(visit: Visit) -> Registration:
    """Write the answers of the form. Those about participants count only while nobody else has changed who they are,
    and a date of birth is noted whatever the session's ages are: they are on the roster already."""
    found, _ = registrations.read_registration(visit.org, visit["registration"])
    session = _session(visit)
    values, faults = booking_form.values_of(visit.typed, session, priced=True, by_staff=True)
    named = {name: value for name, value in values.items() if name.startswith("participants/")}
    if named and booking_form.names_of(visit.typed) != list(found.participants):
        raise ChangedMeanwhile
    draft = forms.read(RegistrationChanges, {"answers": values["answers"], **named, "confirm_age": True}, faults)
    return registrations.change_registration(visit.org, visit["registration"], draft, now=visit.call.now)


def _session(visit: Visit) -> Session:
    return sessions.read_session(visit.org, Ref.parse(visit.org, visit["registration"]).session, now=visit.call.now).session


def _transfer(visit: Visit) -> Registration:
    draft = forms.read(TransferInput, {"to_session": visit.typed.get("to_session", ""), "tell": visit.typed.get("tell") == "true"})
    return registrations.transfer(
        visit.org, visit["registration"], draft.to_session, by=visit.by, key=visit.key, now=visit.call.now, tell=draft.tell
    ).registration


def _about(visit: Visit, found: Registration, form: forms.Form) -> dict[str, Any]:
    now = visit.call.now
    _, meetings = registrations.read_with_meetings(visit.org, visit["registration"], now=now)
    return {
        "registration": found,
        "session": sessions.read_session(visit.org, found.session, now=now).session,
        "meetings": meetings,
        "form": form,
        "clashing": [],
        "rows": 1 + len(forms.rows(form.values, "participants", ("name",))),
        "others_stand": max(0, corrections.count_bookings(visit.org, found.email, now=now) - (not found.removed_at)),
        "question": _question(visit, form.refusal),
        "confirms": "confirm_over_capacity" if isinstance(form.refusal, SessionFull) else "confirm_age",
    }


def _question(visit: Visit, refusal: Refusal | None) -> str:
    """Return the question that staff must answer before the party changes; empty if there is none."""
    return extra_spots.enlarge(visit, refusal) if isinstance(refusal, SessionFull) else booking_form.age_question(visit, refusal)
