"""The leaders of a session: members of staff, stored by their addresses."""

from collections.abc import Sequence
from dataclasses import replace

from chalicelib.rules.addresses import compared
from chalicelib.rules.refusals import Busy, ChangedMeanwhile, NotFound, ValidationFailed
from chalicelib.rules.translation import N_
from chalicelib.tables import sessions, staff

ATTEMPTS = 8
NOT_STAFF = N_("Nobody on your staff has this address. Invite them to the staff first.")


def leaders_from(org: str, named: Sequence[str]) -> tuple[str, ...]:
    """Return the addresses of the named members of staff, each once, as the staff list has them. Raises ValidationFailed for others."""
    if not named:
        return ()
    known = {compared(member.email): member.email for member in staff.every(org)}
    faults = [(f"/leaders/{index}", "not_staff", NOT_STAFF) for index, email in enumerate(named) if compared(email) not in known]
    if faults:
        raise ValidationFailed(faults)
    return tuple(dict.fromkeys(known[compared(email)] for email in named))


def drop_leader(org: str, email: str) -> None:
    """Take an address off all sessions of the organisation that it leads. Safe to repeat. Raises Busy."""
    led = [session.id for session in sessions.every(org) if _others(session.leaders, email) != session.leaders]
    for session_id in led:
        _drop(org, session_id, email)


def _drop(org: str, session_id: str, email: str) -> None:
    for _ in range(ATTEMPTS):
        try:
            session = sessions.get(org, session_id)
            sessions.save(replace(session, leaders=_others(session.leaders, email)), [], 0, was=session)
        except ChangedMeanwhile:
            continue
        except NotFound:
            return
        return
    raise Busy


def _others(leaders: tuple[str, ...], email: str) -> tuple[str, ...]:
    return tuple(one for one in leaders if compared(one) != compared(email))
