"""The rows from which an e-mail is queued and written, read in one request because the message names them.

A row that is left out here costs a request of its own when it is needed.
"""

from collections.abc import Callable, Iterator
from typing import Any

from chalicelib.config import config
from chalicelib.rules.messages import Message
from chalicelib.rules.refs import Ref
from chalicelib.tables import keys
from chalicelib.tables.keys import Key

IN_RECORDS: dict[str, Callable[[str, Any], Key]] = {
    "user": keys.staff_member,
    "webhook": keys.webhook,
    "customer": keys.customer,
    "job": keys.job,
    "invoice": keys.invoice,
}
ON_THE_ROSTER: dict[str, Callable[[str, str, Any], Key]] = {
    "invitation": keys.invitation,
    "registration": keys.registration,
    "entry": keys.waitlist_entry,
    "offered_to": keys.waitlist_entry,
}
"""The names in the `data` of a message, each with the key of its row."""


def invitation_and_organisation(org: str, session: str, id: str) -> dict[str, list[Key]]:
    """Return the keys of an invitation and its organisation, by table: the e-mail is queued from them."""
    return {config().rosters_table: [keys.invitation(org, session, id)], config().records_table: [keys.organisation(org)]}


def customer_and_organisation(org: str, email: str) -> dict[str, list[Key]]:
    """Return the keys of what a confirmed registration is followed from, by table."""
    return {config().records_table: [keys.address(org, email), keys.organisation(org)]}


def named_by(message: Message) -> dict[str, list[Key]]:
    """Return the keys of the rows that the message names, of its organisation, and of the preferences and the custom text, by table."""
    org, data = message.org, message.data
    in_records = [keys.organisation(org), keys.address(org, message.to), keys.template(org, message.kind, message.locale)]
    in_records += [key(org, data[name]) for name, key in IN_RECORDS.items() if name in data]
    earlier = [keys.message(org, data["previous"])] if "previous" in data else []
    return {config().records_table: in_records, config().rosters_table: [*_on_rosters(message)], config().messages_table: earlier}


def _on_rosters(message: Message) -> Iterator[Key]:
    org, session, data = message.org, message.session, message.data
    if session and "invoice" not in data:  # An invoice has all that its e-mail says of the session.
        yield keys.session(org, session)
    if "invitation" in data:  # Its hold says whether it stands. The chunk of fifty others' holds is read for nothing else.
        yield keys.chunk(org, session, 0)
    yield from (key(org, session, data[name]) for name, key in ON_THE_ROSTER.items() if name in data)
    yield from (keys.registration(org, session, id) for id in data.get("registrations", ()))
    if "order" in data:
        yield keys.order(org, data["order"])
    if "moved_from" in data:
        _, earlier, id = Ref.parse(org, data["moved_from"])
        yield from (keys.session(org, earlier), keys.registration(org, earlier, id))
