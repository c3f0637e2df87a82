"""What both contenders are asked to do, through HTTP only."""

from collections.abc import Callable, Iterable
from typing import Protocol


class Contender(Protocol):
    """An application that runs, with everything that it needs."""

    @property
    def name(self) -> str: ...

    @property
    def processes(self) -> Iterable[int]:
        """Its processes; those that they started belong to it too."""
        ...

    def application_seconds(self) -> float:
        """Return the processor seconds so far of the programs that need a processor in production."""
        ...

    def session(self, spots: int) -> str:
        """Create a session for which anybody may register free of charge, and return its name."""
        ...

    def book(self, session: str, email: str, *, confirmed: bool = True) -> bool:
        """Book a spot as an integrator, through the API. Return False if there is none left."""
        ...

    def book_on_pages(self, session: str, email: str) -> bool:
        """Book a spot as a customer: open the session's page, fill in its form, see the booking. Return False if there is none left."""
        ...

    def read_roster(self, session: str) -> int:
        """Read everybody who is booked, with names and addresses, and return how many spots they have."""
        ...

    def create_codes(self, session: str, many: int) -> int:
        """Create codes with which one spot each is booked, and return how many were made."""
        ...

    def invitation(self, session: str) -> Callable[[str], None]:
        """Open the session to invite to, and return a function that sends an address an invitation that holds a spot."""
        ...

    def join(self, session: str, email: str) -> None:
        """Put somebody on the waitlist of a full session."""
        ...

    def offer(self, session: str, spots: int) -> None:
        """Give a session this many spots, and have its free spots offered to the waitlist."""
        ...

    def recipients(self) -> Iterable[str]:
        """Return the address of each e-mail that was delivered so far."""
        ...
