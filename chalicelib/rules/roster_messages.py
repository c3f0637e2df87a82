"""The recipients of a message that staff write to people on a roster."""

from collections.abc import Iterable, Mapping, Sequence

from chalicelib.rules.addresses import compared
from chalicelib.rules.refusals import Conflict, Invalid
from chalicelib.rules.registrations import Registration
from chalicelib.rules.translation import N_

BETWEEN_REGISTRATIONS = " "
NOBODY = "Nobody on this roster has the registration %s."


class NobodyRegistered(Conflict):
    code = "nobody_registered"
    sentence = N_("Nobody is registered for this session, so there is nobody to write to. Add a participant first.")


class UnknownRegistrations(Invalid):
    """Some chosen registrations are not on the roster. `unknown`: place in the list → id of the registration."""

    code = "unknown_registrations"
    sentence = N_("Some of the people chosen are not on this roster any more. Reload the roster and choose again.")

    def __init__(self, unknown: Mapping[int, str]) -> None:
        self.faults = [(f"/registrations/{index}", "unknown_registration", NOBODY % wanted) for index, wanted in unknown.items()]


def by_person(registrations: Iterable[Registration], main: Mapping[str, str]) -> list[str]:
    """Return one job item for each person, with the ids of their registrations: a person gets one e-mail.

    `main`: further address of a customer → main address, both as `compared`.
    """
    found: dict[str, list[str]] = {}
    for registration in registrations:
        address = compared(registration.email)
        found.setdefault(main.get(address, address), []).append(registration.id)
    return [BETWEEN_REGISTRATIONS.join(ids) for ids in found.values()]


def registrations_of(item: str) -> Sequence[str]:
    return item.split(BETWEEN_REGISTRATIONS)
