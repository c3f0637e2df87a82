"""Refunds: asked for by staff or a family, made by Stripe or noted by hand, and recorded once whoever tells of them."""

from chalicelib.operations.refunds.ask import plan_all, refund
from chalicelib.operations.refunds.complete import complete, complete_later, complete_next
from chalicelib.operations.refunds.report import note_reported
