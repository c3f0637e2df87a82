"""The permissions of staff. A role is a set of permissions; routes and templates ask for a permission, never for a role."""

from collections.abc import Mapping
from typing import Literal, get_args

from chalicelib.rules.refusals import Forbidden
from chalicelib.rules.translation import N_

Role = Literal["owner", "manager", "viewer", "leader"]
Permission = Literal[
    "read",
    "read_led",
    "mark_led",
    "message_led",
    "mark_attendance",
    "edit_sessions",
    "manage_roster",
    "send_messages",
    "bill",
    "manage_customers",
    "erase",
    "manage_contracts",
    "manage_codes",
    "manage_discounts",
    "import_files",
    "edit_templates",
    "manage_settings",
    "manage_staff",
    "manage_integrations",
    "read_audit",
]
"""`manage_roster` covers everything that changes who is on a session: invitations, registrations, the waitlist. `manage_customers` covers
groups and invitations to the portal, `manage_contracts` their prices and participants, `manage_codes` invitation codes,
`manage_integrations` API keys and webhooks. Those that end in `_led` are about the sessions that the person leads, and cover no amounts."""

LED: Mapping[Permission, Permission] = {"read": "read_led", "mark_attendance": "mark_led", "send_messages": "message_led"}
"""Permissions, each with the one that replaces it on a session that the person leads."""

OWNER: frozenset[Permission] = frozenset(get_args(Permission))
MANAGER: frozenset[Permission] = OWNER - {"manage_settings", "manage_staff", "manage_integrations", "read_audit"}
LEADER: frozenset[Permission] = frozenset(LED.values())
VIEWER: frozenset[Permission] = LEADER | {"read"}
PERMISSIONS: dict[Role, frozenset[Permission]] = {"leader": LEADER, "viewer": VIEWER, "manager": MANAGER, "owner": OWNER}
"""By role, from the one that may do least to the one that may do everything."""


class NotAllowed(Forbidden):
    code = "not_allowed"
    sentence = N_("Your role does not allow this. Ask an owner of the organisation.")


class NotLeader(Forbidden):
    code = "not_leader"
    sentence = N_("You do not lead this session. Ask a manager to add you to its leaders.")


def may(role: Role, permission: Permission) -> bool:
    return permission in PERMISSIONS[role]


def least_role(permission: Permission) -> Role:
    """Return the role with the fewest permissions that includes this one."""
    return next(role for role in PERMISSIONS if may(role, permission))
