"""Actions on codes, one request each, for processes that are killed while they run."""

from typing import Any

from chalicelib.operations import codes
from chalicelib.operations.registrations import remove_registration
from tests.live.codes.scenario import booked, code_for, seen
from tests.live.ledger.actions import Action
from tests.live.ledger.network_faults import CrashedError, crash
from tests.live.ledger.scenario import NOW, ORG, later, named

USES = 7
LATER = later(minutes=5)


def prepared_code(session: str) -> Any:
    return code_for(session, uses=USES)


def prepared_death(session: str) -> Any:
    """A booking crashed earlier, with its uses taken and its spots not confirmed."""
    code = prepared_code(session)
    with crash(3, after=True):
        try:
            booked(session, code, email="ben@example.org", party=2, key="before")
        except CrashedError:
            return code
    raise AssertionError


def prepared_booking(session: str) -> Any:
    code = prepared_code(session)
    return code, booked(session, code, email="ana@example.org", party=2, key="before").id


def prepared_removal(session: str) -> Any:
    code, id = prepared_booking(session)
    remove_registration(ORG, named(session, id), by="staff", now=NOW)
    return code, id


def book(session: str, code: Any) -> None:
    booked(session, code, email="ana@example.org", party=2, key="action")


def book_many(session: str, code: Any) -> None:
    booked(session, code, email="ana@example.org", party=6, key="action")


def book_after_a_death(session: str, code: Any) -> None:
    booked(session, code, email="ana@example.org", party=6, key="action", now=LATER)


def book_again(session: str, code: Any) -> None:
    booked(session, code, email="ben@example.org", party=2, key="before", now=LATER)


def remove(session: str, subject: Any) -> None:
    remove_registration(ORG, named(session, subject[1]), by="staff", now=NOW)


def give_back(_: str, subject: Any) -> None:
    """Return the code's uses, unless that was done before."""
    if seen(subject[0]).left < USES:
        codes.return_code(ORG, seen(subject[0]).contract, subject[0], now=NOW)


ACTIONS = {
    "book with a code": Action(7, prepared_code, book),
    "book with a code a party that fits no chunk": Action(9, prepared_code, book_many),
    "book with uses and spots that a dead booking has": Action(7, prepared_death, book_after_a_death, LATER),
    "book again what died": Action(7, prepared_death, book_again, LATER),
    "remove who booked with a code": Action(7, prepared_booking, remove),
    "return a code": Action(7, prepared_removal, give_back),
}
