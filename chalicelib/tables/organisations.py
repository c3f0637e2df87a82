"""Organisations and what an address wants of one."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from datetime import datetime, time
from typing import Any

from chalicelib.rules import times
from chalicelib.rules.deliveries import Fate
from chalicelib.rules.discounts import SiblingDiscount
from chalicelib.rules.organisations import Organisation, QuietHours, Waitlist, Wishes
from chalicelib.rules.refusals import ChangedMeanwhile, NotFound
from chalicelib.settings import settings
from chalicelib.tables import keys, requests
from chalicelib.tables.items import Item, item, plain, stored

NEW = "attribute_not_exists(pk)"
AS_READ = "version = :version"


def create(organisation: Organisation) -> bool:
    """Write a new organisation and list it. False when there is one of that name."""
    listed = keys.organisation_listed(organisation.org).stored()
    entries = [_item(organisation), listed]
    try:
        requests.transact({"Put": {"TableName": settings().records_table, "Item": entry, "ConditionExpression": NEW}} for entry in entries)
    except requests.TransactionFailed:
        return False
    return True


def get(org: str) -> Organisation:
    """Return the organisation, or NotFound."""
    found = requests.get(settings().records_table, keys.organisation(org))
    if not found:
        raise NotFound
    return organisation_from(found)


def save(organisation: Organisation, *, beside: Sequence[dict[str, Any]] = ()) -> Organisation:
    """Write the settings over the version they were read at, and what is to be written with them, or raise ChangedMeanwhile."""
    saved = replace(organisation, version=organisation.version + 1)
    values = {":version": stored(organisation.version)}
    try:
        if beside:
            row = {"Item": _item(saved), "ConditionExpression": AS_READ, "ExpressionAttributeValues": values}
            requests.transact([{"Put": {"TableName": settings().records_table, **row}}, *beside])
        else:
            requests.put(settings().records_table, _item(saved), AS_READ, values=values)
    except (requests.ConditionFailed, requests.TransactionFailed):
        raise ChangedMeanwhile from None
    return saved


def every() -> Iterator[str]:
    """Return the ids of all organisations of the deployment, for the schedules."""
    found = requests.query(
        TableName=settings().records_table,
        KeyConditionExpression="pk = :all",
        ExpressionAttributeValues={":all": {"S": "#"}},
    )
    return (entry["sk"]["S"] for entry in found)


def wishes(org: str, email: str) -> Wishes:
    found = requests.get(settings().records_table, keys.address(org, email))
    return wishes_from(found)


def wishes_of(org: str, emails: Iterable[str]) -> dict[str, Wishes]:
    """Return what each of up to a hundred addresses wants, by the address as it was given, in one request."""
    wanted = {email: keys.address(org, email) for email in emails}
    found = requests.batch_get({settings().records_table: list(wanted.values())})
    return {email: wishes_from(found.get(key)) for email, key in wanted.items()}


def every_wish(org: str) -> dict[str, Wishes]:
    """Return what is not wanted, or cannot be sent, of all addresses of which something is noted, by the address as it is compared."""
    found = requests.query(
        TableName=settings().records_table,
        KeyConditionExpression="pk = :org AND begins_with(sk, :address)",
        FilterExpression="unsubscribed = :yes OR suppressed = :yes",
        ExpressionAttributeValues={":org": {"S": org}, ":address": {"S": keys.ADDRESS}, ":yes": {"BOOL": True}},
        ConsistentRead=True,
    )
    return {entry["sk"]["S"].removeprefix(keys.ADDRESS): wishes_from(entry) for entry in found}


def set_unsubscribed(org: str, email: str, *, unsubscribed: bool, now: datetime) -> None:
    """Note what the address wants, unless it is noted already."""
    try:
        requests.update(
            settings().records_table,
            keys.address(org, email),
            "SET unsubscribed = :wish, unsubscribed_at = :now",
            "attribute_not_exists(unsubscribed) OR unsubscribed <> :wish",
            values={":wish": stored(unsubscribed), ":now": stored(times.written(now))},
        )
    except requests.ConditionFailed:
        return


def suppress(org: str, email: str, *, fate: Fate, now: datetime) -> None:
    """Note that the address can or must not be written to any more. Noted already: the first word stands."""
    try:
        requests.update(
            settings().records_table,
            keys.address(org, email),
            "SET suppressed = :yes, suppressed_for = :fate, suppressed_at = :now",
            "attribute_not_exists(suppressed) OR suppressed <> :yes",
            values={":yes": stored(True), ":fate": stored(fate), ":now": stored(times.written(now))},
        )
    except requests.ConditionFailed:
        return


def wishes_from(found: Item | None) -> Wishes:
    values = plain(found) if found else {}
    return Wishes(
        unsubscribed=values.get("unsubscribed", False),
        suppressed=values.get("suppressed", False),
        suppressed_for=values.get("suppressed_for", ""),
    )


def organisation_from(entry: Item) -> Organisation:
    values = plain(entry)
    quiet = values.get("quiet_hours")
    sibling = values.get("sibling_discount")
    kept = {name: values[name] for name in Organisation.__dataclass_fields__ if name in values}
    return Organisation(
        **{
            **kept,
            "org": values["pk"],
            "created_at": times.read(values["created_at"]),
            "reminder_days": tuple(values["reminder_days"]),
            "quiet_hours": QuietHours(time.fromisoformat(quiet["starts"]), time.fromisoformat(quiet["ends"])) if quiet else None,
            "waitlist": Waitlist(**values["waitlist"]),
            "sibling_discount": SiblingDiscount(**sibling) if sibling else None,
        }
    )


def _item(organisation: Organisation) -> Item:
    quiet = organisation.quiet_hours
    sibling = organisation.sibling_discount
    values = {name: getattr(organisation, name) for name in Organisation.__dataclass_fields__ if name != "org"}
    return {
        **keys.organisation(organisation.org).stored(),
        **item(
            {
                **values,
                "created_at": times.written(organisation.created_at),
                "quiet_hours": {"starts": quiet.starts.isoformat("minutes"), "ends": quiet.ends.isoformat("minutes")} if quiet else None,
                "waitlist": asdict(organisation.waitlist),
                "sibling_discount": asdict(sibling) if sibling else None,
            }
        ),
    }
