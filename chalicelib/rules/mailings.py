"""Who gets an e-mail that staff write to people on a roster."""

from collections.abc import Iterable, Mapping, Sequence

from chalicelib.rules.addresses import compared
from chalicelib.rules.refusals import Refusal, marked
from chalicelib.rules.registrations import Registration

BETWEEN_REGISTRATIONS = " "


class NobodyRegistered(Refusal):
    code = "nobody_registered"
    sentence = marked("Nobody is registered for this session, so there is nobody to write to. Add a participant first.")


class UnknownRegistrations(Refusal):
    """Some of those chosen are not on the roster: the place in the list → the id."""

    code = "unknown_registrations"
    sentence = marked("Some of the people chosen are not on this roster any more. Reload the roster and choose again.")

    def __init__(self, unknown: Mapping[int, str]) -> None:
        self.unknown = unknown


def by_address(registrations: Iterable[Registration]) -> list[str]:
    """Return one item for each address: the ids of its registrations, in order. An address gets one e-mail."""
    found: dict[str, list[str]] = {}
    for registration in registrations:
        found.setdefault(compared(registration.email), []).append(registration.id)
    return [BETWEEN_REGISTRATIONS.join(owns) for owns in found.values()]


def registrations_of(item: str) -> Sequence[str]:
    return item.split(BETWEEN_REGISTRATIONS)
