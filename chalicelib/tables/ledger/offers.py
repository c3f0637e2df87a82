"""Spots that go to somebody in line: taken, and counted out of the line, in one transaction."""

from typing import Any

from chalicelib.rules.ledger import Hold
from chalicelib.tables.ledger.claims import claim_write
from chalicelib.tables.ledger.line import line_write


def offer_writes(org: str, session: str, number: int, hold_id: str, hold: Hold, *, in_line: bool) -> list[dict[str, Any]]:
    """Return the writes that take free spots of a chunk and, for somebody in line, count the party out of it. No two on one item."""
    claim = claim_write(org, session, number, hold_id, hold)
    if not in_line:
        return [claim]
    out = line_write(org, session, hold.n, -1)
    return [{"Update": _both(claim["Update"], out["Update"])}] if number == 0 else [claim, out]


def _both(claim: dict[str, Any], out: dict[str, Any]) -> dict[str, Any]:
    return {
        **claim,
        "UpdateExpression": f"{claim['UpdateExpression']} {out['UpdateExpression']}",
        "ConditionExpression": f"{claim['ConditionExpression']} AND {out['ConditionExpression']}",
        "ExpressionAttributeValues": claim["ExpressionAttributeValues"] | out["ExpressionAttributeValues"],
    }
