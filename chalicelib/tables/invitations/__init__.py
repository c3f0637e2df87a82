"""Invitations: a row each, and a guard row that prevents a second live one for the same address.

The row records actions (ended, resent, waits for approval); only the ledger knows whether the spots are held or taken.
"""

from chalicelib.tables.invitations.queries import all_of_address, count_waiting, due, find, get, of_address, of_addresses_on, soonest
from chalicelib.tables.invitations.reminders import find_all, reschedule_reminder
from chalicelib.tables.invitations.rows import invitation_from
from chalicelib.tables.invitations.updates import (
    NotMovable,
    ask_approval,
    drop_claimant,
    end,
    mark_accepted,
    note_delivered,
    note_resend,
    prolong_write,
    readdress,
)
from chalicelib.tables.invitations.writes import (
    AddressTaken,
    InvitationGuards,
    RowDiffers,
    delete_attempt,
    put_back,
    renew,
    row_writes,
    write,
    write_revived,
)
