"""Erasing a customer: a job that goes through everything in which somebody can be named."""

from chalicelib.operations.erasing.beginning import Consequences, consequences, erase_customer
from chalicelib.operations.erasing.working import go_through

__all__ = ["Consequences", "consequences", "erase_customer", "go_through"]
