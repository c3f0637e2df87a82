"""Puts the application together. Handlers that Lambda calls by name are declared here: in a blueprint they would run without this file."""

from datetime import UTC, datetime
from typing import Any

from chalice import Chalice

from chalicelib import cold_start

# isort: split
from chalicelib import telemetry
from chalicelib.settings import settings
from chalicelib.web.call import keep_call
from chalicelib.web.describing import described_by
from chalicelib.web.routing import open_routes


def _described() -> str:
    from chalicelib.api import openapi

    return openapi.description()


app = Chalice(app_name="rollbook", configure_logs=False)
app.api.binary_types = ["application/octet-stream", "multipart/form-data"]
app.register_middleware(telemetry.around, "http")
app.register_middleware(keep_call, "http")
for kind in ("dynamodb", "cloudwatch", "sqs", "scheduled"):
    app.register_middleware(telemetry.around_event, kind)
open_routes(app)
described_by(_described)


@app.on_dynamodb_record(stream_arn=settings().rosters_stream, starting_position="TRIM_HORIZON")
def on_rosters(event: Any) -> dict[str, Any]:
    """What changed on a roster becomes messages, and rows follow the ledger."""
    from chalicelib.events import rosters

    return rosters.handle(event.to_dict())


@app.on_dynamodb_record(stream_arn=settings().messages_stream, starting_position="TRIM_HORIZON")
def on_messages(event: Any) -> dict[str, Any]:
    """A queued message becomes an e-mail."""
    from chalicelib.events import messages

    return messages.handle(event.to_dict())


@app.on_cw_event({"source": ["aws.ses"]})
def on_deliveries(event: Any) -> None:
    """What became of an e-mail that SES has taken."""
    from chalicelib.events import deliveries

    deliveries.handle(event.to_dict())


@app.on_sqs_message(queue=settings().jobs_queue_name, batch_size=1)
def on_jobs(event: Any) -> dict[str, Any]:
    """One step of a job."""
    from chalicelib.events import jobs

    return jobs.handle(event.to_dict())


@app.schedule("rate(1 minute)")
def run_schedules(_event: Any) -> dict[str, int]:
    """What the clock brings."""
    from chalicelib.events import schedules

    return schedules.run(datetime.now(UTC))


cold_start.over()
