"""Contracts with client organisations: terms, prices, and the participants who may book."""

from chalicelib.operations.contracts.contracts import create_contract, delete_contract, edit_contract, list_contracts, read_contract
from chalicelib.operations.contracts.participants import (
    ParticipantPage,
    add_participant,
    delete_participant,
    edit_participant,
    find_participants,
    list_participants,
    read_participant,
)
from chalicelib.operations.contracts.prices import create_price, delete_price, edit_price, list_prices, read_price
