"""The shares of a discount code. Its uses are counted on many, so that bookings at the same moment do not wait for one another.

A code with a limit allots its uses to the shares: its own row counts every use that is allotted, as if it were used, and a share gives
no more uses than it was allotted. So there are never more uses than allowed, whatever happens at the same time. Without a limit, nothing
is allotted. Uses that the version before counted stand on the code's own row.
"""

import zlib
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

SHARES = 32


class DiscountShare(NamedTuple):
    """One share of a code. Without a limit, or from the time before there was one, it has more uses than it was allotted."""

    used: int = 0
    allotted: int = 0

    @property
    def left(self) -> int:
        return max(0, self.allotted - self.used)

    @property
    def beyond(self) -> int:
        return max(0, self.used - self.allotted)


class UseCounts(NamedTuple):
    """The counts of a code: on its own row, and on each share by its number."""

    on_row: int
    """The uses that the version before counted, and those allotted to shares."""
    shares: Sequence[DiscountShare]

    @property
    def used(self) -> int:
        return self.on_row + sum(share.used - share.allotted for share in self.shares)

    @property
    def open_shares(self) -> list[int]:
        """The numbers of the shares that have uses left."""
        return [number for number, share in enumerate(self.shares) if share.left]

    def spare(self, most: int) -> int:
        """Return how many of `most` uses are not allotted; negative if too many are, after the limit was lowered."""
        return most - self.on_row - sum(share.beyond for share in self.shares)

    def needs_allotting(self, most: int) -> bool:
        """Whether no share may give a use before the uses are allotted anew: too many are allotted, or uses are left on none."""
        is_left, spare = bool(self.open_shares), self.spare(most)
        return spare < 0 if is_left else spare > 0


def allotments(counts: UseCounts, most: int) -> Mapping[int, int]:
    """Return the changes, share → uses, after which `most` uses are allotted, evenly where there are more to give."""
    spare, changes = counts.spare(most), [share.beyond for share in counts.shares]
    for number in range(max(0, spare) % SHARES):
        changes[number] += 1
    changes = [change + max(0, spare) // SHARES for change in changes]
    for number in sorted(counts.open_shares, key=lambda number: counts.shares[number].left, reverse=True):
        back = min(max(0, -spare), counts.shares[number].left)
        changes[number] -= back
        spare += back
    return {number: change for number, change in enumerate(changes) if change}


def chosen(left: Sequence[int], booking_id: str, attempt: int = 0) -> int:
    """Return the number of a share, by which different bookings, and attempts of one, are spread over what is left on each.

    A share with more left is chosen more often, so that all run out at about the same time: the last uses lie on many shares, and those
    who want them do not all wait for one.
    """
    reached = list(accumulate(left))
    return bisect_right(reached, zlib.crc32(f"{booking_id}#{attempt}".encode()) % reached[-1])
