"""What the local stack starts with: the owner, and a demo organisation."""

from datetime import datetime


def plant(demo: bool, password: str, *, now: datetime) -> None:
    """Plant nothing yet."""
