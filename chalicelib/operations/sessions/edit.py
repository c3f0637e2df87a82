"""Creates and edits sessions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from chalicelib.operations.identity import derived
from chalicelib.operations.quotas import within_quota
from chalicelib.operations.recipients import move_is_announced, reachable
from chalicelib.operations.sessions.leaders import leaders_from
from chalicelib.operations.sessions.queries import SessionView
from chalicelib.rules import ledger as rules
from chalicelib.rules import minimum, transitions
from chalicelib.rules.change_notices import next_notice
from chalicelib.rules.inputs.sessions import MeetingInput, MinimumInput, QuestionInput, SessionChanges, SessionInput, TierInput
from chalicelib.rules.questions import Question
from chalicelib.rules.refusals import ChangedMeanwhile, ValidationFailed
from chalicelib.rules.session_refusals import CapacityBelowUse, ClosesBeforeItOpens, LastMeeting, MixedCurrencies, SessionInUse
from chalicelib.rules.sessions import Meeting, Session, Tier, check_minimum, check_not_cancelled, free_id
from chalicelib.rules.translation import N_
from chalicelib.tables import booking_context, ledger, pictures, sessions

ATTEMPTS = 8
CHOICES = frozenset({"confirm_below_use", "tell", "scope"})
"""Fields of changes that are no fields of a session."""


def create_session(org: str, draft: SessionInput, *, key: str, now: datetime) -> SessionView:
    """Create a session with all its spots free. A retry with the same key returns the session that it created.

    Raises NotFound, ValidationFailed for a leader who is no member of staff, MinimumAboveSpots, DecisionTooLate, DecisionPast,
    TooManySessions.
    """
    session = write_session(org, draft, id=derived("session", org, key), now=now)
    return SessionView.at(*sessions.get_with_ledger(org, session.id), now)


def write_session(org: str, draft: SessionInput, *, id: str, series: str = "", now: datetime) -> Session:
    """Write a new session under this id, and return it. An existing one is unchanged."""
    facts = _facts(org, {name: getattr(draft, name) for name in SessionInput.model_fields})
    facts["registration_opens_at"] = draft.registration_opens_at or now.replace(microsecond=0)
    facts["registration_closes_at"] = draft.registration_closes_at or facts["meetings"][-1].starts_at
    session = Session(org=org, id=id, chunks=0, created_at=now, series=series, **facts)
    check_minimum(session, None, now)
    within_quota(org, "sessions", lambda beside: sessions.create(session, beside))
    return session


def edit_session(org: str, session_id: str, changes: SessionChanges, *, expected: int | None, now: datetime) -> SessionView:
    """Change the given fields. `expected` is the version that was read, None to accept any.

    Raises NotFound, ChangedMeanwhile, SessionCancelled, CapacityBelowUse unless `confirm_below_use` allows fewer spots than are used,
    ClosesBeforeItOpens, MixedCurrencies, LastMeeting, ValidationFailed for a leader who is no member of staff, MinimumAboveSpots,
    DecisionTooLate, DecisionPast.
    """
    people = write_edit(org, session_id, lambda session: edited_session(session, changes), changes, expected=expected, now=now)
    return SessionView.at(*sessions.get_with_ledger(org, session_id), now)._replace(recipients=len(people))


def write_edit(
    org: str, session_id: str, edit: Callable[[Session], Session], changes: SessionChanges, *, expected: int | None = None, now: datetime
) -> set[str]:
    """Write the session as `edit` returns it, and return the addresses that are told. One that it returns unchanged is not written."""
    for _ in range(ATTEMPTS):
        session, chunks = sessions.get_with_ledger(org, session_id)
        if expected is not None and session.version != expected:
            raise ChangedMeanwhile
        check_not_cancelled(session)
        edited = edit(session)
        if edited is session:
            return set()
        check_minimum(edited, session, now)
        moved = transitions.moved(session, edited, now)
        if moved:
            edited = _announced(edited, changes, now)
        check_use(edited, chunks, changes, now)
        try:
            sessions.save(edited, chunks, edited.spots_total - session.spots_total, was=session)
        except ChangedMeanwhile:
            continue
        break
    else:
        raise ChangedMeanwhile
    if edited.spots_total > session.spots_total:
        ledger.reopen(org, session_id)
    return people_reached(replace(edited, version=edited.version + 1), now) if moved else set()


def count_recipients(org: str, session_id: str, changes: SessionChanges, *, now: datetime) -> int:
    """Return how many people would get an e-mail about these changes. Raises what the edit would."""
    session = sessions.get(org, session_id)
    edited = edited_session(session, changes)
    check_minimum(edited, session, now)
    return len(people_reachable(edited, now)) if transitions.moved(session, edited, now) else 0


def _announced(edited: Session, changes: SessionChanges, now: datetime) -> Session:
    """Return the session with new dates or a new location and the notice that tells people of it, unless staff tell them."""
    notice = next_notice(edited.notice, edited.version + 1, now) if changes.tell else edited.notice
    return replace(edited, tell_moved=changes.tell, notice=notice)


def people_reached(session: Session, now: datetime) -> set[str]:
    """Return the addresses that get an e-mail about new dates or a new location; those that nothing is sent to do not count."""
    return reachable(session, now=now) if move_is_announced(session, now=now) else set()


def people_reachable(edited: Session, now: datetime) -> set[str]:
    """Return the addresses that would get an e-mail if staff have everybody told."""
    return people_reached(replace(edited, tell_moved=True), now)


def delete_session(org: str, session_id: str, *, expected: int | None = None) -> None:
    """Delete a session that never had an invitation or registration, and its picture. Raises NotFound, SessionInUse, ChangedMeanwhile."""
    roster = booking_context.roster(org, session_id)
    if expected is not None and roster.session.version != expected:
        raise ChangedMeanwhile
    if roster.invitations or any(registration.confirmed_at for registration in roster.registrations):
        raise SessionInUse
    sessions.delete(roster.session)
    if roster.session.picture:
        pictures.delete(org, session_id, roster.session.picture.name)


def _facts(org: str, given: Mapping[str, Any], known: Session | None = None) -> dict[str, Any]:
    """Return the input as fields of a session. Meetings, prices and questions get ids, or keep those of the `known` session."""
    parts = {name: with_ids(given[name], getattr(known, name, ())) for name, with_ids in WITH_IDS.items() if name in given}
    tags = {"tags": tuple(given["tags"])} if "tags" in given else {}
    leaders = {"leaders": leaders_from(org, given["leaders"])} if "leaders" in given else {}
    return {**given, **parts, **tags, **leaders, **(_minimum(given["minimum"], known) if "minimum" in given else {})}


def _minimum(draft: MinimumInput | None, known: Session | None) -> dict[str, minimum.Minimum | None]:
    return {"minimum": minimum.with_decision(draft.minimum() if draft else None, known.minimum if known else None)}


def edited_session(session: Session, changes: SessionChanges) -> Session:
    """Return the session with these changes. Raises ClosesBeforeItOpens, MixedCurrencies, LastMeeting, ValidationFailed."""
    named = _facts(session.org, {name: getattr(changes, name) for name in changes.model_fields_set - CHOICES}, session)
    edited = replace(session, **named)
    if "meetings" in named and "registration_closes_at" not in named and session.closes_with_last_meeting:
        edited = replace(edited, registration_closes_at=edited.last_starts_at)
    if all(meeting.cancelled_at for meeting in edited.meetings):
        raise LastMeeting
    if edited.registration_closes_at <= edited.registration_opens_at and {"registration_opens_at", "registration_closes_at"} & set(named):
        raise ClosesBeforeItOpens
    if edited.min_age is not None and edited.max_age is not None and edited.max_age < edited.min_age:
        raise ValidationFailed([("/max_age", "ages_reversed", N_("The oldest age must not be below the youngest."))])
    if len({tier.price.currency for tier in edited.tiers}) > 1:
        raise MixedCurrencies
    return edited


def check_use(edited: Session, chunks: Sequence[rules.Chunk], changes: SessionChanges, now: datetime) -> None:
    """Refuse fewer spots than are used, unless the changes allow it. Raises CapacityBelowUse."""
    spots = rules.count(chunks, now)
    used = spots.used - spots.extra
    if edited.spots_total < spots.total and edited.spots_total < used and not changes.confirm_below_use:
        raise CapacityBelowUse(used)


def meetings_from(drafts: Sequence[MeetingInput], known: Sequence[Meeting] = ()) -> tuple[Meeting, ...]:
    """Return the meetings in order, each with an id: the given one, that of a known meeting with the same start, or a new one.

    A known one that was cancelled stays so.
    """
    by_id = {meeting.id: meeting for meeting in known}
    by_start = {meeting.starts_at: meeting.id for meeting in known}
    taken = {draft.id for draft in drafts if draft.id}
    meetings = []
    for draft in sorted(drafts, key=lambda draft: (draft.starts_at, draft.ends_at)):
        same_start = by_start.get(draft.starts_at)
        chosen = draft.id or (same_start if same_start and same_start not in taken else None) or free_id("m", taken | set(by_id))
        taken.add(chosen)
        plain = Meeting(chosen, draft.starts_at, draft.ends_at)
        meetings.append(replace(by_id.get(chosen, plain), starts_at=draft.starts_at, ends_at=draft.ends_at))
    return tuple(meetings)


def tiers_from(drafts: Sequence[TierInput], known: Sequence[Tier] = ()) -> tuple[Tier, ...]:
    """Return the prices, each with an id: the given one, that of a known price with the same name, or a new one."""
    claimed = {draft.id for draft in drafts if draft.id}
    by_name = {tier.name: tier.id for tier in known if tier.id not in claimed}
    taken = claimed | {tier.id for tier in known}
    tiers = []
    for draft in drafts:
        chosen = draft.id or by_name.pop(draft.name, None) or free_id("t", taken)
        taken.add(chosen)
        tiers.append(Tier(chosen, draft.name, draft.price.money()))
    return tuple(tiers)


def questions_from(drafts: Sequence[QuestionInput], known: Sequence[Question] = ()) -> tuple[Question, ...]:
    """Return the questions, each with an id. A known question with the same label keeps its id, and so its answers."""
    claimed = {draft.id for draft in drafts if draft.id}
    by_label = {question.label: question.id for question in known if question.id not in claimed}
    taken = claimed | {question.id for question in known}
    questions = []
    for draft in drafts:
        chosen = draft.id or by_label.pop(draft.label, None) or free_id("q", taken)
        taken.add(chosen)
        required = draft.required or draft.kind == "consent"
        options = tuple(draft.options or ())
        questions.append(Question(chosen, draft.label, draft.kind, required, options, draft.at_door, draft.per))
    return tuple(questions)


WITH_IDS: dict[str, Callable[..., tuple[Any, ...]]] = {"meetings": meetings_from, "tiers": tiers_from, "questions": questions_from}
