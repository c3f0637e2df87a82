"""The parts of the local stack, started in order and stopped in the opposite order."""

import importlib
import os
import time
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from chalicelib import item_requests
from infra.local import dynamodb_local, emulator, quick_sdk, simulator
from infra.local.activity import Activity
from infra.local.child import Child
from infra.local.console import keep_logs_in, say
from infra.local.gateway import STARTING, Context, Gateway
from infra.local.http_server import Handler, Server
from infra.local.mailbox.emails import Letter
from infra.local.mailbox.mail_store import MailStore
from infra.local.mailbox.server import STRIPE, Mailbox
from infra.local.options import Options
from infra.local.queues import Poller, Queue
from infra.local.readiness import wait_for_sign_in
from infra.local.resources import RETRYING, configure_application, configure_clients, create_resources, stream_arns
from infra.local.schedules import RUN_NOW, Scheduler
from infra.local.state import exclusive_use, read_state, write_environment, write_state
from infra.local.stream_records import Stream
from infra.local.streams import Pump
from infra.local.stripe.account import read_account
from infra.local.stripe.events import Webhooks
from infra.local.stripe.server import Stripe

EMULATOR_SECONDS = 30
LAST_MAIL_SECONDS = 0.7
LOG = "rollbook.log"
READS = ("GET", "HEAD", "OPTIONS")
OWNER = "owner@demo.test"


def bring_up(chosen: Options, running: ExitStack) -> Sequence[Child]:
    """Start everything and print the addresses; return the programs that must stay alive."""
    began = time.monotonic()
    quick_sdk.speed_up()
    running.enter_context(exclusive_use(chosen.state))
    front, post = (_listen(port, running) for port in (chosen.port, chosen.mail_port))
    keep_logs_in(chosen.state / LOG)
    post.handler = Mailbox(
        MailStore(chosen.state / "mail" / "messages.jsonl"),
        rollbook=front.url,
        taken=_accepted,
        secrets_of=_secrets,
        stripe=_stripe(chosen, front, post),
    )
    children = _settle_in(chosen, running, public_url=front.url, mailbox=post.url)
    _open(front, chosen, running)
    _welcome(chosen, front=front, post=post, seconds=time.monotonic() - began)
    return children


def _accepted(sent: Letter) -> None:
    simulator.send_event(sent, lambda event: _invoke(importlib.import_module("app").on_deliveries, event))


def _secrets(org: str) -> Sequence[str]:
    """Return the secrets with which calls of webhooks are signed, the newest of each."""
    webhooks = importlib.import_module("chalicelib.tables.webhooks")
    return [webhooks.decrypted(webhook.secret, org) for webhook in webhooks.every(org)]


def _stripe(chosen: Options, front: Server, post: Server) -> Stripe | None:
    """Return the stand-in for Stripe, and point the application there; None if the environment names another address."""
    if "ROLLBOOK_STRIPE_URL" in os.environ:
        return None
    file = chosen.state / "stripe.json"
    url = f"{post.url}/{STRIPE}"
    os.environ.update(ROLLBOOK_STRIPE_URL=url, ROLLBOOK_STRIPE_PAGES=post.url)
    return Stripe(url, read_account(file), file, tell=Webhooks(front.url, _webhook_secret).send)


def _webhook_secret(org: str) -> str:
    """Return the secret with which Stripe's events for an organisation are signed."""
    return str(importlib.import_module("chalicelib.tables.online_payment").get(org).webhook_secret)


def _listen(port: int, running: ExitStack) -> Server:
    server = Server(port, lambda _: STARTING)
    server.begin()
    running.callback(server.end)
    return server


def _settle_in(chosen: Options, running: ExitStack, *, public_url: str, mailbox: str) -> Sequence[Child]:
    """Start the AWS with everything that the application expects to find in it, and point the application there."""
    state = read_state(chosen.state)
    aws = emulator.start(chosen.state, port=state.emulator_port)
    running.callback(aws.stop)
    children, dynamodb = [aws.child], aws.dynamodb
    if chosen.java:
        database = running.enter_context(dynamodb_local.start(folder=chosen.state / "dynamodb"))
        children, dynamodb = [aws.child, database.child], database.endpoint
    aws.child.wait_for_port(aws.port, seconds=EMULATOR_SECONDS)
    configure_clients(dynamodb=dynamodb, emulator=aws.endpoint, mailbox=mailbox)
    state.emulator_port = aws.port
    found = create_resources(state)
    write_state(state, chosen.state)
    configure_application(state, public_url=public_url, issuer=aws.issuer(state.user_pool), found=found)
    write_environment(chosen.state)
    return children


def _open(front: Server, chosen: Options, running: ExitStack) -> None:
    """Load the application, create its data, start its streams, jobs and schedules, and open the ports."""
    app = importlib.import_module("app")
    schedules = importlib.import_module("chalicelib.events.schedules")
    payments = os.environ["ROLLBOOK_STRIPE_URL"].startswith(os.environ["ROLLBOOK_MAILBOX_URL"])
    importlib.import_module("infra.seed").create_data(chosen.demo, chosen.password, payments=payments, now=datetime.now(UTC))
    activity = Activity()
    pumps = _pumps(chosen.state, {"Rosters": app.on_rosters, "Messages": app.on_messages, "Records": app.on_records}, activity)
    for pump in pumps:
        pump.start()
    running.callback(_finish, pumps)
    for name, handler in {"jobs": app.on_jobs, "webhooks": app.on_webhooks}.items():
        address = os.environ[f"ROLLBOOK_{name.upper()}_QUEUE"]
        queue = Queue(boto3.client("sqs", config=RETRYING), address)
        poller = Poller(name, queue, activity.noting(partial(_invoke, handler)), activity)
        poller.start()
        running.callback(poller.stop)
    scheduler = Scheduler(schedules.run, pumps)
    scheduler.start()
    running.callback(scheduler.stop)
    gateway = Gateway(app.app, local={RUN_NOW: scheduler.respond})
    if not wait_for_sign_in(gateway, email=OWNER, password=chosen.password, host=front.url.partition("://")[2]):
        say(f"Signing in does not work yet. Look into {chosen.state / LOG}.")
    front.handler = _noted(gateway, activity)
    running.callback(front.end)


def _noted(gateway: Handler, activity: Activity) -> Handler:
    """Return the gateway; each request that may change something is noted. What another one did change is found a little later."""
    noting: Handler = activity.noting(gateway)
    return lambda request: gateway(request) if request.method in READS else noting(request)


def _pumps(state: Path, handlers: dict[str, Any], activity: Activity) -> list[Pump]:
    client, arns = boto3.client("dynamodbstreams", config=RETRYING.merge(Config(parameter_validation=False))), stream_arns()
    item_requests.shorten(client)
    return [
        Pump(
            name,
            Stream(client, arn=arns[name], checkpoint=state / "streams" / f"{name.lower()}.json"),
            activity.noting(partial(_invoke, handler)),
            failed=state / "failed.jsonl",
            activity=activity,
        )
        for name, handler in handlers.items()
    ]


def _invoke(handler: Any, event: dict[str, Any]) -> Any:
    return handler(event, Context())


def _finish(pumps: Sequence[Pump]) -> None:
    """Wait until the last e-mails are sent."""
    for pump in pumps:
        pump.drain(LAST_MAIL_SECONDS)
    for pump in pumps:
        pump.stop()


def _welcome(chosen: Options, *, front: Server, post: Server, seconds: float) -> None:
    say(f"""
  Rollbook is ready ({seconds:.1f} s)

    Pages and API   {front.url}
    Mailbox         {post.url}
    Sign in as      {OWNER}   {chosen.password}

  Everything is kept in {chosen.state}. Ctrl-C ends it.
""")
