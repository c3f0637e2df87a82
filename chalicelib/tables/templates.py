"""Templates: a row for each e-mail and language that was ever edited. A reset keeps the row, so that versions never come again."""

from typing import Any

from chalicelib.rules import times
from chalicelib.rules.messages import Kind, Wording
from chalicelib.rules.organisations import Locale
from chalicelib.rules.refusals import ChangedMeanwhile
from chalicelib.rules.templates import Template
from chalicelib.settings import settings
from chalicelib.tables import keys, requests
from chalicelib.tables.items import Item, item, plain, stored

AS_READ = "version = :version"
NEVER_EDITED = "attribute_not_exists(pk)"
NEVER = 1
"""The version of what nobody ever edited."""


def get(org: str, name: Kind, locale: Locale) -> Template:
    """Return the template; one that nobody edited is there all the same, and empty."""
    found = requests.get(settings().records_table, keys.template(org, name, locale))
    return _template_from(org, found) if found else Template(org, name, locale)


def wording(org: str, name: Kind, locale: str) -> Wording | None:
    """Return the words that an e-mail has been given, None for the usual ones."""
    found = requests.get(settings().records_table, keys.template(org, name, locale))
    return _template_from(org, found).wording if found else None


def edited(org: str) -> list[Template]:
    """Return every template that has words of its own."""
    found = requests.query(
        TableName=settings().records_table,
        KeyConditionExpression="pk = :org",
        ExpressionAttributeValues={":org": {"S": keys.template(org, "", "").pk}},
    )
    return [template for template in (_template_from(org, entry) for entry in found) if template.edited]


def save(template: Template, *, was: Template) -> None:
    """Write the template over the version that was read, or raise ChangedMeanwhile."""
    first = was.version == NEVER
    condition, values = (NEVER_EDITED, None) if first else (AS_READ, {":version": stored(was.version)})
    try:
        requests.put(settings().records_table, _item(template), condition, values=values)
    except requests.ConditionFailed:
        raise ChangedMeanwhile from None


def _template_from(org: str, entry: Item) -> Template:
    values: dict[str, Any] = plain(entry)
    name, _, locale = values["sk"].removeprefix(keys.TEMPLATE).partition("#")
    return Template(
        org=org,
        name=name,
        locale=locale,
        subject=values.get("subject", ""),
        body=values.get("body", ""),
        version=values["version"],
        changed_at=times.read(values["changed_at"]),
        changed_by=values["changed_by"],
    )


def _item(template: Template) -> Item:
    return {
        **keys.template(template.org, template.name, template.locale).stored(),
        **item(
            {
                "subject": template.subject or None,
                "body": template.body or None,
                "version": template.version,
                "changed_at": template.changed_at and times.written(template.changed_at),
                "changed_by": template.changed_by,
            }
        ),
    }
