"""An organisation's keys for online payment: a row of their own, so that nothing reads them but what speaks with Stripe."""

from typing import Any

from chalicelib.rules.online_payment import StripeKeys
from chalicelib.settings import settings
from chalicelib.tables import keys, requests
from chalicelib.tables.items import item, plain


def get(org: str) -> StripeKeys:
    """Return the organisation's keys, empty where there are none."""
    found = requests.get(settings().records_table, keys.stripe_keys(org))
    values = plain(found) if found else {}
    return StripeKeys(values.get("secret_key", ""), values.get("webhook_secret", ""))


def writing(org: str, kept: StripeKeys) -> dict[str, Any]:
    """Return the write that keeps the keys, or drops the row when none is left.

    It has no condition of its own: it is made with the organisation's row, whose version says that nobody changed either meanwhile.
    """
    records, key = settings().records_table, keys.stripe_keys(org).stored()
    values = item({"secret_key": kept.secret_key or None, "webhook_secret": kept.webhook_secret or None})
    return {"Put": {"TableName": records, "Item": {**key, **values}}} if values else {"Delete": {"TableName": records, "Key": key}}
