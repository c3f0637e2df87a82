"""The stored form of templates stays: rows of the deployed version are read, and an equal row is written."""

from datetime import UTC, datetime

import pytest

from chalicelib.rules.email_templates import Template
from chalicelib.tables.email_templates import _item, _template_from
from chalicelib.tables.items import Item, item

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
EDITED = Template("demo", "confirmation", "fr", "Sujet", "Bonjour", 3, NOW, "owner@example.org")
EDITED_ROW = {
    "pk": "demo#templates",
    "sk": "TEMPLATE#confirmation#fr",
    "subject": "Sujet",
    "body": "Bonjour",
    "version": 3,
    "changed_at": "2026-11-22T12:00:00Z",
    "changed_by": "owner@example.org",
}
RESET = Template("demo", "confirmation", "fr", version=4, changed_at=NOW)
RESET_ROW = {"pk": "demo#templates", "sk": "TEMPLATE#confirmation#fr", "version": 4, "changed_at": "2026-11-22T12:00:00Z", "changed_by": ""}


@pytest.mark.parametrize(("template", "row"), [(EDITED, EDITED_ROW), (RESET, RESET_ROW)], ids=["edited", "reset"])
def test_a_template_is_stored_as_it_always_was(template: Template, row: Item) -> None:
    assert _item(template) == item(row)
    assert _template_from("demo", item(row)) == template
