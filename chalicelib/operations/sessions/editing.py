"""Sessions made and changed by staff."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from chalicelib.operations.identity import derived
from chalicelib.operations.sessions.reading import SessionView
from chalicelib.rules import ledger as rules
from chalicelib.rules.drafts.sessions import MeetingDraft, QuestionDraft, SessionChanges, SessionDraft, TierDraft
from chalicelib.rules.questions import Question
from chalicelib.rules.refusals import ChangedMeanwhile
from chalicelib.rules.sessions import BelowUse, ClosesBeforeItOpens, Meeting, MixedCurrencies, Session, SessionCancelled, SessionInUse, Tier
from chalicelib.tables import ledger, organisations, rosters, sessions

ATTEMPTS = 8


def create_session(org: str, draft: SessionDraft, *, key: str, now: datetime) -> SessionView:
    """Create a session with all its spots free. A retry under the same key returns the session that it made."""
    organisations.get(org)
    meetings = meetings_from(draft.meetings)
    session = Session(
        org=org,
        id=derived("session", org, key),
        title=draft.title,
        meetings=meetings,
        time_zone=draft.time_zone,
        spots_total=draft.spots_total,
        chunks=0,
        tiers=tiers_from(draft.tiers),
        registration_opens_at=draft.registration_opens_at or now.replace(microsecond=0),
        registration_closes_at=draft.registration_closes_at or meetings[-1].starts_at,
        created_at=now,
        description=draft.description,
        location=draft.location,
        tags=tuple(draft.tags),
        questions=questions_from(draft.questions),
    )
    sessions.create(session)
    made, chunks = sessions.get_with_ledger(org, session.id)
    return SessionView.at(made, chunks, now)


def edit_session(org: str, session_id: str, changes: SessionChanges, *, expected: int | None, now: datetime) -> SessionView:
    """Change what is named. `expected` is the version that was read, None to write whatever it is now.

    Raises ChangedMeanwhile; BelowUse when fewer spots than are used were not confirmed; SessionCancelled.
    """
    for _ in range(ATTEMPTS):
        session, chunks = sessions.get_with_ledger(org, session_id)
        if expected is not None and session.version != expected:
            raise ChangedMeanwhile
        if session.cancelled_at:
            raise SessionCancelled
        edited = _edited(session, changes)
        _check_use(edited, chunks, changes, now)
        try:
            sessions.save(edited, chunks, edited.spots_total - session.spots_total)
        except ChangedMeanwhile:
            continue
        break
    else:
        raise ChangedMeanwhile
    if edited.spots_total > session.spots_total:
        ledger.reopen(org, session_id)
    return SessionView.at(*sessions.get_with_ledger(org, session_id), now)


def delete_session(org: str, session_id: str, *, expected: int | None = None) -> None:
    """Delete a session that nobody is on or was on. Raises SessionInUse, ChangedMeanwhile."""
    roster = rosters.roster(org, session_id)
    if expected is not None and roster.session.version != expected:
        raise ChangedMeanwhile
    if roster.invitations or any(entry.confirmed_at for entry in roster.registrations):
        raise SessionInUse
    sessions.delete(roster.session)


def _edited(session: Session, changes: SessionChanges) -> Session:
    named = {name: getattr(changes, name) for name in changes.model_fields_set - {"confirm_below_use"}}
    if "meetings" in named:
        named["meetings"] = meetings_from(named["meetings"], session.meetings)
    if "tiers" in named:
        named["tiers"] = tiers_from(named["tiers"], session.tiers)
    if "questions" in named:
        named["questions"] = questions_from(named["questions"], session.questions)
    if "tags" in named:
        named["tags"] = tuple(named["tags"])
    edited = replace(session, **named)
    closed_with_it = session.registration_closes_at == session.last_starts_at
    if "meetings" in named and "registration_closes_at" not in named and closed_with_it:
        edited = replace(edited, registration_closes_at=edited.last_starts_at)
    if edited.registration_closes_at <= edited.registration_opens_at and {"registration_opens_at", "registration_closes_at"} & set(named):
        raise ClosesBeforeItOpens
    if len({tier.price.currency for tier in edited.tiers}) > 1:
        raise MixedCurrencies
    return edited


def _check_use(edited: Session, chunks: Sequence[rules.Chunk], changes: SessionChanges, now: datetime) -> None:
    spots = rules.count(chunks, now)
    used = spots.used - spots.extra
    if edited.spots_total < spots.total and edited.spots_total < used and not changes.confirm_below_use:
        raise BelowUse(used)


def meetings_from(drafts: Sequence[MeetingDraft], known: Sequence[Meeting] = ()) -> tuple[Meeting, ...]:
    """Return the meetings in order, each with an id: the one given, the one that stood at the same time, or a new one."""
    ids = {meeting.id for meeting in known}
    by_start = {meeting.starts_at: meeting.id for meeting in known}
    taken = {draft.id for draft in drafts if draft.id}
    meetings = []
    for draft in sorted(drafts, key=lambda draft: (draft.starts_at, draft.ends_at)):
        standing = by_start.get(draft.starts_at)
        chosen = draft.id or (standing if standing and standing not in taken else None) or _fresh("m", taken | ids)
        taken.add(chosen)
        meetings.append(Meeting(chosen, draft.starts_at, draft.ends_at))
    return tuple(meetings)


def tiers_from(drafts: Sequence[TierDraft], known: Sequence[Tier] = ()) -> tuple[Tier, ...]:
    """Return the prices, each with an id; one of the same name keeps its own."""
    claimed = {draft.id for draft in drafts if draft.id}
    by_name = {tier.name: tier.id for tier in known if tier.id not in claimed}
    taken = claimed | {tier.id for tier in known}
    tiers = []
    for draft in drafts:
        chosen = draft.id or by_name.pop(draft.name, None) or _fresh("t", taken)
        taken.add(chosen)
        tiers.append(Tier(chosen, draft.name, draft.price.money()))
    return tuple(tiers)


def questions_from(drafts: Sequence[QuestionDraft], known: Sequence[Question] = ()) -> tuple[Question, ...]:
    """Return the questions, each with an id; one of the same wording keeps its own, so that answers stay with it."""
    claimed = {draft.id for draft in drafts if draft.id}
    by_label = {question.label: question.id for question in known if question.id not in claimed}
    taken = claimed | {question.id for question in known}
    questions = []
    for draft in drafts:
        chosen = draft.id or by_label.pop(draft.label, None) or _fresh("q", taken)
        taken.add(chosen)
        questions.append(Question(chosen, draft.label, draft.kind, draft.required, tuple(draft.options or ())))
    return tuple(questions)


def _fresh(letter: str, taken: set[str]) -> str:
    number = 1
    while f"{letter}{number}" in taken:
        number += 1
    return f"{letter}{number}"
