"""Money in integer minor units of one currency."""

from typing import Annotated, NamedTuple

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

NO_DECIMALS = {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"}
THREE_DECIMALS = {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"}
FOUR_DECIMALS = {"CLF", "UYW"}
MINOR_UNITS = {**dict.fromkeys(NO_DECIMALS, 0), **dict.fromkeys(THREE_DECIMALS, 3), **dict.fromkeys(FOUR_DECIMALS, 4)}
"""Decimal places by ISO 4217 where they are not two. CLDR's differ: it leaves out places that are out of use."""
LISTED = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CLF CLP CNY COP COU
CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD
JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO
NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT
TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
"""
IN_USE = frozenset(LISTED.split())
"""The currencies and funds of ISO 4217 in 2026, without metals, units of banks, and codes for tests. Stored amounts may have others."""
LARGEST_AMOUNT = 100_000_000


def _in_use(code: str) -> str:
    if code not in IN_USE:
        raise PydanticCustomError("unknown_currency", "Use a currency code of ISO 4217 such as EUR.")
    return code


Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$", examples=["EUR"]), AfterValidator(_in_use)]


class Money(NamedTuple):
    """An amount in minor units: 1250 EUR are twelve euros fifty."""

    amount: int
    currency: str

    def times(self, factor: int) -> "Money":
        return Money(self.amount * factor, self.currency)


def decimal(money: Money) -> str:
    """Return the amount in major units with a decimal point, which spreadsheets read as a number."""
    digits = MINOR_UNITS.get(money.currency, 2)
    return f"{money.amount / 10**digits:.{digits}f}"


class Price(BaseModel):
    """A price in JSON."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    amount: Annotated[int, Field(ge=0, le=LARGEST_AMOUNT, strict=True)]
    currency: Currency

    def money(self) -> Money:
        return Money(self.amount, self.currency)
