"""The bell: what happens without staff is noticed once for all of them; each has their own mark of what they have seen."""

from chalicelib.operations.notifications.marking import read_all, read_some
from chalicelib.operations.notifications.reading import Page, Told, count_unread, list_notifications, read_notification
from chalicelib.operations.notifications.ringing import ring, ring_bounced, ring_job, ring_sold_out

__all__ = [
    "Page",
    "Told",
    "count_unread",
    "list_notifications",
    "read_all",
    "read_notification",
    "read_some",
    "ring",
    "ring_bounced",
    "ring_job",
    "ring_sold_out",
]
