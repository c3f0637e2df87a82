"""The writes of a waitlist offer: one transaction takes the spots and counts the party out of the queue."""

from typing import Any

from chalicelib.rules.ledger import Hold
from chalicelib.tables.ledger.claims import claim_write
from chalicelib.tables.ledger.waitlist_count import queue_write


def offer_writes(
    org: str, session: str, number: int, hold_id: str, hold: Hold, *, in_line: bool, unconfirmed: bool = False
) -> list[dict[str, Any]]:
    """Return the transaction writes that take free spots and, if the entry is `in_line`, count the party out of the queue.

    On chunk 0 both become one write, because a transaction may write an item only once.
    """
    claim = claim_write(org, session, number, hold_id, hold)
    if not in_line:
        return [claim]
    leave = queue_write(org, session, hold.spots, -1, unconfirmed=unconfirmed)
    return [{"Update": _both(claim["Update"], leave["Update"])}] if number == 0 else [claim, leave]


def _both(claim: dict[str, Any], leave: dict[str, Any]) -> dict[str, Any]:
    return {
        **claim,
        "UpdateExpression": f"{claim['UpdateExpression']} {leave['UpdateExpression']}",
        "ConditionExpression": f"{claim['ConditionExpression']} AND {leave['ConditionExpression']}",
        "ExpressionAttributeValues": claim["ExpressionAttributeValues"] | leave["ExpressionAttributeValues"],
    }
