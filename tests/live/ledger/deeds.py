"""What people do on a session, one request of theirs each, under keys of their own: for processes that are killed in the midst of it."""

import os
import signal
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from botocore.awsrequest import AWSPreparedRequest

from chalicelib import clients
from chalicelib.operations.invitations import cancel_invitation, decline, revive, sweep
from chalicelib.operations.links import invitation_token
from chalicelib.operations.registrations import remove_registration
from chalicelib.rules import ledger as rules
from chalicelib.rules import resizing
from chalicelib.rules.drafts.invitations import Reviving
from chalicelib.rules.ledger import SessionFull
from chalicelib.settings import settings
from tests.live.ledger.scene import NOW, ORG, accepted, invited, later, named, open_session, registered, resized
from tests.live.ledger.wire import on_the_wire, really_send

SOON = later(minutes=1)
SMALL = 3


class Deed(NamedTuple):
    """`prepare` makes of a session what `do` needs; `do` may be done again by whoever was not answered."""

    spots: int
    prepare: Callable[[str], Any]
    do: Callable[[str, Any], object]
    when: datetime = NOW


def nothing(session: str) -> None:
    pass


def invite(session: str, _: Any) -> None:
    invited(session, "ana@example.org", party=2, key="deed")


def invite_over(session: str, _: Any) -> None:
    invited(session, "ana@example.org", party=2, key="deed", over=True)


def invite_many(session: str, _: Any) -> None:
    invited(session, "ana@example.org", party=7, key="deed")


def invite_where_others_ran_out(session: str, _: Any) -> None:
    invited(session, "ana@example.org", party=2, key="deed", now=SOON)


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
    for own in gone[:4]:
        remove_registration(ORG, named(session, own), by="staff", now=NOW)


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
    registered(session, "ana@example.org", party=2, key="deed")


def accept(session: str, invitation: Any) -> None:
    accepted(invitation)


def refuse(session: str, invitation: Any) -> None:
    decline(invitation_token(invitation), now=NOW)


def cancel(session: str, invitation: Any) -> None:
    cancel_invitation(ORG, named(session, invitation.id), by="staff", now=NOW)


def bring_back(session: str, invitation: Any) -> None:
    revive(ORG, named(session, invitation.id), Reviving(), by="staff", key="deed", now=NOW)


def bring_back_later(session: str, invitation: Any) -> None:
    revive(ORG, named(session, invitation.id), Reviving(), by="staff", key="deed", now=later(hours=1))


def remove(session: str, registration: Any) -> None:
    remove_registration(ORG, named(session, registration.id), by="staff", now=NOW)


def sweep_all(session: str, _: Any) -> None:
    sweep(ORG, now=SOON)


def grow(session: str, _: Any) -> None:
    resized(session, 14)


def shrink(session: str, _: Any) -> None:
    resized(session, 1)


DEEDS = {
    "invite": Deed(5, nothing, invite),
    "invite over capacity": Deed(1, prepared_full, invite_over),
    "invite a party that fits no chunk": Deed(9, nothing, invite_many),
    "invite where others ran out": Deed(5, prepared_run_out, invite_where_others_ran_out, SOON),
    "invite where a debt is to be settled": Deed(6, prepared_debt, invite),
    "accept": Deed(5, prepared_invitation, accept),
    "decline": Deed(5, prepared_invitation, refuse),
    "cancel": Deed(5, prepared_invitation, cancel),
    "revive": Deed(5, prepared_cancelled, bring_back),
    "revive what ran out": Deed(5, prepared_invitation, bring_back_later, later(hours=1)),
    "register": Deed(5, nothing, register),
    "remove": Deed(5, prepared_registration, remove),
    "remove who was invited": Deed(5, prepared_acceptance, remove),
    "sweep": Deed(5, prepared_invitation, sweep_all, SOON),
    "grow": Deed(5, prepared_registration, grow),
    "shrink below use": Deed(5, prepared_registration, shrink),
}


def prepared(deed: Deed) -> tuple[str, Any]:
    """Return a new session for this deed, and whatever the deed is done to."""
    session = open_session(deed.spots)
    return session, deed.prepare(session)


def killed(environment: dict[str, str], deed: Deed, session: str, subject: Any, step: int) -> None:
    """The whole of a process: do the deed, and be killed once its nth request has been executed."""
    os.environ.update(environment)
    settings.cache_clear()
    clients.forget()
    make_chunks_small()
    seen = 0

    def handler(request: AWSPreparedRequest, **_: Any) -> None:
        nonlocal seen
        seen += 1
        if seen == step:
            really_send(request)
            os.kill(os.getpid(), signal.SIGKILL)

    with on_the_wire(handler):
        deed.do(session, subject)


def make_chunks_small() -> None:
    for module in (rules, resizing):
        vars(module)["CHUNK_SIZE"] = SMALL
