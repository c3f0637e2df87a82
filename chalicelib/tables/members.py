"""Staff of an organisation, and the organisations of a user."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from chalicelib.rules import times
from chalicelib.rules.notifications import Seen
from chalicelib.rules.organisations import Member, Role
from chalicelib.rules.refusals import ChangedMeanwhile
from chalicelib.settings import settings
from chalicelib.tables import keys, requests
from chalicelib.tables.items import Item, item, plain, stored

NEW = "attribute_not_exists(pk)"
THERE = "attribute_exists(pk)"
AS_INVITED = "#status = :invited AND link_version = :version"
AS_READ = "#role = :seen"
STILL_OWNER = "#role = :owner"
ROLE = {"#role": "role"}


def add(member: Member) -> bool:
    """Write a new member. False when this user is one already."""
    try:
        requests.put(settings().records_table, _item(member), NEW)
    except requests.ConditionFailed:
        return False
    return True


def get(org: str, user: str) -> Member | None:
    found = requests.get(settings().records_table, keys.member(org, user))
    return member_from(found) if found else None


def every(org: str) -> list[Member]:
    found = requests.query(
        TableName=settings().records_table,
        KeyConditionExpression="pk = :org AND begins_with(sk, :members)",
        ExpressionAttributeValues={":org": {"S": org}, ":members": {"S": keys.MEMBER}},
        ConsistentRead=True,
    )
    return [member_from(entry) for entry in found]


def of_user(user: str) -> list[Member]:
    """Return the memberships of a user in all organisations."""
    found = requests.query(
        TableName=settings().records_table,
        IndexName="user",
        KeyConditionExpression="#user = :user",
        ExpressionAttributeNames={"#user": "user"},
        ExpressionAttributeValues={":user": {"S": user}},
    )
    return [member_from(entry) for entry in found if entry["sk"]["S"].startswith(keys.MEMBER)]


def activate(invited: Member, user: str) -> Member:
    """Replace the stand-in of an invited member by the user who signed up. Raises ChangedMeanwhile when that is done or undone."""
    active = replace(invited, user=user, status="active")
    taken = _named(invited, AS_INVITED, {"#status": "status"}, {":invited": stored("invited"), ":version": stored(invited.link_version)})
    _commit({"Delete": taken}, {"Put": {"TableName": settings().records_table, "Item": _item(active), "ConditionExpression": NEW}})
    return active


def invite_again(run_out: Member, invited: Member) -> bool:
    """Replace an invitation that has run out. False when that is done, or it was used after all."""
    try:
        requests.put(
            settings().records_table,
            _item(invited),
            AS_INVITED,
            {"#status": "status"},
            {":invited": stored("invited"), ":version": stored(run_out.link_version)},
        )
    except requests.ConditionFailed:
        return False
    return True


def set_role(member: Member, role: Role, *, beside: Member | None = None) -> Member:
    """Change the role of a member as read. `beside` must be an owner at that very moment. Raises ChangedMeanwhile."""
    update = _named(member, AS_READ, ROLE, {":seen": stored(member.role), ":role": stored(role)})
    _commit({"Update": {**update, "UpdateExpression": "SET #role = :role"}}, *_still_owner(beside))
    return replace(member, role=role)


def remove(member: Member, *, beside: Member | None = None) -> None:
    """Remove a member as read. `beside` must be an owner at that very moment. Raises ChangedMeanwhile."""
    _commit({"Delete": _named(member, AS_READ, ROLE, {":seen": stored(member.role)})}, *_still_owner(beside))


def end_sessions(member: Member, *, now: datetime) -> None:
    """Let the member's access tokens of before this moment count no more."""
    try:
        requests.update(
            settings().records_table,
            keys.member(member.org, member.user),
            "SET sessions_from = :now",
            THERE,
            values={":now": stored(times.written(now))},
        )
    except requests.ConditionFailed:
        return


def _still_owner(member: Member | None) -> list[dict[str, Any]]:
    if member is None:
        return []
    return [{"ConditionCheck": _named(member, STILL_OWNER, ROLE, {":owner": stored("owner")})}]


def _named(member: Member, condition: str, names: Mapping[str, str], values: Item) -> dict[str, Any]:
    return {
        "TableName": settings().records_table,
        "Key": keys.member(member.org, member.user).stored(),
        "ConditionExpression": condition,
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": values,
    }


def _commit(*writes: dict[str, Any]) -> None:
    try:
        requests.transact(writes)
    except requests.TransactionFailed:
        raise ChangedMeanwhile from None


def member_from(entry: Item) -> Member:
    values = plain(entry)
    return Member(
        org=values["pk"],
        user=values["user"],
        email=values["email"],
        name=values["name"],
        role=values["role"],
        status=values["status"],
        invited_at=times.read(values["invited_at"]),
        link_version=values["link_version"],
        sessions_from=times.read(values["sessions_from"]) if "sessions_from" in values else None,
        seen=Seen(values["seen"]["up_to"], tuple(values["seen"]["beyond"])) if "seen" in values else None,
    )


def _item(member: Member) -> Item:
    return {
        **keys.member(member.org, member.user).stored(),
        **item(
            {
                "user": member.user,
                "email": member.email,
                "name": member.name,
                "role": member.role,
                "status": member.status,
                "invited_at": times.written(member.invited_at),
                "link_version": member.link_version,
                "sessions_from": times.written(member.sessions_from) if member.sessions_from else None,
            }
        ),
    }
