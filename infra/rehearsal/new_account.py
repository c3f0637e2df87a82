"""SES of a new account: a domain is verified some time after it was made known, and until AWS has granted access to production an e-mail
leaves for verified addresses alone, and for the mailbox simulator.

Sources: Amazon SES developer guide, “Creating and verifying identities” and “Request production access (moving out of the sandbox)”.
"""

import os
import time
from hashlib import sha256
from typing import Any

from ministack.services import ses_v2 as ses

from infra.local.simulator import DOMAIN

SECONDS = float(os.environ["SECONDS_TO_VERIFY"])
"""How long verification takes. It counts from the first request to SES after the identity was made: that request finds it unverified."""
SANDBOX = os.environ["SANDBOX"] == "1"
TOKENS = 3
_seen: dict[str, float] = {}


def look() -> None:
    """Bring what SES knows of identities and of the account up to now. Every request to SES begins with it."""
    if SANDBOX and not ses._account_details.get("account"):
        ses._account_details["account"] = {"ProductionAccessEnabled": False}
    for gone in _seen.keys() - set(ses._identities):
        del _seen[gone]
    for name, identity in ses._identities.items():
        verified = time.monotonic() - _seen.setdefault(name, time.monotonic()) >= SECONDS
        identity["VerifiedForSendingStatus"] = verified
        if "@" not in name:
            identity["DkimAttributes"] = _dkim(name, verified=verified)


def _dkim(domain: str, *, verified: bool) -> dict[str, Any]:
    tokens = [sha256(f"{domain} {number}".encode()).hexdigest()[:32] for number in range(TOKENS)]
    return {"SigningEnabled": True, "Status": "SUCCESS" if verified else "PENDING", "Tokens": tokens}


def is_verified(address: str) -> bool:
    """Return whether the address or its domain is verified."""
    names = (address, address.rpartition("@")[2])
    return any(ses._identities.get(name, {}).get("VerifiedForSendingStatus") for name in names)


def may_receive(address: str) -> bool:
    """Return whether SES sends to the address: to any, once AWS has granted access to production."""
    account = ses._account_details.get("account") or {}
    return account.get("ProductionAccessEnabled", True) or address.endswith(f"@{DOMAIN}") or is_verified(address)
