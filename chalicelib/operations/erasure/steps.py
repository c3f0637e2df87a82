"""The steps of an erasure. Each is safe to repeat, and the customer's row goes last, so that an interrupted erasure can continue."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from chalicelib.config import config
from chalicelib.operations.auth import user_pool
from chalicelib.operations.identity import derived
from chalicelib.operations.invitations import cancel_invitation
from chalicelib.operations.waitlist import remove_entry
from chalicelib.rules import erasure as rules
from chalicelib.rules.actor import CLOCK, ERASURE, Actor
from chalicelib.rules.addresses import spellings
from chalicelib.rules.audit import AuditEntry, AuditSubject
from chalicelib.rules.customers import Customer, CustomerMerged
from chalicelib.rules.invitations import InvitationAccepted, InvitationNotPending
from chalicelib.rules.jobs import Failure, Job
from chalicelib.rules.refs import public_id
from chalicelib.rules.refusals import NotFound
from chalicelib.tables import audit, customers, erasure, files, keys, memberships, staff
from chalicelib.tables.actor import acting, current
from chalicelib.tables.items import Item, plain


class ErasedPerson(NamedTuple):
    """The person to erase: customer, addresses, and the traces to look for."""

    customer: Customer
    emails: list[str]
    traces: rules.Traces
    by: Actor
    """Who started the erasure."""

    @property
    def org(self) -> str:
        return self.customer.org


def run_steps(job: Job, items: Sequence[str], now: datetime) -> list[Failure]:
    """Run these steps of an erasure. Does nothing once the customer's row is deleted."""
    try:
        customer = customers.get(job.org, str(job.data["customer"]))
    except (NotFound, CustomerMerged):
        return []
    emails = customers.addresses(customer)
    person = ErasedPerson(
        customer, emails, rules.traces(emails, staff=[member.email for member in staff.every(job.org)]), current() or CLOCK
    )
    with acting(ERASURE):
        for step in items:
            kind, _, id = step.partition("#")
            STEPS[kind](person, id, now)
    return []


def _account(person: ErasedPerson, _id: str, _now: datetime) -> None:
    """Delete the accounts of their addresses, except one that also belongs to staff or to another customer."""
    for email in person.emails:
        user = user_pool.user_of(email)
        if user is None:
            continue
        known = memberships.of_user(user)
        elsewhere = [one for one in known.customers if (one.org, one.id) != (person.org, person.customer.id)]
        if not known.memberships and not elsewhere:
            user_pool.close(email)
            erasure.delete_reset(user)


def _nothing(_person: ErasedPerson, _id: str, _now: datetime) -> None:
    """A step of jobs that an earlier release began: Memory has nothing of a person but what other steps delete by its key."""


def _spelled(person: ErasedPerson) -> Iterable[str]:
    return (spelling for email in person.emails for spelling in spellings(email))


def _session(person: ErasedPerson, id: str, now: datetime) -> None:
    """Remove their personal data from a roster. Registered spots stay taken, held spots are freed."""
    table, erased = config().rosters_table, set[str]()
    for row in erasure.roster(person.org, id):
        kind = row["sk"]["S"]
        if kind.startswith(keys.INVITATION):
            _withdraw(person, row, now)
            _drop_uses(person, row)
            erasure.rewrite(table, row, lambda row: rules.invitation(row, person.traces))
        elif kind.startswith(keys.REGISTRATION):
            _drop_uses(person, row)
            if row["email"]["S"] == "" or person.traces.of(row["email"]["S"]):
                erased.add(row["sk"]["S"].removeprefix(keys.REGISTRATION))
            erasure.rewrite(table, row, lambda row: rules.registration(row, person.traces))
        elif kind.startswith(keys.WAITLIST_ENTRY):
            _stop_waiting(person, row, now)
            erasure.rewrite(table, row, lambda row: rules.waitlist_entry(row, person.traces))
        elif kind.startswith(keys.ATTENDANCE):
            erasure.rewrite(table, row, lambda row: rules.attendance(row, person.traces, erased))
        elif person.traces.of(rules.guarded_address(kind)):
            erasure.delete(table, row)
    erasure.rewrite_unlisted(person.org, id, lambda row: rules.unlisted_entries(row, person.traces))


def _withdraw(person: ErasedPerson, row: Item, now: datetime) -> None:
    """Cancel a live invitation of the customer. A repeated step also frees the spots of one that it cancelled before."""
    values = plain(row)
    if not person.traces.of(values.get("email")) or "registration" in values or values.get("ended", "cancelled") != "cancelled":
        return
    session, id = row["pk"]["S"].partition("#")[2], row["sk"]["S"].removeprefix(keys.INVITATION)
    try:
        cancel_invitation(person.org, public_id(session, id), by="", now=now)
    except (InvitationAccepted, InvitationNotPending, NotFound):
        return


def _stop_waiting(person: ErasedPerson, row: Item, now: datetime) -> None:
    """Remove a waitlist entry of the customer, except one whose offer was accepted: that is a registration."""
    if person.traces.of(row["email"]["S"]):
        id = public_id(row["pk"]["S"].partition("#")[2], row["sk"]["S"].removeprefix(keys.WAITLIST_ENTRY))
        with suppress(InvitationAccepted, NotFound):
            remove_entry(person.org, id, by="", now=now)


def _contract(person: ErasedPerson, id: str, _now: datetime) -> None:
    table = config().records_table
    for row in erasure.records(keys.under_contract(person.org, id)):
        if row["sk"]["S"].startswith(keys.PARTICIPANT):
            _drop_notes(person, row)
            erasure.rewrite(table, row, lambda row: rules.contract_participant(row, person.traces))
        elif row["sk"]["S"].startswith(keys.IDENTIFIED) and person.traces.of(row["sk"]["S"].removeprefix(keys.IDENTIFIED)):
            erasure.delete(table, row)


def _drop_uses(person: ErasedPerson, row: Item) -> None:
    """Delete the count of their uses of the row's discount code, before the row loses the pseudonym that the count is stored under."""
    counted = rules.counted_use(plain(row), person.traces)
    if counted:
        erasure.drop_uses(person.org, *counted)


def _drop_notes(person: ErasedPerson, row: Item) -> None:
    values = plain(row)
    if rules.contract_participant(values, person.traces) != values:
        for code in values.get("codes", ()):
            erasure.drop_note(person.org, code)


def _invoices(person: ErasedPerson, _id: str, _now: datetime) -> None:
    for row in erasure.records(keys.invoice(person.org, "").pk):
        if row["sk"]["S"].startswith(keys.INVOICE):
            erasure.rewrite(config().records_table, row, lambda row: rules.invoice(row, person.traces))


def _jobs(person: ErasedPerson, _id: str, _now: datetime) -> None:
    """Remove their addresses from jobs: items, failures, and texts by staff."""
    for row in erasure.records(keys.job(person.org, "").pk):
        erasure.rewrite(config().records_table, row, lambda row: _scrubbed(row, person))


def _scrubbed(row: rules.Row, person: ErasedPerson) -> rules.Row:
    kept = {name: row[name] for name in ("pk", "sk", "by") if name in row}
    return {**rules.scrubbed(row, person.traces), **kept}


def _files(person: ErasedPerson, _id: str, _now: datetime) -> None:
    """Delete the files that contain one of their addresses: uploads, exports, and all files of an import. Others expire within a month."""
    wanted = rules.needles(_spelled(person))
    for name, content in files.every(person.org):
        if any(rules.mentions(text, wanted) for text in files.as_texts(content)):
            files.delete_with_derived_files(name)


def _messages(person: ErasedPerson, _id: str, _now: datetime) -> None:
    """Delete their e-mails, and before an e-mail that confirms a sign-up, the sign-up."""
    for email in person.emails:
        for row in erasure.messages_to(person.org, email):
            sign_up = plain(row).get("data", {}).get("joining")
            if sign_up:
                erasure.delete_sign_up(person.org, sign_up)
            erasure.delete(config().messages_table, row)


def _audit(person: ErasedPerson, _id: str, now: datetime) -> None:
    """Forget what the audit log says of them: that something was done stays, and by whom."""
    audit.forget_values(person.org, person.emails, now=now)


def _customer(person: ErasedPerson, _id: str, now: datetime) -> None:
    for email in person.emails:
        erasure.delete_address(person.org, email, person.customer.id)
    erasure.delete_customer(person.customer)
    audit.add(_erased(person, now))


def _erased(person: ErasedPerson, now: datetime) -> AuditEntry:
    """Return the entry of the audit log. It repeats nothing that was erased."""
    id = derived("erased", person.org, person.customer.id)
    return AuditEntry(person.org, id, now, person.by, "customer.erased", AuditSubject("customer", person.customer.id))


STEPS: Mapping[str, Callable[[ErasedPerson, str, datetime], None]] = {
    "account": _account,
    "memory": _nothing,
    "session": _session,
    "contract": _contract,
    "invoices": _invoices,
    "jobs": _jobs,
    "files": _files,
    "messages": _messages,
    "audit": _audit,
    "customer": _customer,
}
