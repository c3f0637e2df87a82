"""The accounts that rows of an organisation name. A user's id means nothing in another user pool, so an archive has a name in its place."""

import json
import re
from collections.abc import Iterable, Iterator
from hashlib import sha256

from chalicelib import clients
from chalicelib.config import config
from chalicelib.operations.auth import user_pool
from chalicelib.rules.addresses import compared
from chalicelib.tables import keys, organisation_rows
from chalicelib.tables.items import plain

USER = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
NAMED = re.compile(r"account:[0-9a-f]{32}")


def accounts_of(org: str) -> dict[str, str]:
    """Return the accounts of staff and customers: user id → address. One that is not in the pool any more is left out."""
    found: dict[str, str] = {}
    for row in organisation_rows.every(org, "records"):
        values = plain(row)
        if values["sk"].startswith((keys.STAFF_MEMBER, keys.CUSTOMER)) and USER.fullmatch(str(values.get("user", ""))):
            found[values["user"]] = values["email"]
    named = {user: _address(user, email) for user, email in found.items()}
    return {user: email for user, email in named.items() if email}


def without_users(line: str, accounts: dict[str, str]) -> str:
    """Return a line of an archive with names in place of the users' ids."""
    return USER.sub(lambda found: _name(accounts[found[0]]) if found[0] in accounts else found[0], line)


def with_users(line: str, users: dict[str, str]) -> str:
    """Return the line with the users' ids of this pool in place of the names."""
    return NAMED.sub(lambda found: users.get(found[0], found[0]), line)


def lines_of(accounts: dict[str, str]) -> Iterator[str]:
    return (json.dumps({"account": _name(email), "email": email}, ensure_ascii=False) for email in accounts.values())


def read_accounts(lines: Iterable[str]) -> dict[str, str]:
    """Return the accounts of an archive: name → address. Raises ValueError, KeyError or TypeError for a line that is no account."""
    return dict(map(_account, lines))


def opened(accounts: dict[str, str]) -> dict[str, str]:
    """Return the accounts of an archive: name → user id in this pool. Those that are missing are opened, with a password that nobody knows.

    It may be repeated. Somebody who has an account here already keeps it, with its password.
    """
    return {name: _opened(email) for name, email in accounts.items()}


def _account(line: str) -> tuple[str, str]:
    listed = json.loads(line)
    name, email = listed["account"], listed["email"]
    if not NAMED.fullmatch(name) or not isinstance(email, str):
        raise ValueError(name)
    return name, email


def _opened(email: str) -> str:
    return user_pool.sign_up(email, user_pool.unknown_password()) or user_pool.user_of(email) or ""


def _address(user: str, email: str) -> str:
    """Return the address of an account: that of the row, or the account's name where the row has another one; empty if it is gone."""
    if user_pool.user_of(email) == user:
        return email
    cognito = clients.cognito()
    try:
        return cognito.admin_get_user(UserPoolId=config().user_pool, Username=user)["Username"]
    except cognito.exceptions.UserNotFoundException:
        return ""


def _name(email: str) -> str:
    return f"account:{sha256(compared(email).encode()).hexdigest()[:32]}"
