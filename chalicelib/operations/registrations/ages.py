"""Ages that staff are asked about before somebody is added whose age on the day does not fit the session."""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.rules.ages import AgeToConfirm, Person, known_misfits
from chalicelib.rules.inputs.registrations import ParticipantInput
from chalicelib.rules.registrations import same_participant
from chalicelib.rules.sessions import Session
from chalicelib.tables import customers


def with_known_births(session: Session, email: str, participants: list[ParticipantInput]) -> list[ParticipantInput]:
    """Return the participants with the dates of birth that the customer of this address has for them, where a session asks for ages."""
    if not session.ages or all(one.date_of_birth for one in participants):
        return participants
    customer = customers.of_address(session.org, email)
    known = {same_participant(child.name): child.date_of_birth for child in customer.participants} if customer else {}
    born = [(one, one.born or known.get(same_participant(one.name), "")) for one in participants]
    return [ParticipantInput.model_validate({**_typed(one), "date_of_birth": date}) if date else one for one, date in born]


def confirm_ages(session: Session, people: Sequence[Person], covers_from: datetime) -> None:
    """Raise AgeToConfirm for people who are too young or too old on the day, unless their date of birth is not known."""
    found = known_misfits(session, people, covers_from)
    if found:
        raise AgeToConfirm(found)


def _typed(participant: ParticipantInput) -> dict[str, object]:
    return {name: getattr(participant, name) for name in participant.model_fields_set}
