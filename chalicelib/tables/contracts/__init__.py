"""Contracts with their prices and participants, and the writes that other transactions take along."""

from chalicelib.tables.contracts.agreements import close, create, every, get, issuing_write, peopling_write, remove, save, terms
from chalicelib.tables.contracts.participants import (
    assign_write,
    create_participant,
    creation_writes,
    delete_participant,
    get_participant,
    participant_page,
    participants,
    save_participant,
    saving_writes,
    unassign_write,
)
from chalicelib.tables.contracts.prices import create_price, delete_price, get_price, price_check, prices, save_price

__all__ = [
    "assign_write",
    "close",
    "create",
    "create_participant",
    "create_price",
    "creation_writes",
    "delete_participant",
    "delete_price",
    "every",
    "get",
    "get_participant",
    "get_price",
    "issuing_write",
    "participant_page",
    "participants",
    "peopling_write",
    "price_check",
    "prices",
    "remove",
    "save",
    "save_participant",
    "save_price",
    "saving_writes",
    "terms",
    "unassign_write",
]
