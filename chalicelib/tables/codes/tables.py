"""Which job wrote the codes of a contract, or of a batch, last."""

from chalicelib.settings import settings
from chalicelib.tables import keys, requests
from chalicelib.tables.items import stored

NONE_YET = "attribute_not_exists(job)"
AS_READ = "job = :was"


def table_of(org: str, contract: str, batch: str) -> str:
    """Return the job, empty when there was none."""
    found = requests.get(settings().records_table, keys.codes_table(org, contract, batch))
    return str(found["job"]["S"]) if found else ""


def name_table(org: str, contract: str, batch: str, job: str, *, was: str) -> None:
    """Note the job that follows the one that was read. Whoever else noted one has noted the same."""
    row = {**keys.codes_table(org, contract, batch).stored(), "job": stored(job)}
    values = {":was": stored(was)} if was else None
    try:
        requests.put(settings().records_table, row, AS_READ if was else NONE_YET, values=values)
    except requests.ConditionFailed:
        return
