"""Groups of customers: create, rename, delete, add and remove members."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain

from chalicelib.operations import jobs
from chalicelib.operations.identity import derived
from chalicelib.rules.customers import Customer, CustomerMerged
from chalicelib.rules.groups import MOST_GROUPS, Group, TooManyGroups
from chalicelib.rules.inputs.groups import GroupInput
from chalicelib.rules.jobs import SLICE, Failure, Job
from chalicelib.rules.refusals import ChangedMeanwhile, NotFound
from chalicelib.tables import customers

ATTEMPTS = 5
MOST_COUNTED = 500
"""The number of customers up to which a page counts those of each group."""


def list_groups(org: str) -> list[Group]:
    """Return all groups by name."""
    return customers.groups(org)


def count_customers(org: str) -> dict[str, int] | None:
    """Return the number of customers by group id, without empty groups; None where there are too many customers to read them all."""
    counted: dict[str, int] = {}
    known = customers.groups_of_first(org, MOST_COUNTED + 1)
    if len(known) > MOST_COUNTED:
        return None
    for id in chain.from_iterable(known):
        counted[id] = counted.get(id, 0) + 1
    return counted


def read_group(org: str, group_id: str) -> Group:
    """Return the group. Raises NotFound."""
    return customers.get_group(org, group_id)


def create_group(org: str, draft: GroupInput, *, key: str, now: datetime) -> Group:
    """Create a group. A retry with the same key returns the same group. Raises GroupExists, TooManyGroups."""
    group = Group(org=org, id=derived("group", org, key), name=draft.name, created_at=now)
    known = customers.groups(org)
    if len(known) >= MOST_GROUPS and group.id not in {one.id for one in known}:
        raise TooManyGroups
    customers.create_group(group)
    return group


def rename_group(org: str, group_id: str, draft: GroupInput, *, expected: int | None) -> Group:
    """Rename the group. Raises NotFound, GroupExists, ChangedMeanwhile."""
    was = customers.get_group(org, group_id)
    if expected is not None and was.version != expected:
        raise ChangedMeanwhile
    return customers.save_group(replace(was, name=draft.name), was=was)


def delete_group(org: str, group_id: str, *, by: str, now: datetime) -> None:
    """Delete a group and remove its customers from it, in a job if they are many. Raises NotFound, ChangedMeanwhile.

    A repeated call completes an interrupted one.
    """
    customers.end_group(customers.get_group(org, group_id, ending=True))
    members = [customer.id for customer in customers.of_group(org, group_id)]
    if len(members) <= SLICE:
        _leave_for_good(org, group_id, members)
        return
    id = derived("group", org, group_id)
    job = Job(org=org, id=id, kind="group", total=len(members), by=by, created_at=now, moved_at=now, data={"group": group_id})
    jobs.start(job, members)


def leave_group(job: Job, items: Sequence[str], now: datetime) -> list[Failure]:
    """Remove the customers of one step from the group that is being deleted. The last step deletes the group."""
    group, last = str(job.data["group"]), job.done + len(items) >= job.total
    _leave(job.org, group, items)
    if last:
        customers.forget_group(job.org, group)
    return []


def add_to_group(org: str, group_id: str, customer_id: str) -> None:
    """Add a customer to a group; does nothing for a member. Raises NotFound for an unknown group or customer."""
    customers.get_group(org, group_id)
    _save(org, customer_id, lambda customer: (*customer.groups, group_id) if group_id not in customer.groups else customer.groups)


def remove_from_group(org: str, group_id: str, customer_id: str) -> None:
    """Remove a customer from a group; does nothing for a non-member. Raises NotFound for an unknown group or customer."""
    customers.get_group(org, group_id)
    _save(org, customer_id, lambda customer: _without(customer, group_id))


def _leave_for_good(org: str, group_id: str, members: Sequence[str]) -> None:
    _leave(org, group_id, members)
    customers.forget_group(org, group_id)


def _leave(org: str, group_id: str, members: Sequence[str]) -> None:
    for id in members:
        try:
            _save(org, id, lambda customer: _without(customer, group_id))
        except (NotFound, CustomerMerged):
            continue


def _without(customer: Customer, group_id: str) -> tuple[str, ...]:
    return tuple(id for id in customer.groups if id != group_id)


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
