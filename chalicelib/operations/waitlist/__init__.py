"""The waitlist of a session: join, leave; look, move, remove; offers by hand and by themselves."""

from chalicelib.operations.waitlist.attending import attend, attend_all
from chalicelib.operations.waitlist.joining import Joined, join, put_in_line
from chalicelib.operations.waitlist.keeping import leave, move_entry, remove_entry
from chalicelib.operations.waitlist.offering import Offered, offer_by_hand
from chalicelib.operations.waitlist.reading import OwnPlace, WaitlistView, explain, look_at_place, read_place, read_waitlist

__all__ = [
    "Joined",
    "Offered",
    "OwnPlace",
    "WaitlistView",
    "attend",
    "attend_all",
    "explain",
    "join",
    "leave",
    "look_at_place",
    "move_entry",
    "offer_by_hand",
    "put_in_line",
    "read_place",
    "read_waitlist",
    "remove_entry",
]
