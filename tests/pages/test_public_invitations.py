"""The page of an invitation: price lines, form and outcome, in English and French."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from chalicelib.operations import invitations, organisations, sessions
from chalicelib.rules.inputs.organisations import OrganisationChanges
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.sessions import Session
from tests.pages.browser import Browser

Invite = Callable[..., tuple[Invitation, str]]
FORM = {"name": "Ana Ortiz", "email": "ana@example.org", "participants/0/name": "Zoé Ortiz"}
TIERS = [{"name": "Child", "price": {"amount": 1000, "currency": "EUR"}}, {"name": "Sibling", "price": {"amount": 800, "currency": "EUR"}}]
QUESTIONS = [
    {"label": "Size", "kind": "choice", "options": ["S", "M"], "required": True},
    {"label": "Can swim", "kind": "yes_no", "required": True},
    {"label": "Age", "kind": "number", "required": True},
    {"label": "Born", "kind": "date", "required": True},
    {"label": "Allergies", "kind": "text"},
]


def spots(session: Session, now: datetime) -> tuple[int, int, int]:
    counted = sessions.read_session("demo", session.id, now=now).spots
    return counted.taken, counted.held, counted.free


def test_the_cart_names_the_session_and_the_held_spots(visitor: Browser, invite: Invite) -> None:
    page = visitor.get(invite("ana@example.org", party_size=2)[1])
    for words in ("Demo invites you", "Judo", "Europe/Paris", "2 spots", "€24.00", "2 × €12.00", "Held for you until"):
        assert words in page.text


@pytest.mark.parametrize("forwarding", ["open", "approve", "locked"])
def test_the_invited_address_is_never_shown(forwarding: str, visitor: Browser, invite: Invite) -> None:
    _, path = invite("ana.ortiz@example.org", forwarding=forwarding)
    pages = [
        visitor.get(path),
        visitor.get(f"{path}/decline"),
        visitor.send(visitor.get(path), {**FORM, "email": "x@y.example", "name": ""}),
    ]
    for page in pages:
        assert "ana.ortiz" not in page.html
    assert "a•••@e•••.org" in pages[0].text


def test_looking_changes_nothing(visitor: Browser, session: Session, invite: Invite, today: datetime) -> None:
    _, path = invite("ana@example.org")
    before = sessions.read_roster("demo", session.id, now=today)
    for page in (path, f"{path}/decline", f"{path}/waiting"):
        assert visitor.get(page).status == 200
    assert sessions.read_roster("demo", session.id, now=today) == before


def test_registering_ends_with_what_happens_next(visitor: Browser, session: Session, invite: Invite, today: datetime) -> None:
    page = visitor.get(invite("ana@example.org")[1])
    done = visitor.follow(visitor.send(page, FORM))
    for words in ("You are registered", "What happens next", "ana@example.org", "Zoé Ortiz", "€12.00", "will send payment details"):
        assert words in done.text
    assert spots(session, today) == (1, 0, 4)


def test_registering_again_is_the_same_registration(visitor: Browser, session: Session, invite: Invite, today: datetime) -> None:
    page = visitor.get(invite("ana@example.org")[1])
    first, second = visitor.send(page, FORM), visitor.send(page, FORM)
    assert first.headers["location"] == second.headers["location"]
    assert spots(session, today) == (1, 0, 4)


def test_every_mistake_is_shown_and_nothing_typed_is_lost(
    visitor: Browser, make_session: Callable[..., Session], invite: Invite, today: datetime
) -> None:
    session = make_session(tiers=TIERS, questions=QUESTIONS)
    _, path = invite("ana@example.org", to=session)
    typed = {"name": "", "email": "ana", "answers/q3": "eight", "answers/q5": "Nuts"}
    response = visitor.send(visitor.get(path), typed)
    assert response.status == 422
    wrong = ["name", "email", "tier", "participants/0/name", "answers/q1", "answers/q2", "answers/q3", "answers/q4"]
    assert [name for name in wrong if not response.described(name)] == []
    assert "Please fix 8 fields." in response.text
    kept = response.form().fields
    assert (kept["email"], kept["answers/q3"], kept["answers/q5"]) == ("ana", "eight", "Nuts")
    assert spots(session, today) == (0, 1, 4)


def test_answers_are_kept_as_the_questions_ask(
    visitor: Browser, manager: Browser, make_session: Callable[..., Session], invite: Invite
) -> None:
    session = make_session(tiers=TIERS, questions=QUESTIONS)
    answers = {"answers/q1": "M", "answers/q2": "no", "answers/q3": "8,5", "answers/q4": "2018-02-03", "answers/q5": ""}
    page = visitor.get(invite("ana@example.org", to=session)[1])
    done = visitor.follow(visitor.send(page, {**FORM, **answers, "tier": "t2"}))
    assert "€8.00" in done.text
    found = sessions.read_roster("demo", session.id, now=datetime.now().astimezone()).registrations[0]
    assert dict(found.answers) == {"q1": "M", "q2": False, "q3": 8.5, "q4": "2018-02-03"} | (
        {"q5": ""} if "q5" in dict(found.answers) else {}
    )
    text = manager.get(f"/o/demo/registrations/{session.id}-{found.id}").text
    assert "Can swim no" in text
    assert "Age 8.5" in text
    assert "Allergies –" in text


def test_a_form_with_a_fixed_price_asks_for_no_tier(visitor: Browser, make_session: Callable[..., Session], invite: Invite) -> None:
    session = make_session(tiers=TIERS)
    page = visitor.get(invite("ana@example.org", to=session, tier="t2")[1])
    assert 'type="radio"' not in page.html
    assert "€8.00" in visitor.follow(visitor.send(page, FORM)).text


def test_a_locked_invitation_requires_the_invited_address(visitor: Browser, session: Session, invite: Invite, today: datetime) -> None:
    page = visitor.get(invite("ana@example.org", forwarding="locked")[1])
    response = visitor.send(page, {**FORM, "email": "ben@example.org"})
    assert response.status == 403
    assert "meant for another address" in response.described("email")
    assert response.form().fields["participants/0/name"] == "Zoé Ortiz"
    assert spots(session, today) == (0, 1, 4)


def test_acceptance_from_another_address_waits_for_approval(visitor: Browser, session: Session, invite: Invite, today: datetime) -> None:
    _, path = invite("ana@example.org", forwarding="approve")
    waiting = visitor.follow(visitor.send(visitor.get(path), {**FORM, "email": "ben@example.org"}))
    assert "Waiting for a yes" in waiting.text
    assert "What happens next" in waiting.text
    assert "ana@example.org" not in waiting.html
    assert spots(session, today) == (0, 1, 4)
    third = visitor.send(visitor.get(path), {**FORM, "email": "cy@example.org"})
    assert third.status == 409
    assert visitor.send(visitor.get(path), FORM).status == 303


def test_declining_asks_first(visitor: Browser, session: Session, invite: Invite, today: datetime) -> None:
    _, path = invite("ana@example.org")
    question = visitor.get(f"{path}/decline")
    assert "goes to somebody else" in question.text
    assert spots(session, today) == (0, 1, 4)
    assert "You have declined" in visitor.send(question, {}).text
    assert spots(session, today) == (0, 0, 5)
    over = visitor.get(path)
    assert over.status == 410
    assert "was declined" in over.text


def test_an_ended_invitation_shows_how_it_ended(visitor: Browser, invite: Invite, today: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    used = invite("ana@example.org")[1]
    visitor.send(visitor.get(used), FORM)
    cancelled, path = invite("ben@example.org")
    invitations.cancel_invitation("demo", f"{cancelled.session}-{cancelled.id}", by="m", now=today)
    _, run_out = invite("cy@example.org", expires_at=today + timedelta(seconds=1))
    monkeypatch.setattr("chalicelib.web.call.datetime", _Tomorrow)
    for one, words in ((used, "has already been used"), (path, "cancelled by the organiser"), (run_out, "has run out")):
        page = visitor.get(one)
        assert page.status == 410
        assert words in page.text
        assert "Demo" in page.text
        assert "/p/demo" in page.links
        assert visitor.post(one, FORM).status in {303, 410}


class _Tomorrow(datetime):
    @classmethod
    def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
        return datetime.now(tz) + timedelta(days=1)  # type: ignore[arg-type]


def test_a_second_claimant_is_told_that_the_invitation_was_used(visitor: Browser, invite: Invite) -> None:
    page = visitor.get(invite("ana@example.org")[1])
    visitor.send(page, FORM)
    response = visitor.send(page, {**FORM, "email": "ben@example.org"})
    assert response.status == 409
    assert "Somebody else has registered with this invitation already." in response.text


def test_an_altered_link_is_not_found(visitor: Browser, invite: Invite) -> None:
    _, path = invite("ana@example.org")
    assert visitor.get(path[:-1] + ("A" if path[-1] != "A" else "B")).status == 404


def test_in_french(french: Browser, invite: Invite) -> None:
    page = french.get(invite("ana@example.org", party_size=2)[1])
    assert '<html lang="fr">' in page.html
    for words in ("Demo vous invite", "2 places", "24,00", "Réservé pour vous jusqu’au", "Qui participe", "Refuser"):
        assert words in page.text.replace("\u00a0", " ").replace("\u202f", " "), words
    wrong = french.send(page, {"email": "x"})
    for words in ("Corrigez les", "Ce champ est obligatoire.", "Ce n’est pas une adresse e-mail."):
        assert words in wrong.text, words
    done = french.follow(french.send(page, FORM))
    assert "Inscription confirmée" in done.text
    assert "Et ensuite" in done.text


def test_the_language_that_was_chosen_stays(visitor: Browser, invite: Invite) -> None:
    _, path = invite("ana@example.org")
    page = visitor.get(f"{path}?lang=fr")
    assert '<html lang="fr">' in page.html
    assert page.form(path).action == f"{path}?lang=fr"
    done = visitor.follow(visitor.send(page, FORM, action=path))
    assert "Inscription confirmée" in done.text


def test_the_organisations_language_is_the_default(invite: Invite, visitor: Browser) -> None:
    _, path = invite("ana@example.org")
    organisations.change("demo", OrganisationChanges(locale="fr"), expected=None)
    assert '<html lang="fr">' in visitor.get(path, **{"Accept-Language": ""}).html
    assert '<html lang="en">' in visitor.get(path).html


def test_the_invitation_page_has_the_organisations_colour(invite: Invite, visitor: Browser) -> None:
    _, path = invite("ana@example.org")
    organisations.change("demo", OrganisationChanges(accent="#aa3366"), expected=None)
    assert '"/accent/aa3366.' in visitor.get(path).html
