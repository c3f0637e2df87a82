"""Templates: a row for each e-mail and language that was ever edited. A reset keeps the row, so that no version occurs twice."""

from chalicelib.config import config
from chalicelib.languages import Locale
from chalicelib.rules.email_templates import Template
from chalicelib.rules.letters import TemplateText
from chalicelib.rules.messages import EmailKind
from chalicelib.rules.refusals import ChangedMeanwhile
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.codec import Codec
from chalicelib.tables.conditions import NEW, as_read
from chalicelib.tables.items import Item, item, plain
from chalicelib.tables.saves import save as save_row

NEVER = 1
"""The version of a template that was never edited."""

TEMPLATES = Codec(Template, elsewhere={"org", "name", "locale"}, always={"version", "changed_by"})


def get(org: str, name: EmailKind, locale: Locale) -> Template:
    """Return the template, an empty one when it was never edited."""
    found = dynamodb.get(config().records_table, keys.template(org, name, locale))
    return _template_from(org, found) if found else Template(org, name, locale)


def custom_text(org: str, name: EmailKind, locale: str) -> TemplateText | None:
    """Return the organisation's custom text; None for the default one."""
    found = dynamodb.get(config().records_table, keys.template(org, name, locale))
    return _template_from(org, found).custom_text if found else None


def edited(org: str) -> list[Template]:
    """Return all templates with custom text."""
    found = dynamodb.query(
        TableName=config().records_table,
        KeyConditionExpression="pk = :org",
        ExpressionAttributeValues={":org": {"S": keys.template(org, "", "").pk}},
    )
    return [template for template in (_template_from(org, row) for row in found) if template.edited]


def save(template: Template, *, was: Template) -> None:
    """Write the template over the version that was read. Raises ChangedMeanwhile."""
    never_edited = was.version == NEVER
    try:
        if never_edited:
            dynamodb.put(config().records_table, _item(template), NEW)
        else:
            save_row(config().records_table, _item(template), TEMPLATES.attributes, as_read(was.version))
    except dynamodb.ConditionFailed:
        raise ChangedMeanwhile from None


def _template_from(org: str, row: Item) -> Template:
    values = plain(row)
    name, _, locale = values["sk"].removeprefix(keys.TEMPLATE).partition("#")
    return TEMPLATES.read(values, org=org, name=name, locale=locale)


def _item(template: Template) -> Item:
    return {**keys.template(template.org, template.name, template.locale).stored(), **item(TEMPLATES.write(template))}
