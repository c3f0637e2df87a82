"""The permissions of each role. Templates ask for existing permissions only."""

import re
from itertools import pairwise
from pathlib import Path
from typing import get_args

import pytest

from chalicelib.rules.permissions import LED, PERMISSIONS, Permission, Role, least_role, may

TEMPLATES = Path(__file__).parent.parent.parent / "chalicelib" / "pages" / "templates"
CHECKS = re.compile(r"\bmay(?:_on)?\((\w+|\"\w+\")")


def test_a_leader_has_what_is_led_a_viewer_reads_a_manager_does_all_but_staff_and_settings_and_an_owner_everything() -> None:
    assert PERMISSIONS["viewer"] == {"read", *LED.values()}
    assert PERMISSIONS["leader"] == {*LED.values()}
    assert PERMISSIONS["manager"] == PERMISSIONS["owner"] - {"manage_staff", "manage_settings", "manage_integrations", "read_audit"}
    assert PERMISSIONS["owner"] == {*get_args(Permission)}


def test_roles_stand_from_the_least_to_the_one_that_may_do_everything() -> None:
    sets = list(PERMISSIONS.values())
    assert PERMISSIONS.keys() == {*get_args(Role)}
    assert all(less < more for less, more in pairwise(sets))


@pytest.mark.parametrize(("permission", "role"), [("read", "viewer"), ("bill", "manager"), ("erase", "manager"), ("manage_staff", "owner")])
def test_the_least_role_is_published(permission: Permission, role: Role) -> None:
    assert least_role(permission) == role
    assert may(role, permission)


@pytest.mark.parametrize("template", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_templates_ask_for_permissions_that_exist(template: Path) -> None:
    permissions = CHECKS.findall(template.read_text())
    assert [name for name in permissions if name != "permission" and name.strip('"') not in get_args(Permission)] == []
