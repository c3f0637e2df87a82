"""Registrations: the public registers, staff remove."""

from chalicelib.operations.registrations.registering import Registered, quote, register
from chalicelib.operations.registrations.removing import read_registration, remove_registration

__all__ = ["Registered", "quote", "read_registration", "register", "remove_registration"]
