"""Registrations: a row each, and a row per participant.

Rows are written before the ledger confirms. A row without a confirmed hold is on no roster, and the sweeper deletes it.
"""

from chalicelib.tables.registrations.queries import all_of_address, find, get, of_address, orders, taken
from chalicelib.tables.registrations.rows import registration_from
from chalicelib.tables.registrations.updates import (
    add_payment,
    cancel_writes,
    move_writes,
    note_refunds,
    note_resend,
    rebill,
    rewrite,
    set_billing,
    set_party,
)
from chalicelib.tables.registrations.writes import (
    ParticipantGuards,
    ParticipantTaken,
    delete_attempt,
    mark_confirmed,
    remove,
    renew,
    write,
    write_with,
)
