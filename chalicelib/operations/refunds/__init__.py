"""Refunds: asked for by staff or a family, made by Stripe or noted by hand, and recorded once, however often they are reported."""

from chalicelib.operations.refunds.ask import refund, refund_session, to_refund, with_all_back
from chalicelib.operations.refunds.complete import complete, complete_later, complete_next, current
from chalicelib.operations.refunds.report import note_reported
