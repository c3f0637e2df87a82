"""The Chalice application: its middleware, its routes and its Lambda handlers.

Handlers that Lambda calls by name are declared here: declared in a blueprint, they would run without importing this file.
"""

from datetime import UTC, datetime
from typing import Any

from chalice import Chalice

from chalicelib import cold_start

# isort: split
from chalicelib import telemetry
from chalicelib.config import config
from chalicelib.web.call import keep_call
from chalicelib.web.openapi import built_by
from chalicelib.web.router import add_routes


def _openapi_document() -> str:
    from chalicelib.api import openapi

    return openapi.description()


JOBS_AT_ONCE, WEBHOOKS_AT_ONCE = 10, 3
"""So many steps of jobs, and attempts of webhooks: bulk work and receivers that hang must not use up what the account may run at once."""
app = Chalice(app_name="rollbook", configure_logs=False)
app.api.binary_types = ["application/octet-stream", "multipart/form-data"]
app.register_middleware(telemetry.around, "http")
app.register_middleware(keep_call, "http")
for kind in ("dynamodb", "cloudwatch", "sqs", "scheduled"):
    app.register_middleware(telemetry.around_event, kind)
add_routes(app)
built_by(_openapi_document)


@app.on_dynamodb_record(stream_arn=config().rosters_stream, starting_position="TRIM_HORIZON")
def on_rosters(event: Any) -> dict[str, Any]:
    """Follow the Rosters stream: send messages and update the rows that depend on the ledger."""
    from chalicelib.events import rosters

    return rosters.handle(event.to_dict())


@app.on_dynamodb_record(stream_arn=config().messages_stream, starting_position="TRIM_HORIZON")
def on_messages(event: Any) -> dict[str, Any]:
    """Follow the Messages stream: send every queued message as an e-mail."""
    from chalicelib.events import messages

    return messages.handle(event.to_dict())


@app.on_dynamodb_record(stream_arn=config().records_stream, starting_position="TRIM_HORIZON")
def on_records(event: Any) -> dict[str, Any]:
    """Follow the Records stream: write the audit log, and record what webhooks are told."""
    from chalicelib.events import audit

    return audit.handle(event.to_dict())


@app.on_cw_event({"source": ["aws.ses"]})
def on_deliveries(event: Any) -> None:
    """Record what SES reports about an e-mail: delivered, bounced or complained."""
    from chalicelib.events import deliveries

    deliveries.handle(event.to_dict())


@app.on_sqs_message(queue=config().jobs_queue_name, batch_size=1, maximum_concurrency=JOBS_AT_ONCE)
def on_jobs(event: Any) -> dict[str, Any]:
    """Run one step of a job."""
    from chalicelib.events import jobs

    return jobs.handle(event.to_dict())


@app.on_sqs_message(queue=config().webhooks_queue_name, batch_size=1, maximum_concurrency=WEBHOOKS_AT_ONCE)
def on_webhooks(event: Any) -> dict[str, Any]:
    """Attempt one delivery of a webhook."""
    from chalicelib.api.webhook_data import data_of
    from chalicelib.events import webhooks

    return webhooks.handle(event.to_dict(), data_of=data_of)


@app.schedule("rate(1 minute)")
def run_schedules(_event: Any) -> dict[str, int]:
    """Run what is due: expiry, waitlist offers, reminders, overdue messages and jobs."""
    from chalicelib.events import schedules

    return schedules.run(datetime.now(UTC))


cold_start.finish()
