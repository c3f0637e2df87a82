"""Actions on a session, one request each with its own key, for processes that are killed while they run."""

import os
import signal
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from botocore.awsrequest import AWSPreparedRequest

from chalicelib.operations.invitations import cancel_invitation, decline, revive, sweep
from chalicelib.operations.links import invitation_token
from chalicelib.operations.registrations import remove_registration
from chalicelib.rules import ledger as rules
from chalicelib.rules import rebalancing
from chalicelib.rules.inputs.invitations import ReviveInput
from chalicelib.rules.ledger import SessionFull
from tests.environment import enter
from tests.live.ledger.network_faults import on_the_wire, really_send
from tests.live.ledger.scenario import NOW, ORG, accepted, invited, later, named, open_session, registered, resized

SOON = later(minutes=1)
SMALL = 3


class Action(NamedTuple):
    """An action. `prepare` sets up the session for `do`, which a client without an answer may repeat."""

    spots: int
    prepare: Callable[[str], Any]
    do: Callable[[str, Any], object]
    when: datetime = NOW


def nothing(session: str) -> None:
    pass


def invite(session: str, _: Any) -> None:
    invited(session, "ana@example.org", party=2, key="action")


def invite_over(session: str, _: Any) -> None:
    invited(session, "ana@example.org", party=2, key="action", over=True)


def invite_many(session: str, _: Any) -> None:
    invited(session, "ana@example.org", party=7, key="action")


def invite_where_others_ran_out(session: str, _: Any) -> None:
    invited(session, "ana@example.org", party=2, key="action", now=SOON)


def prepared_run_out(session: str) -> None:
    for _ in range(5):
        invited(session, expires_at=SOON)


def prepared_full(session: str) -> None:
    try:
        while True:
            registered(session)
    except SessionFull:
        return


def prepared_debt(session: str) -> None:
    gone = [registered(session).registration.id for _ in range(6)]
    resized(session, 4)
    for id in gone[:4]:
        remove_registration(ORG, named(session, id), by="staff", now=NOW)


def prepared_invitation(session: str) -> Any:
    return invited(session, "ana@example.org", party=2, key="before", expires_at=SOON).invitation


def prepared_cancelled(session: str) -> Any:
    invitation = prepared_invitation(session)
    cancel(session, invitation)
    return invitation


def prepared_registration(session: str) -> Any:
    return registered(session, "ana@example.org", party=2, key="before").registration


def prepared_acceptance(session: str) -> Any:
    return accepted(prepared_invitation(session)).registration


def register(session: str, _: Any) -> None:
    registered(session, "ana@example.org", party=2, key="action")


def accept(session: str, invitation: Any) -> None:
    accepted(invitation)


def refuse(session: str, invitation: Any) -> None:
    decline(invitation_token(invitation), now=NOW)


def cancel(session: str, invitation: Any) -> None:
    cancel_invitation(ORG, named(session, invitation.id), by="staff", now=NOW)


def bring_back(session: str, invitation: Any) -> None:
    revive(ORG, named(session, invitation.id), ReviveInput(), by="staff", key="action", now=NOW)


def bring_back_later(session: str, invitation: Any) -> None:
    revive(ORG, named(session, invitation.id), ReviveInput(), by="staff", key="action", now=later(hours=1))


def remove(session: str, registration: Any) -> None:
    remove_registration(ORG, named(session, registration.id), by="staff", now=NOW)


def sweep_all(session: str, _: Any) -> None:
    sweep(ORG, now=SOON)


def grow(session: str, _: Any) -> None:
    resized(session, 14)


def shrink(session: str, _: Any) -> None:
    resized(session, 1)


ACTIONS = {
    "invite": Action(5, nothing, invite),
    "invite over capacity": Action(1, prepared_full, invite_over),
    "invite a party that fits no chunk": Action(9, nothing, invite_many),
    "invite where others ran out": Action(5, prepared_run_out, invite_where_others_ran_out, SOON),
    "invite where a debt is to be settled": Action(6, prepared_debt, invite),
    "accept": Action(5, prepared_invitation, accept),
    "decline": Action(5, prepared_invitation, refuse),
    "cancel": Action(5, prepared_invitation, cancel),
    "revive": Action(5, prepared_cancelled, bring_back),
    "revive what ran out": Action(5, prepared_invitation, bring_back_later, later(hours=1)),
    "register": Action(5, nothing, register),
    "remove": Action(5, prepared_registration, remove),
    "remove who was invited": Action(5, prepared_acceptance, remove),
    "sweep": Action(5, prepared_invitation, sweep_all, SOON),
    "grow": Action(5, prepared_registration, grow),
    "shrink below use": Action(5, prepared_registration, shrink),
}


def prepared(action: Action) -> tuple[str, Any]:
    """Return a new session for this action, and the object of the action."""
    session = open_session(action.spots)
    return session, action.prepare(session)


def killed(environment: dict[str, str], action: Action, session: str, subject: Any, step: int) -> None:
    """Run in a process: do the action, and be killed after its nth request."""
    enter(environment)
    make_chunks_small()
    seen = 0

    def handler(request: AWSPreparedRequest, **_: Any) -> None:
        nonlocal seen
        seen += 1
        if seen == step:
            really_send(request)
            os.kill(os.getpid(), signal.SIGKILL)

    with on_the_wire(handler):
        action.do(session, subject)


def make_chunks_small() -> None:
    for module in (rules, rebalancing):
        vars(module)["CHUNK_SIZE"] = SMALL
