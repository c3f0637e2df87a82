"""What the paths of routes name: for each kind of thing, how an organisation gets one."""

from collections.abc import Callable

from tests.api.bodies import token_of
from tests.api.tenants import Office


def _session_with_an_extra(office: Office) -> dict[str, str]:
    session = office.session(spots_total=0)
    return {"session": session, "extra": office.invite(session, confirm_over_capacity=True)["id"]}


def _session_with_a_registration(office: Office) -> dict[str, str]:
    registration = office.register()
    return {"session": registration["session"], "registration": registration["id"]}


def _meeting(office: Office) -> dict[str, str]:
    session = office.session()
    return {"session": session, "meeting": office.read(session)["meetings"][0]["id"]}


def _meeting_with_a_registration(office: Office) -> dict[str, str]:
    registration = office.register()
    meeting = office.read(registration["session"])["meetings"][0]["id"]
    return {"session": registration["session"], "meeting": meeting, "registration": registration["id"], "code": registration["check_in"]}


def _registration_to_check_in(office: Office) -> dict[str, str]:
    found = _meeting_with_a_registration(office)
    return {"meeting": found["meeting"], "code": found["code"]}


def _price(office: Office) -> dict[str, str]:
    contract = office.contract()["id"]
    return {"contract": contract, "price": office.price(contract)["id"]}


def _participant(office: Office) -> dict[str, str]:
    contract = office.contract()["id"]
    return {"contract": contract, "participant": office.participant(contract)["id"]}


def _code(office: Office) -> dict[str, str]:
    contract = office.contract()["id"]
    (code,) = office.codes(contract, office.price(contract)["id"])
    return {"contract": contract, "code": code}


def _participant_and_price(office: Office) -> dict[str, str]:
    participant = _participant(office)
    return {**participant, "price": office.price(participant["contract"])["id"]}


def _contract_and_upload(office: Office) -> dict[str, str]:
    return {"contract": office.contract()["id"], "upload": office.upload("Client Id,Email\nE-1,eve@demo.test\n")}


def _booking(office: Office) -> dict[str, str]:
    made = office.register(office.session(cancel_until_hours=24))
    return {"token": made["booking"].rpartition("/")[2], "target": office.session()}


def _own_registration(office: Office) -> dict[str, str]:
    made = office.register(office.session(cancel_until_hours=24), f"customer@{office.org}.test")
    return {"registration": made["id"], "target": office.session()}


THINGS: dict[str, Callable[[Office], dict[str, str]]] = {
    "org": lambda office: {},
    "locale": lambda office: {"name": "confirmation", "locale": "fr"},
    "session": lambda office: {"session": office.session()},
    "meeting": _meeting,
    "meeting with a registration": _meeting_with_a_registration,
    "registration to check in": _registration_to_check_in,
    "course": lambda office: office.course(),
    "session with a minimum": lambda office: {"session": office.session(minimum={"participants": 3, "hours_before": 48})},
    "session with a picture": lambda office: {"session": office.pictured()},
    "organisation with a logo": lambda office: office.with_logo(),
    "course with a cancelled date": lambda office: office.course(cancelled=True),
    "session with an extra": _session_with_an_extra,
    "invitation": lambda office: {"invitation": office.invite()["id"]},
    "ended invitation": lambda office: {"invitation": office.ended()["id"]},
    "waiting invitation": lambda office: {"invitation": office.waiting()["id"]},
    "full session": lambda office: {"session": office.full_session()},
    "entry": lambda office: {"entry": office.entry()["id"]},
    "entry with room": lambda office: {"entry": office.entry(spots_free=1)["id"]},
    "contract": lambda office: {"contract": office.contract()["id"]},
    "price": _price,
    "participant": _participant,
    "participant and price": _participant_and_price,
    "code": _code,
    "customer": lambda office: {"customer": office.customer()["id"]},
    "two customers": lambda office: {"customer": office.customer()["id"], "other": office.customer()["id"]},
    "group": lambda office: {"group": office.group()["id"]},
    "group and customer": lambda office: {"group": office.group()["id"], "customer": office.customer()["id"]},
    "paid registration": lambda office: {"registration": office.paid()["id"]},
    "registration with a target": lambda office: {"registration": office.register()["id"], "target": office.session()},
    "booking": _booking,
    "own registration": _own_registration,
    "registration": lambda office: {"registration": office.register()["id"]},
    "session with a registration": _session_with_a_registration,
    "job": lambda office: {"job": office.mailing()},
    "job of invitations": lambda office: {"job": office.inviting()},
    "message": lambda office: {"message": office.message()},
    "upload": lambda office: {"upload": office.upload(f"Name,Email\nEve,{office.fresh('eve')}\n")},
    "contract and upload": _contract_and_upload,
    "import": lambda office: {"import": office.imported()["id"]},
    "user": lambda office: {"user": office.member()},
    "key": lambda office: {"key": office.api_key()},
    "webhook": lambda office: {"webhook": office.webhook()},
    "delivery": lambda office: office.delivery(),
    "discount": lambda office: {"code": office.discount()["code"]},
    "token": lambda office: {"token": token_of(office.invite())},
    "invoice": lambda office: {"invoice": office.invoice_number()},
    "invoice token": lambda office: {"token": office.invoice_token()},
    "report": lambda _office: {"name": "occupancy"},
    "calendar token": lambda office: {"token": office.calendar_token()},
    "agenda token": lambda office: {"token": office.agenda_token()},
    "waitlist token": lambda office: {"token": office.waitlist_token()},
    "mailed waitlist token": lambda office: {"token": office.waitlist_token(mailed=True)},
    "order token": lambda office: {"token": office.order_token()},
    "unsubscribe token": lambda office: {"token": office.unsubscribe_token()},
}
"""The values of a `{name}` in a path: those that fill the path, and those that fill the body."""
