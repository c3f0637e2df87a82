"""The keys of contracts, with their prices, participants, codes and imports."""

from chalicelib.tables.keys.key import MOST_BYTES_OF_PK, Key, check_length

IDENTIFIED = "IDENTIFIED#"
CONTRACT = "CONTRACT#"
PRICE = "PRICE#"
PARTICIPANT = "PARTICIPANT#"
BATCH = "BATCH#"
IMPORT = "IMPORT#"


def contract(org: str, id: str) -> Key:
    return Key(f"{org}#contracts", f"{CONTRACT}{id}")


def contract_terms(org: str) -> Key:
    return Key(org, "CONTRACTS")


def under_contract(org: str, contract: str) -> str:
    """Return the `pk` of a contract's prices, participants and batches. Raises NotFound for one that is too long."""
    pk = f"{org}#contract#{contract}"
    check_length(pk, MOST_BYTES_OF_PK)
    return pk


def price(org: str, contract: str, id: str) -> Key:
    return Key(under_contract(org, contract), f"{PRICE}{id}")


def price_code(org: str, contract: str, code: str) -> Key:
    return Key(under_contract(org, contract), f"PRICED#{code.casefold()}")


def contract_participant(org: str, contract: str, id: str) -> Key:
    return Key(under_contract(org, contract), f"{PARTICIPANT}{id}")


def identifier(org: str, contract: str, identifier: str) -> Key:
    """Return the key of a participant's identifier under a contract: a client id or an address, compared without case."""
    return Key(under_contract(org, contract), f"{IDENTIFIED}{identifier.casefold()}")


def batch(org: str, contract: str, id: str) -> Key:
    return Key(under_contract(org, contract), f"{BATCH}{id}")


def import_(org: str, id: str) -> Key:
    return Key(f"{org}#imports", f"{IMPORT}{id}")


def imports_of(org: str, contract: str) -> str:
    """Return the partition of the imports into a contract; `contract` is empty for imports of customers."""
    return f"{org}#imports#{contract}"


def code(org: str, code: str) -> Key:
    return Key(f"{org}#{code}")


def issued(org: str, request: str) -> Key:
    return Key(f"{org}#issued#{request}")
