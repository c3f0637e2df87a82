"""Registrations: a row each, and a row per participant.

Rows are written before the ledger confirms; one that never got its hold stands on no roster and is swept away.
"""

from chalicelib.tables.registrations.changing import add_payment, move_writes, rewrite, set_billing, set_party
from chalicelib.tables.registrations.finding import all_of_address, find, get, of_address, orders, taken
from chalicelib.tables.registrations.rows import registration_from
from chalicelib.tables.registrations.writing import (
    ParticipantTaken,
    mark_confirmed,
    remove,
    renew,
    take_back,
    write,
    write_with,
)

__all__ = [
    "ParticipantTaken",
    "add_payment",
    "all_of_address",
    "find",
    "get",
    "mark_confirmed",
    "move_writes",
    "of_address",
    "orders",
    "registration_from",
    "remove",
    "renew",
    "rewrite",
    "set_billing",
    "set_party",
    "take_back",
    "taken",
    "write",
    "write_with",
]
