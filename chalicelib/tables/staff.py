"""Staff of an organisation, and the organisations of a user."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from chalicelib.config import config
from chalicelib.languages import Locale
from chalicelib.rules import times
from chalicelib.rules.notifications import ReadMarks
from chalicelib.rules.organisations import Organisation, StaffMember
from chalicelib.rules.permissions import Role
from chalicelib.rules.refusals import ChangedMeanwhile
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.codec import Codec, nested
from chalicelib.tables.conditions import NEW, THERE, Condition, Update, equals
from chalicelib.tables.items import Item, item, plain
from chalicelib.tables.organisations import organisation_from

READ_MARKS = nested(ReadMarks)
STAFF = Codec(StaffMember, attributes={"tokens_valid_from": "sessions_from"}, elsewhere={"org"}, always={"link_version"})


def add(member: StaffMember) -> bool:
    """Write a new staff member. False when the user is one already."""
    try:
        dynamodb.put_new(config().records_table, _item(member))
    except dynamodb.ConditionFailed:
        return False
    return True


def get(org: str, user: str) -> StaffMember | None:
    found = dynamodb.get(config().records_table, keys.staff_member(org, user))
    return staff_member_from(found) if found else None


def get_with_organisation(org: str, user: str) -> tuple[StaffMember | None, Organisation | None]:
    """Return the staff member and the organisation, in one request; None for what does not exist."""
    of_member, of_organisation = keys.staff_member(org, user), keys.organisation(org)
    found = dynamodb.batch_get({config().records_table: [of_member, of_organisation]})
    member, organisation = found.get(of_member), found.get(of_organisation)
    return staff_member_from(member) if member else None, organisation_from(organisation) if organisation else None


def every(org: str) -> list[StaffMember]:
    found = dynamodb.query(
        TableName=config().records_table,
        KeyConditionExpression="pk = :org AND begins_with(sk, :members)",
        ExpressionAttributeValues={":org": {"S": org}, ":members": {"S": keys.STAFF_MEMBER}},
        ConsistentRead=True,
    )
    return [staff_member_from(row) for row in found]


def of_user(user: str) -> list[StaffMember]:
    """Return the user's staff memberships in all organisations."""
    found = dynamodb.query(
        TableName=config().records_table,
        IndexName="user",
        KeyConditionExpression="#user = :user",
        ExpressionAttributeNames={"#user": "user"},
        ExpressionAttributeValues={":user": {"S": user}},
    )
    return [staff_member_from(row) for row in found if row["sk"]["S"].startswith(keys.STAFF_MEMBER)]


def activate(invited: StaffMember, user: str) -> StaffMember:
    """Replace the pseudonym of an invited member by the user. Raises ChangedMeanwhile when the member was activated or removed."""
    active = replace(invited, user=user, status="active")
    taken = dynamodb.delete_write(config().records_table, _key(invited), _as_invited(invited))
    _commit(taken, dynamodb.put_write(config().records_table, _item(active), NEW))
    return active


def invite_again(run_out: StaffMember, invited: StaffMember) -> bool:
    """Replace an expired invitation. False when it was replaced or used meanwhile."""
    try:
        dynamodb.put(config().records_table, _item(invited), _as_invited(run_out))
    except dynamodb.ConditionFailed:
        return False
    return True


def set_role(member: StaffMember, role: Role, *, beside: StaffMember | None = None) -> StaffMember:
    """Change the role of a member. `beside` must still be an owner then. Raises ChangedMeanwhile."""
    change = dynamodb.update_write(config().records_table, _key(member), Update().set(role=role), _as_read(member))
    _commit(change, *_still_owner(beside))
    return replace(member, role=role)


def set_language(member: StaffMember, language: Locale) -> None:
    """Store the language that a member chose. For a member who was removed meanwhile it does nothing."""
    try:
        dynamodb.update(config().records_table, _key(member), Update().set(language=language), THERE)
    except dynamodb.ConditionFailed:
        return


def remove(member: StaffMember, *, beside: StaffMember | None = None) -> None:
    """Remove a member. `beside` must still be an owner then. Raises ChangedMeanwhile."""
    dynamodb.sign(config().records_table, _key(member))
    _commit(dynamodb.delete_write(config().records_table, _key(member), _as_read(member)), *_still_owner(beside))


def end_sessions(member: StaffMember, *, now: datetime) -> None:
    """Invalidate the member's access tokens issued before `now`, and the URL of the calendar feed. Nothing to do for a removed member."""
    ended = Update().set(sessions_from=times.written(now)).add(feed_version=1)
    try:
        dynamodb.update(config().records_table, _key(member), ended, THERE)
    except dynamodb.ConditionFailed:
        return


def renew_feed(member: StaffMember) -> StaffMember:
    """Give the member's calendar feed a new URL; the old one is dead. Raises ChangedMeanwhile when the member was removed."""
    try:
        found = dynamodb.update(config().records_table, _key(member), Update().add(feed_version=1), THERE)
    except dynamodb.ConditionFailed:
        raise ChangedMeanwhile from None
    return staff_member_from(found)


def _still_owner(member: StaffMember | None) -> list[dict[str, Any]]:
    if member is None:
        return []
    return [dynamodb.check(config().records_table, _key(member), equals("role", "owner"))]


def _as_invited(member: StaffMember) -> Condition:
    return equals("status", "invited") & equals("link_version", member.link_version)


def _as_read(member: StaffMember) -> Condition:
    return equals("role", member.role)


def _key(member: StaffMember) -> keys.Key:
    return keys.staff_member(member.org, member.user)


def _commit(*writes: dict[str, Any]) -> None:
    try:
        dynamodb.transact(writes)
    except dynamodb.TransactionFailed:
        raise ChangedMeanwhile from None


def staff_member_from(row: Item) -> StaffMember:
    values = plain(row)
    return STAFF.read(values, org=values["pk"])


def _item(member: StaffMember) -> Item:
    return {**keys.staff_member(member.org, member.user).stored(), **item(STAFF.write(member))}
