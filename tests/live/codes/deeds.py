"""What people do with a code, one request of theirs each, for processes that are killed in the midst of it."""

from typing import Any

from chalicelib.operations import codes
from chalicelib.operations.registrations import remove_registration
from tests.live.codes.scene import booked, code_for, seen
from tests.live.ledger.deeds import Deed
from tests.live.ledger.scene import NOW, ORG, later, named
from tests.live.ledger.wire import CrashedError, crash

USES = 7
LATER = later(minutes=5)


def prepared_code(session: str) -> Any:
    return code_for(session, uses=USES)


def prepared_death(session: str) -> Any:
    """Somebody died with the uses taken and the spots not confirmed, a while ago."""
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
    code, own = prepared_booking(session)
    remove_registration(ORG, named(session, own), by="staff", now=NOW)
    return code, own


def book(session: str, code: Any) -> None:
    booked(session, code, email="ana@example.org", party=2, key="deed")


def book_many(session: str, code: Any) -> None:
    booked(session, code, email="ana@example.org", party=6, key="deed")


def book_after_a_death(session: str, code: Any) -> None:
    booked(session, code, email="ana@example.org", party=6, key="deed", now=LATER)


def book_again(session: str, code: Any) -> None:
    booked(session, code, email="ben@example.org", party=2, key="before", now=LATER)


def remove(session: str, subject: Any) -> None:
    remove_registration(ORG, named(session, subject[1]), by="staff", now=NOW)


def give_back(_: str, subject: Any) -> None:
    """Return the code, unless that was done before."""
    if seen(subject[0]).left < USES:
        codes.return_code(ORG, seen(subject[0]).contract, subject[0], now=NOW)


DEEDS = {
    "book with a code": Deed(7, prepared_code, book),
    "book with a code a party that fits no chunk": Deed(9, prepared_code, book_many),
    "book with uses and spots that a dead booking has": Deed(7, prepared_death, book_after_a_death, LATER),
    "book again what died": Deed(7, prepared_death, book_again, LATER),
    "remove who booked with a code": Deed(7, prepared_booking, remove),
    "return a code": Deed(7, prepared_removal, give_back),
}
