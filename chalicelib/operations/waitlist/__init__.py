"""The waitlist of a session: join, leave; list, move, remove; offers by staff and automatic ones."""

from chalicelib.operations.waitlist.advance import advance, advance_all
from chalicelib.operations.waitlist.alternatives import choices, read_alternatives, waits_elsewhere
from chalicelib.operations.waitlist.entries import confirm, leave, move_entry, remove_entry
from chalicelib.operations.waitlist.join import Joined, add_by_staff, join
from chalicelib.operations.waitlist.offer import Offered, offer_by_hand
from chalicelib.operations.waitlist.queries import OwnPlace, WaitlistView, explain, is_confirmed, read_own_entry, read_place, read_waitlist
from chalicelib.operations.waitlist.stream_batch import Waitlists
