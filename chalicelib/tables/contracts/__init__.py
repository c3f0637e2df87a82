"""Contracts with their prices and participants, and their writes for other transactions."""

from chalicelib.tables.contracts.contracts import (
    close,
    codes_write,
    create,
    every,
    get,
    get_with_price,
    participants_write,
    remove,
    save,
    terms,
    terms_of,
)
from chalicelib.tables.contracts.participants import (
    assign_write,
    create_participant,
    creation_writes,
    delete_participant,
    find_participants,
    get_participant,
    participant_page,
    participants,
    save_participant,
    save_writes,
    unassign_write,
)
from chalicelib.tables.contracts.prices import create_price, delete_price, get_price, price_check, prices, save_price
