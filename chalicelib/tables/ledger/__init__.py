"""The roster ledger: the only package that writes free, held and taken spots. `rules/ledger.py` states the invariant."""

# Its conditions and changes are texts, where other tables write them as values (`conditions`): these writes are the measured hot path,
# they count inside the map of holds under names that depend on the chunk, and tests take single parts of a text out.

from chalicelib.tables.ledger.chunks import chunk_from, empty, hold_item, preferred, read, read_chunk
from chalicelib.tables.ledger.claims import claim, claim_publicly, claim_with_full_ledger, claim_write
from chalicelib.tables.ledger.confirmed_holds import Confirmed, HoldAwaitsPayment, HoldRunOut, confirm, confirm_holds_write
from chalicelib.tables.ledger.extras import claim_extra
from chalicelib.tables.ledger.full_cache import check as check_full_cache
from chalicelib.tables.ledger.full_cache import close as close_full_cache
from chalicelib.tables.ledger.full_cache import reopen
from chalicelib.tables.ledger.full_mark import FullMark, check_full_mark, full_mark_from, mark_full, remove_full_mark
from chalicelib.tables.ledger.holds import (
    HoldConfirmed,
    HoldGone,
    Located,
    hold_of,
    keep_extra_write,
    locate,
    locate_hold,
    recount,
    release,
    release_on,
    release_write,
    same_holds_checks,
)
from chalicelib.tables.ledger.offer import offer_writes
from chalicelib.tables.ledger.party_size import resize
from chalicelib.tables.ledger.payment_holds import PaymentHold, end_payment_hold, payment_hold_write
from chalicelib.tables.ledger.prolonged import prolong
from chalicelib.tables.ledger.rebalancing import resize_writes, settle_debt
from chalicelib.tables.ledger.reservations import claim_reserved, ready_chunks, release_reservation, reserve_writes
from chalicelib.tables.ledger.room import chunk_with_room
from chalicelib.tables.ledger.waitlist_count import check_queue, confirm_write, is_reserved, live_write, queue_write, recount_queue
