"""The reference of P3: a route that does nothing, written as an application with Chalice, pydantic and Powertools usually is.

It reads a body into a model, logs one line with the invocation's context, counts one metric and answers a model as JSON. The decorators of
Powertools are Chalice middleware through `ConvertToMiddleware`, which Chalice has for them. It has no authorisation, language, CORS,
security headers or database.
"""

from typing import IO

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from chalice import Chalice, Response
from chalice.app import ConvertToMiddleware
from pydantic import BaseModel

PATH = "/v1/organisations/{org}/empty"
BODY = b'{"name": "Kim", "party_size": 2}'


class BookingInput(BaseModel):
    name: str
    party_size: int


class Booking(BaseModel):
    org: str
    name: str
    party_size: int


def empty_application(log: IO[str]) -> Chalice:
    """Return the application, which logs into `log`; its metrics are printed."""
    app = Chalice(app_name="empty", configure_logs=False)
    logger, metrics = Logger(service="empty", level="INFO", stream=log), Metrics(namespace="Empty", service="empty")
    app.register_middleware(ConvertToMiddleware(logger.inject_lambda_context))
    app.register_middleware(ConvertToMiddleware(metrics.log_metrics))

    @app.route(PATH, methods=["POST"])  # type: ignore[untyped-decorator]
    def empty(org: str) -> Response:
        draft = BookingInput.model_validate_json(app.current_request.raw_body)
        logger.info("made")
        metrics.add_metric(name="Made", unit=MetricUnit.Count, value=1)
        made = Booking(org=org, name=draft.name, party_size=draft.party_size)
        return Response(made.model_dump_json(), headers={"Content-Type": "application/json"}, status_code=201)

    return app
