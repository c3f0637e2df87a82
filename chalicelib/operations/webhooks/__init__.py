"""Webhooks: managed by owners, told what happened, sent with retries."""

from chalicelib.operations.webhooks.deliveries import DeliveryPage, list_deliveries, ping, send_again
from chalicelib.operations.webhooks.manage import WebhookWithSecret, create, delete, edit, every, read, rotate
from chalicelib.operations.webhooks.queue import queue_overdue
from chalicelib.operations.webhooks.record import ActiveWebhooks, record_entry, record_off
from chalicelib.operations.webhooks.send import send
