"""Notifications to staff about events that others caused, with read marks for each member."""

from chalicelib.operations.notifications.queries import (
    NotificationPage,
    NotificationView,
    count_unread,
    list_notifications,
    read_notification,
)
from chalicelib.operations.notifications.read_marks import read_all, read_some
from chalicelib.operations.notifications.record import (
    record,
    record_bounced,
    record_decision,
    record_job,
    record_mail_pause,
    record_sold_out,
)
