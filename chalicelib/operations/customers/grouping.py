"""Groups of customers: named, renamed, deleted; customers join and leave."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from chalicelib.operations import jobs
from chalicelib.operations.identity import derived
from chalicelib.rules.customers import Customer
from chalicelib.rules.drafts.groups import GroupDraft
from chalicelib.rules.groups import MOST_GROUPS, Group, TooManyGroups
from chalicelib.rules.jobs import SLICE, Failure, Job
from chalicelib.rules.refusals import ChangedMeanwhile, NotFound
from chalicelib.tables import customers

ATTEMPTS = 5


def list_groups(org: str) -> list[Group]:
    """Return all groups by name."""
    return customers.groups(org)


def count_members(org: str) -> dict[str, int]:
    """Return how many customers belong to each group that has some. It reads all customers."""
    counted: dict[str, int] = {}
    for customer in customers.every(org):
        for own in customer.groups:
            counted[own] = counted.get(own, 0) + 1
    return counted


def read_group(org: str, group_id: str) -> Group:
    """Return the group, or NotFound."""
    return customers.get_group(org, group_id)


def create_group(org: str, draft: GroupDraft, *, key: str, now: datetime) -> Group:
    """Make a group; a retry under the same key makes the same one. Raises GroupExists, TooManyGroups."""
    group = Group(org=org, id=derived("group", org, key), name=draft.name, created_at=now)
    known = customers.groups(org)
    if len(known) >= MOST_GROUPS and group.id not in {one.id for one in known}:
        raise TooManyGroups
    customers.create_group(group)
    return group


def rename_group(org: str, group_id: str, draft: GroupDraft, *, expected: int | None) -> Group:
    """Give the group another name. Raises NotFound, GroupExists, ChangedMeanwhile."""
    was = customers.get_group(org, group_id)
    if expected is not None and was.version != expected:
        raise ChangedMeanwhile
    return customers.save_group(replace(was, name=draft.name), was=was)


def delete_group(org: str, group_id: str, *, by: str, now: datetime) -> None:
    """Delete a group; its customers stay and leave it. Asked again after a crash, it goes on. Raises NotFound, ChangedMeanwhile.

    Few leave at once, many in a job.
    """
    customers.end_group(customers.get_group(org, group_id, ending=True))
    members = [customer.id for customer in customers.every(org) if group_id in customer.groups]
    if len(members) <= SLICE:
        _leave_for_good(org, group_id, members)
        return
    own = derived("group", org, group_id)
    job = Job(org=org, id=own, kind="group", total=len(members), by=by, created_at=now, moved_at=now, data={"group": group_id})
    jobs.start(job, members)


def leave_group(job: Job, items: Sequence[str], now: datetime) -> list[Failure]:
    """Let so many customers leave the group that is being deleted; after the last ones it is gone."""
    group, last = str(job.data["group"]), job.done + len(items) >= job.total
    _leave(job.org, group, items)
    if last:
        customers.forget_group(job.org, group)
    return []


def join(org: str, group_id: str, customer_id: str) -> None:
    """Let a customer belong to a group; whoever does already stays. Raises NotFound for either."""
    customers.get_group(org, group_id)
    _save(org, customer_id, lambda customer: (*customer.groups, group_id) if group_id not in customer.groups else customer.groups)


def leave(org: str, group_id: str, customer_id: str) -> None:
    """Let a customer belong to a group no more; whoever does not stays out. Raises NotFound for either."""
    customers.get_group(org, group_id)
    _save(org, customer_id, lambda customer: _without(customer, group_id))


def _leave_for_good(org: str, group_id: str, members: Sequence[str]) -> None:
    _leave(org, group_id, members)
    customers.forget_group(org, group_id)


def _leave(org: str, group_id: str, members: Sequence[str]) -> None:
    for own in members:
        try:
            _save(org, own, lambda customer: _without(customer, group_id))
        except NotFound:
            continue


def _without(customer: Customer, group_id: str) -> tuple[str, ...]:
    return tuple(own for own in customer.groups if own != group_id)


def _save(org: str, customer_id: str, groups: Callable[[Customer], tuple[str, ...]]) -> None:
    for _ in range(ATTEMPTS):
        was = customers.get(org, customer_id)
        wanted = groups(was)
        if wanted == was.groups:
            return
        try:
            customers.save(replace(was, groups=wanted), was=was)
        except ChangedMeanwhile:
            continue
        return
    raise ChangedMeanwhile
