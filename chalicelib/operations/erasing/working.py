"""The steps of an erasure. Each can be done again, and the customer's row goes last, so that one that died is taken up where it stood."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from chalicelib.operations.access import accounts
from chalicelib.operations.invitations import cancel_invitation
from chalicelib.operations.waitlist import remove_entry
from chalicelib.rules import erasing as rules
from chalicelib.rules.addresses import spellings
from chalicelib.rules.customers import Customer
from chalicelib.rules.invitations import AlreadyAccepted, NotPending
from chalicelib.rules.jobs import Failure, Job
from chalicelib.rules.refusals import NotFound
from chalicelib.settings import settings
from chalicelib.tables import customers, erasing, files, keys, members, people, registrations
from chalicelib.tables.items import Item, plain

OF_ALL = "-#"
"""What is remembered of calls that name no organisation in their path."""
IDEMPOTENCY = "#idempotency"


class Person(NamedTuple):
    """Whom an erasure is about."""

    customer: Customer
    emails: list[str]
    traces: rules.Traces

    @property
    def org(self) -> str:
        return self.customer.org


def go_through(job: Job, items: Sequence[str], now: datetime) -> list[Failure]:
    """Do so many steps of an erasure. Once the customer's row is gone, there is nothing left to do."""
    try:
        customer = customers.get(job.org, str(job.data["customer"]))
    except NotFound:
        return []
    emails = customers.addresses(customer)
    person = Person(customer, emails, rules.traces(emails, staff=[member.email for member in members.every(job.org)]))
    for step in items:
        kind, _, own = step.partition("#")
        STEPS[kind](person, own, now)
    return []


def _account(person: Person, _own: str, _now: datetime) -> None:
    """Delete the accounts of their addresses that belong to nobody and nowhere else."""
    for email in person.emails:
        user = accounts.user_of(email)
        if user is None:
            continue
        known = people.of_user(user)
        elsewhere = [one for one in known.customers if (one.org, one.id) != (person.org, person.customer.id)]
        if not known.memberships and not elsewhere:
            accounts.close(email)
            erasing.delete_reset(user)


def _memory(person: Person, _own: str, _now: datetime) -> None:
    """Forget the answers that are kept for retries, and what waits to be confirmed."""
    emails = rules.needles(_spelled(person))
    every = emails | rules.needles(_said_of(person))
    for entry in erasing.memory():
        pk = entry["pk"]["S"]
        if not pk.startswith((f"{person.org}#", OF_ALL)):
            continue
        if rules.mentions(str(plain(entry)), every if IDEMPOTENCY in pk else emails):
            erasing.delete(settings().memory_table, entry)


def _spelled(person: Person) -> Iterable[str]:
    return (spelling for email in person.emails for spelling in spellings(email))


def _said_of(person: Person) -> Iterable[str]:
    """Return what answers may say of them without their address."""
    customer = person.customer
    yield from (customer.name, customer.phone, *(one.name for one in customer.participants))
    for email in person.emails:
        for entry in registrations.of_address(person.org, email):
            yield from (entry.name, entry.phone, *entry.participants)


def _session(person: Person, own: str, now: datetime) -> None:
    """Take them off a roster by name; their spots stay as they are, and spots that were held for them are free again."""
    table = settings().rosters_table
    for entry in erasing.roster(person.org, own):
        kind = entry["sk"]["S"]
        if kind.startswith(keys.INVITATION):
            _withdraw(person, entry, now)
            _drop_uses(person, entry)
            erasing.rewrite(table, entry, lambda row: rules.invitation(row, person.traces))
        elif kind.startswith(keys.REGISTRATION):
            _drop_uses(person, entry)
            erasing.rewrite(table, entry, lambda row: rules.registration(row, person.traces))
        elif kind.startswith(keys.WAITING):
            _stop_waiting(person, entry, now)
            erasing.rewrite(table, entry, lambda row: rules.waiting(row, person.traces))
        elif person.traces.of(rules.guarded(kind)):
            erasing.delete(table, entry)


def _withdraw(person: Person, entry: Item, now: datetime) -> None:
    """End an invitation of theirs that is still live. One that ended by this very step may have died before its spots were free."""
    row = plain(entry)
    if not person.traces.of(row.get("email")) or "registration" in row or row.get("ended", "cancelled") != "cancelled":
        return
    session, own = entry["pk"]["S"].partition("#")[2], entry["sk"]["S"].removeprefix(keys.INVITATION)
    try:
        cancel_invitation(person.org, keys.joined(session, own), by="", now=now)
    except (AlreadyAccepted, NotPending, NotFound):
        return


def _stop_waiting(person: Person, entry: Item, now: datetime) -> None:
    """Take an entry of theirs off its waitlist. One that an offer took off by being accepted is a registration by now."""
    if person.traces.of(entry["email"]["S"]):
        own = keys.joined(entry["pk"]["S"].partition("#")[2], entry["sk"]["S"].removeprefix(keys.WAITING))
        with suppress(AlreadyAccepted, NotFound):
            remove_entry(person.org, own, by="", now=now)


def _contract(person: Person, own: str, _now: datetime) -> None:
    table = settings().records_table
    for entry in erasing.records(keys.under_contract(person.org, own)):
        if entry["sk"]["S"].startswith(keys.PARTICIPANT):
            _drop_notes(person, entry)
            erasing.rewrite(table, entry, lambda row: rules.entitled(row, person.traces))
        elif entry["sk"]["S"].startswith(keys.IDENTIFIED) and person.traces.of(entry["sk"]["S"].removeprefix(keys.IDENTIFIED)):
            erasing.delete(table, entry)


def _drop_uses(person: Person, entry: Item) -> None:
    """Forget how often they used the discount code of a registration or invitation, before the row forgets what that is counted as."""
    counted = rules.counted_use(plain(entry), person.traces)
    if counted:
        erasing.drop_uses(person.org, *counted)


def _drop_notes(person: Person, entry: Item) -> None:
    row = plain(entry)
    if rules.entitled(row, person.traces) != row:
        for code in row.get("codes", ()):
            erasing.drop_note(person.org, code)


def _invoices(person: Person, _own: str, _now: datetime) -> None:
    for entry in erasing.records(keys.invoice(person.org, "").pk):
        if entry["sk"]["S"].startswith(keys.INVOICE):
            erasing.rewrite(settings().records_table, entry, lambda row: rules.invoice(row, person.traces))


def _jobs(person: Person, _own: str, _now: datetime) -> None:
    """Take their addresses out of what jobs keep: items, what failed, and what staff wrote."""
    for entry in erasing.records(keys.job(person.org, "").pk):
        erasing.rewrite(settings().records_table, entry, lambda row: _scrubbed(row, person))


def _scrubbed(row: rules.Row, person: Person) -> rules.Row:
    kept = {name: row[name] for name in ("pk", "sk", "by") if name in row}
    return {**rules.scrubbed(row, person.traces), **kept}


def _files(person: Person, _own: str, _now: datetime) -> None:
    """Delete the files in which one of their addresses stands, which live for a month at most: uploads, tables, and all of an import."""
    wanted = rules.needles(_spelled(person))
    for name, content in files.every(person.org):
        if any(rules.mentions(text, wanted) for text in files.as_texts(content)):
            files.delete_with_what_was_read(name)


def _messages(person: Person, _own: str, _now: datetime) -> None:
    for email in person.emails:
        for entry in erasing.messages_to(person.org, email):
            erasing.delete(settings().messages_table, entry)


def _customer(person: Person, _own: str, _now: datetime) -> None:
    for email in person.emails:
        erasing.delete_address(person.org, email, person.customer.id)
    erasing.delete_customer(person.org, person.customer.id)


STEPS: Mapping[str, Callable[[Person, str, datetime], None]] = {
    "account": _account,
    "memory": _memory,
    "session": _session,
    "contract": _contract,
    "invoices": _invoices,
    "jobs": _jobs,
    "files": _files,
    "messages": _messages,
    "customer": _customer,
}
