"""The keys of rosters, and the index keys of registrations, invitations and waitlist entries."""

from hashlib import sha256

from chalicelib.rules.addresses import compared
from chalicelib.rules.registrations import same_participant
from chalicelib.tables.keys.key import MOST_BYTES_OF_PK, Key, check_length

LEDGER_AND_BELOW = "2"
ROSTER_AND_BELOW = "8"
SESSION = "0#SESSION"
LEDGER = "1#LEDGER#"
INVITATION = "2#INVITATION#"
REGISTRATION = "3#REGISTRATION#"
WAITLIST_ENTRY = "4#WAITING#"
ATTENDANCE = "9#ATTENDANCE#"
ORDER = "ORDER"


def roster(org: str, session: str) -> str:
    """Return the `pk` of a session's rows. Raises NotFound for one that is too long."""
    pk = f"{org}#{session}"
    check_length(pk, MOST_BYTES_OF_PK)
    return pk


def session(org: str, session: str) -> Key:
    return Key(roster(org, session), SESSION)


def chunk(org: str, session: str, number: int) -> Key:
    return Key(roster(org, session), f"{LEDGER}{number:02d}")


def invitation(org: str, session: str, id: str) -> Key:
    return Key(roster(org, session), f"{INVITATION}{id}")


def registration(org: str, session: str, id: str) -> Key:
    return Key(roster(org, session), f"{REGISTRATION}{id}")


def order(org: str, id: str) -> Key:
    """Return the key of an order. Each is alone in its partition, since it belongs to no single session, and a rush places many."""
    return Key(f"{org}#order#{id}", ORDER)


def waitlist_entry(org: str, session: str, id: str) -> Key:
    """Return the key of a waitlist entry."""
    return Key(roster(org, session), f"{WAITLIST_ENTRY}{id}")


def waitlist_address(org: str, session: str, email: str) -> Key:
    return Key(roster(org, session), f"8#WAITING#{compared(email)}")


def to_decide() -> str:
    """Return the partition of the index `due` with the sessions of all organisations whose minimum is to be decided."""
    return "#minimum"


def to_resolve() -> str:
    """Return the partition of the index `due` with the orders of all organisations that wait for a payment or a refund."""
    return "#orders"


def date_reminders() -> str:
    """Return the partition of the index `remind` with the sessions of all organisations whose dates may need a reminder."""
    return "#dates"


def invited_address(org: str, session: str, email: str) -> Key:
    return Key(roster(org, session), f"8#ADDRESS#{compared(email)}")


def participant(org: str, session: str, email: str, name: str) -> Key:
    """Return the key of a participant of an address. It has a digest of the name, since some names grow when compared."""
    return Key(roster(org, session), f"9#PARTICIPANT#{compared(email)}#{sha256(same_participant(name).encode()).hexdigest()}")


def attendance(org: str, session: str, meeting: str) -> Key:
    """Return the key of a meeting's attendance: its counts, after which its marks come in parts."""
    return Key(roster(org, session), f"{ATTENDANCE}{meeting}")


def attendance_part(org: str, session: str, meeting: str, number: int) -> Key:
    return Key(roster(org, session), f"{ATTENDANCE}{meeting}#{number:02d}")


def attendance_listed(org: str) -> str:
    """Return the partition of the index `calendar` with the counts of all meetings that have marks."""
    return f"{org}#attendance"


def booker(org: str, email: str) -> str:
    return f"{org}#{compared(email)}"


def invited(org: str, email: str) -> str:
    """Return the partition of an address's invitations. Its suffix occurs in no address, so it never collides with registrations."""
    return f"{booker(org, email)}#invited"


def waiter(org: str, email: str) -> str:
    """Return the partition of an address's waitlist entries."""
    return f"{booker(org, email)}#waiting"
