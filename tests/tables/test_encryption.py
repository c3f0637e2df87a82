"""Secrets in the tables, encrypted."""

from dataclasses import asdict

import pytest
from cryptography.fernet import InvalidToken

from chalicelib.config import config
from chalicelib.rules.online_payment import StripeKeys
from chalicelib.tables import dynamodb, keys, online_payment
from chalicelib.tables.encryption import decrypt, encrypt
from chalicelib.tables.items import item

KEYS = StripeKeys("sk_live_planted", "whsec_planted")


def test_a_secret_is_read_for_what_it_was_encrypted_for() -> None:
    assert decrypt(encrypt("secret", of="one"), of="one") == "secret"
    with pytest.raises(InvalidToken):
        decrypt(encrypt("secret", of="one"), of="another")


def test_a_copy_of_the_tables_has_no_stripe_key(tables: None) -> None:
    dynamodb.transact([online_payment.keys_write("demo", KEYS)])
    assert "planted" not in str(dynamodb.get(config().records_table, keys.stripe_keys("demo")))
    assert online_payment.get("demo") == KEYS


def test_keys_of_an_older_version_are_read(tables: None) -> None:
    row = {**keys.stripe_keys("demo").stored(), **item(asdict(KEYS))}
    dynamodb.put_new(config().records_table, row)
    assert online_payment.get("demo") == KEYS


def test_one_key_alone(tables: None) -> None:
    dynamodb.transact([online_payment.keys_write("demo", StripeKeys("", "whsec_planted"))])
    assert online_payment.get("demo") == StripeKeys("", "whsec_planted")
