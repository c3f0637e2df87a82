"""Organisations, and the e-mail preferences of addresses."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from chalicelib.config import config
from chalicelib.languages import SUPPORTED, Locale
from chalicelib.rules import times
from chalicelib.rules.organisations import Bounce, EmailPreferences, Organisation
from chalicelib.rules.refusals import ChangedMeanwhile, NotFound
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.codec import Codec, names
from chalicelib.tables.conditions import ALWAYS, NEW, Update, absent, as_read, at_most, differs, present, unchanged
from chalicelib.tables.items import Item, item, plain
from chalicelib.tables.known_rows import known
from chalicelib.tables.saves import save as save_row
from chalicelib.tables.saves import save_write

STORED_IF_SET = {"embed_origins", "support_until", "quotas", "suspended_at", "deletes_at", "deleting", "configuration_set"}
ALWAYS_STORED = [name for name in names(Organisation) if name not in STORED_IF_SET]
ORGANISATIONS = Codec(Organisation, elsewhere={"org"}, always=ALWAYS_STORED, missing={"quiet_hours": None})
COMPLAINT = "complained_"
"""The beginning of the attribute that records complaints about one kind of e-mail."""
OF_A_BOUNCE = ("suppressed", "suppressed_for", "suppressed_at", "bounced_at", "bounce_reason")
"""The attributes of an address that go when its suppression is lifted."""


def create(organisation: Organisation) -> bool:
    """Write a new organisation and list it. False when the id is taken."""
    listed = keys.organisation_listed(organisation.org).stored()
    complete = [keys.meetings_complete(organisation.org).stored(), keys.figures_complete(organisation.org).stored()]
    rows = [_item(organisation), listed, *complete]
    try:
        dynamodb.transact(dynamodb.put_write(config().records_table, row, NEW) for row in rows)
    except dynamodb.TransactionFailed:
        return False
    return True


def get(org: str) -> Organisation:
    """Return the organisation. Raises NotFound."""
    found = dynamodb.get(config().records_table, keys.organisation(org))
    if not found:
        raise NotFound
    return organisation_from(found)


def is_being_imported(org: str) -> bool:
    """Whether an import of the organisation has begun and is not complete."""
    return dynamodb.get(config().records_table, keys.import_marker(org)) is not None


def save(organisation: Organisation, *, beside: Sequence[dict[str, Any]] = ()) -> Organisation:
    """Write the settings over the version that was read, in one transaction with `beside`. Raises ChangedMeanwhile."""
    saved = replace(organisation, version=organisation.version + 1)
    table, unchanged = config().records_table, as_read(organisation.version)
    try:
        if beside:
            dynamodb.transact([save_write(table, _item(saved), ORGANISATIONS.attributes, unchanged), *beside])
        else:
            save_row(table, _item(saved), ORGANISATIONS.attributes, unchanged)
    except (dynamodb.ConditionFailed, dynamodb.TransactionFailed):
        raise ChangedMeanwhile from None
    return saved


def every() -> Iterator[str]:
    """Yield the ids of all organisations of the deployment, for the schedules."""
    found = dynamodb.query(
        TableName=config().records_table,
        KeyConditionExpression="pk = :all",
        ExpressionAttributeValues={":all": {"S": "#"}},
    )
    return (row["sk"]["S"] for row in found)


def count() -> int:
    """Return the number of organisations, which may be a moment old."""
    query = {"KeyConditionExpression": "pk = :all", "ExpressionAttributeValues": {":all": {"S": "#"}}}
    return dynamodb.count(TableName=config().records_table, **query)


def ids_after(org: str, *, limit: int) -> tuple[list[str], str]:
    """Return the ids of up to `limit` organisations after one, in order, and the last one's id; empty when none follow."""
    found, more = dynamodb.query_page(
        TableName=config().records_table,
        KeyConditionExpression="pk = :all AND sk > :org",
        ExpressionAttributeValues={":all": {"S": "#"}, ":org": {"S": org or " "}},
        Limit=limit,
    )
    return [row["sk"]["S"] for row in found], more["sk"]["S"] if more else ""


def email_preferences(org: str, email: str) -> EmailPreferences:
    found = dynamodb.get(config().records_table, keys.address(org, email))
    return email_preferences_from(found)


def email_preferences_of(org: str, emails: Iterable[str]) -> dict[str, EmailPreferences]:
    """Return the e-mail preferences of up to a hundred addresses in one request: address as given → preferences."""
    wanted = {email: keys.address(org, email) for email in emails}
    found = dynamodb.batch_get({config().records_table: list(wanted.values())})
    return {email: email_preferences_from(found.get(key)) for email, key in wanted.items()}


def every_email_preferences(org: str) -> dict[str, EmailPreferences]:
    """Return all recorded e-mail preferences: address in its `compared` form → preferences."""
    found = dynamodb.query(
        TableName=config().records_table,
        KeyConditionExpression="pk = :org AND begins_with(sk, :address)",
        FilterExpression="unsubscribed = :yes OR suppressed = :yes",
        ExpressionAttributeValues={":org": {"S": org}, ":address": {"S": keys.ADDRESS}, ":yes": {"BOOL": True}},
        ConsistentRead=True,
    )
    return {row["sk"]["S"].removeprefix(keys.ADDRESS): email_preferences_from(row) for row in found}


def set_unsubscribed(org: str, email: str, *, unsubscribed: bool, now: datetime) -> None:
    """Record whether the address is unsubscribed, unless it is recorded already."""
    try:
        dynamodb.update(
            config().records_table,
            keys.address(org, email),
            Update().set(unsubscribed=unsubscribed, unsubscribed_at=times.written(now)),
            absent("unsubscribed") | differs("unsubscribed", unsubscribed),
        )
    except dynamodb.ConditionFailed:
        return


def set_date_reminders(org: str, email: str, *, off: bool) -> None:
    """Record whether the address gets no reminders before dates. Idempotent."""
    dynamodb.update(config().records_table, keys.address(org, email), Update().set(no_date_reminders=off), ALWAYS)


def set_language(org: str, email: str, language: Locale | None) -> None:
    """Record the language of e-mails to the address, None for that of what each is about. Idempotent."""
    dynamodb.update(config().records_table, keys.address(org, email), Update().set(language=language), ALWAYS)


def note_bounce(org: str, email: str, *, sent_at: datetime, reason: str = "", now: datetime) -> None:
    """Record a permanent bounce of an e-mail that was sent at `sent_at`. One from before a lift of the suppression changes nothing."""
    not_lifted_since = absent("lifted_at") | at_most("lifted_at", times.written(sent_at))
    bounced = Update().set(suppressed=True, bounced_at=times.written(now), bounce_reason=reason or None)
    try:
        dynamodb.update(config().records_table, keys.address(org, email), bounced, not_lifted_since)
    except dynamodb.ConditionFailed:
        return


def note_complaint(org: str, email: str, *, kind: str, now: datetime) -> None:
    """Record that an e-mail of this kind was marked as spam. Complaints stay, each with the moment of the first of its kind."""
    complained = Update().set(suppressed=True, complained=True).default(**{f"{COMPLAINT}{kind}": times.written(now)})
    dynamodb.update(config().records_table, keys.address(org, email), complained, ALWAYS)


def lift_bounce(org: str, email: str, bounce: Bounce, *, now: datetime) -> bool:
    """Forget the bounce that was read, so that e-mails are sent again. False when another one or a complaint was recorded meanwhile."""
    at = times.written(bounce.at) if bounce.at else ""
    bounce_as_read = unchanged("bounced_at", at) | (absent("bounced_at") & unchanged("suppressed_at", at))
    no_complaint = absent("complained") & (absent("suppressed_for") | differs("suppressed_for", "complained"))
    lifted = Update().set(lifted_at=times.written(now)).remove(*OF_A_BOUNCE)
    try:
        dynamodb.update(config().records_table, keys.address(org, email), lifted, present("suppressed") & no_complaint & bounce_as_read)
    except dynamodb.ConditionFailed:
        return False
    return True


def confirm_address(org: str, email: str) -> None:
    """Record that the owner has confirmed the address. Recorded already: nothing changes."""
    try:
        dynamodb.update(config().records_table, keys.address(org, email), Update().set(confirmed=True), absent("confirmed"))
    except dynamodb.ConditionFailed:
        return


def email_preferences_from(found: Item | None) -> EmailPreferences:
    """Return the preferences of an address. Older rows have one record for all: `suppressed_for`, with the moment `suppressed_at`."""
    values = plain(found) if found else {}
    complaints = {name.removeprefix(COMPLAINT) for name in values if name.startswith(COMPLAINT)}
    if values.get("suppressed_for") == "complained":
        complaints.add("")
    return EmailPreferences(
        unsubscribed=values.get("unsubscribed", False),
        bounce=_bounce_from(values, complained=bool(complaints)),
        complaints=tuple(sorted(complaints)),
        confirmed=values.get("confirmed", False),
        no_date_reminders=values.get("no_date_reminders", False),
        language=values.get("language") if values.get("language") in SUPPORTED else None,
    )


def _bounce_from(values: dict[str, Any], *, complained: bool) -> Bounce | None:
    older = values.get("suppressed", False) and (values.get("suppressed_for") == "bounced" or not complained)
    if not ("bounced_at" in values or older):
        return None
    at = values.get("bounced_at", values.get("suppressed_at"))
    return Bounce(times.read(at) if at else None, values.get("bounce_reason", ""))


@known
def organisation_from(row: Item) -> Organisation:
    values = plain(row)
    return ORGANISATIONS.read(values, org=values["pk"])


def _item(organisation: Organisation) -> Item:
    return {**keys.organisation(organisation.org).stored(), **item(ORGANISATIONS.write(organisation))}
