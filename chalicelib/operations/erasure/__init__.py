"""Erasure of a customer: a job that removes their personal data from every row."""

from chalicelib.operations.erasure.start import Consequences, consequences, erase_customer
from chalicelib.operations.erasure.steps import run_steps
