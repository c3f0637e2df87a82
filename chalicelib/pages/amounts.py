"""Amounts of money in forms: typed in major units, with a decimal point or a decimal comma."""

import re
from decimal import Decimal

from chalicelib.rules.money import LARGEST_AMOUNT, MINOR_UNITS, Money, decimal
from chalicelib.rules.translation import N_

NO_AMOUNT = N_("Write an amount such as 12.50.")
TWO_WAYS = N_("This can be read in two ways. Write one thousand as 1000, and one as 1.00.")
SPACES = re.compile("(?<=[0-9])[ \u00a0\u202f'\u2019](?=[0-9]{3}(?:[^0-9]|$))")
"""Separators of thousands that are never a decimal sign: a space or an apostrophe before three digits."""
PLAIN = re.compile(r"(?=[.,]?[0-9])[0-9]{0,12}(?:[.,][0-9]{0,6})?")
GROUPED = re.compile(r"([0-9]{1,3})((?:\.[0-9]{3})+)(,[0-9]{0,6})?|([0-9]{1,3})((?:,[0-9]{3})+)(\.[0-9]{0,6})?")
ONE_GROUP = re.compile(r"[0-9]{1,3}[.,][0-9]{3}")


class NoSuchAmountError(ValueError):
    """The text is not an amount in this currency, or is ambiguous. The message tells the user how to write it."""

    def __init__(self, sentence: str = NO_AMOUNT) -> None:
        super().__init__(sentence)


def field(money: Money) -> str:
    """Return an amount as a field shows it: `12.50`."""
    return decimal(money)


def typed(text: str, currency: str) -> int:
    """Return a typed amount in minor units. Accepts `12.50`, `12,5`, `1 234,50` and `1,234.50`.

    `1,000` means one thousand in some countries and one in others. It is refused, unless the currency has no decimal places
    (then it is a thousand). With three decimal places, `1.000` is one. Raises NoSuchAmountError for invalid and ambiguous text,
    and for amounts above LARGEST_AMOUNT.
    """
    digits = MINOR_UNITS.get(currency, 2)
    amount = Decimal(_plain(SPACES.sub("", text.strip()), digits)).scaleb(digits)
    if amount != amount.to_integral_value() or amount > LARGEST_AMOUNT:
        raise NoSuchAmountError
    return int(amount)


def _plain(text: str, digits: int) -> str:
    """Return the number with a decimal point and without separators of thousands. Raises NoSuchAmountError."""
    one_group = ONE_GROUP.fullmatch(text) and not text.startswith("0")
    if one_group and digits and not ("." in text and digits == 3):
        raise NoSuchAmountError(TWO_WAYS)
    if PLAIN.fullmatch(text) and not (one_group and not digits):
        return text.replace(",", ".")
    if GROUPED.fullmatch(text):
        *_, last = re.finditer("[.,]", text)
        whole, decimals = (text[: last.start()], text[last.end() :]) if len(set(re.findall("[.,]", text))) == 2 else (text, "")
        return re.sub("[.,]", "", whole) + f".{decimals}"
    raise NoSuchAmountError
