"""Staff of an organisation, and the organisations of a user."""

from chalicelib.rules import times
from chalicelib.rules.organisations import Member, Role
from chalicelib.rules.refusals import ChangedMeanwhile, NotFound
from chalicelib.settings import settings
from chalicelib.tables import keys, requests
from chalicelib.tables.items import Item, item, plain, stored

NEW = "attribute_not_exists(pk)"
THERE = "attribute_exists(pk)"
STILL_INVITED = "#status = :invited"


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
        ExpressionAttributeValues={":org": {"S": org}, ":members": {"S": "MEMBER#"}},
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
    return [member_from(entry) for entry in found]


def activate(invited: Member, user: str) -> None:
    """Replace the stand-in of an invited member by the user who signed up. Raises ChangedMeanwhile when that is done or undone."""
    records = settings().records_table
    active = Member(
        org=invited.org,
        user=user,
        email=invited.email,
        name=invited.name,
        role=invited.role,
        status="active",
        invited_at=invited.invited_at,
        link_version=invited.link_version,
    )
    gone = {
        "TableName": records,
        "Key": keys.member(invited.org, invited.user).stored(),
        "ConditionExpression": STILL_INVITED,
        "ExpressionAttributeNames": {"#status": "status"},
        "ExpressionAttributeValues": {":invited": {"S": "invited"}},
    }
    try:
        requests.transact(
            [{"Delete": gone}, {"Put": {"TableName": records, "Item": _item(active), "ConditionExpression": NEW}}],
        )
    except requests.TransactionFailed:
        raise ChangedMeanwhile from None


def set_role(org: str, user: str, role: Role) -> Member:
    try:
        changed = requests.update(
            settings().records_table,
            keys.member(org, user),
            "SET #role = :role",
            THERE,
            names={"#role": "role"},
            values={":role": stored(role)},
        )
    except requests.ConditionFailed:
        raise NotFound from None
    return member_from(changed)


def remove(org: str, user: str) -> None:
    try:
        requests.delete(settings().records_table, keys.member(org, user), THERE)
    except requests.ConditionFailed:
        raise NotFound from None


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
            }
        ),
    }
