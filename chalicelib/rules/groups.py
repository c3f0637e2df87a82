"""A group: a named set of customers. Each customer knows the groups that it belongs to."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.rules.refusals import Conflict
from chalicelib.rules.translation import N_

MOST_GROUPS = 200


class GroupExists(Conflict):
    """A group has this name already; names are compared without case."""

    code = "group_exists"
    sentence = N_("There is a group of this name already. Choose another name, or add people to that group.")

    def __init__(self, group: str) -> None:
        self.group = group


class TooManyGroups(Conflict):
    code = "too_many_groups"
    sentence = N_("There are 200 groups already. Delete one that nobody needs any more.")


@dataclass(frozen=True, slots=True)
class Group:
    org: str
    id: str
    name: str
    created_at: datetime
    version: int = 1


def same_name(name: str) -> str:
    """Return the canonical form of a group's name for comparison."""
    return " ".join(name.casefold().split())
