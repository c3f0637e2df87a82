"""The latest job that exported the codes of a contract or of a batch."""

from chalicelib.config import config
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.conditions import unchanged
from chalicelib.tables.items import stored


def export_job_of(org: str, contract: str, batch: str) -> str:
    """Return the job's id; empty when there was none."""
    found = dynamodb.get(config().records_table, keys.codes_export(org, contract, batch))
    return str(found["job"]["S"]) if found else ""


def record_export_job(org: str, contract: str, batch: str, job: str, *, was: str) -> None:
    """Record the job that follows the one that was read. A concurrent request records the same job."""
    row = {**keys.codes_export(org, contract, batch).stored(), "job": stored(job)}
    try:
        dynamodb.put(config().records_table, row, unchanged("job", was))
    except dynamodb.ConditionFailed:
        return
