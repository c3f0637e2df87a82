"""Replaying failed stream records, or making up for them from the tables."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from chalicelib.operations.replay import MissedReaction, missed_reactions
from chalicelib.rules.refusals import NotFound
from chalicelib.tables import organisations
from infra.operation.failures import FailedEvent, Failure, FailureQueue, RecordsGoneError, event_from, failure_from, records_of
from infra.operation.functions import FunctionFailedError, Invoke, failed_records

GONE = "gone"


class Outcome(NamedTuple):
    """The outcome of one message of the failure queue. `gone` says that the stream no longer has its records."""

    receipt: str
    said: str
    done: bool = False
    gone: bool = False


def replay(queue: FailureQueue, streams: Any, invoke: Invoke, *, dry: bool) -> Iterator[Outcome]:
    """Handle the records that the queue names again, and remove those that succeeded. The others stay hidden for a while: see `leave`."""
    for message in queue.receive():
        outcome = _outcome(message, streams, invoke, dry=dry)
        if outcome.done:
            queue.remove(outcome.receipt)
        yield outcome


def replay_missed_reactions(*, now: datetime, dry: bool) -> Iterator[tuple[str, bool]]:
    """Make up for missing reactions in every organisation; a failure does not stop the others. Return each in words, with its success.

    The reaction to a row that was deleted meanwhile is left out: it would do nothing.
    """
    for org in organisations.every():
        for one in missed_reactions(org, now=now):
            fault = "" if dry else _fault(one)
            if fault == GONE:
                continue
            what = f"{org} {f'session {one.session}' if one.session else 'portal'}: {one.what} {one.id}"
            yield f"{what}{f' failed ({fault})' if fault else ''}", not fault


def return_unhandled(queue: FailureQueue, outcomes: Iterable[Outcome]) -> None:
    """Make the messages that were not handled visible again."""
    for outcome in outcomes:
        if not outcome.done:
            queue.leave(outcome.receipt)


def _outcome(message: dict[str, Any], streams: Any, invoke: Invoke, *, dry: bool) -> Outcome:
    receipt, failure = message["ReceiptHandle"], failure_from(message)
    if event := event_from(message):
        return _of_event(event, invoke, dry=dry)
    if failure is None:
        return Outcome(receipt, f"message {message['MessageId']} is not one of Lambda's; it stays")
    try:
        records = records_of(streams, failure)
        failed = set() if dry else failed_records(invoke, failure.function, records)
    except RecordsGoneError:
        return Outcome(receipt, f"{failure.named}: the stream has them no more", gone=True)
    except FunctionFailedError as error:
        return Outcome(receipt, f"{failure.named}: {error}")
    return Outcome(receipt, _description(failure, failed, dry=dry), done=not (dry or failed))


def _of_event(failed: FailedEvent, invoke: Invoke, *, dry: bool) -> Outcome:
    """Hand an event to its function again."""
    if dry:
        return Outcome(failed.receipt, f"{failed.named}: would be handled again")
    try:
        invoke(failed.function, failed.event)
    except FunctionFailedError as error:
        return Outcome(failed.receipt, f"{failed.named}: {error}")
    return Outcome(failed.receipt, f"{failed.named}: handled", done=True)


def _description(failure: Failure, failed: set[str], *, dry: bool) -> str:
    if dry:
        return f"{failure.named}: would be handled again"
    again = f"failed again: {', '.join(sorted(failed))}. The function's log says why" if failed else "handled"
    return f"{failure.named}: {again}"


def _fault(one: MissedReaction) -> str:
    """Do it, and return the kind of what went wrong, if anything did, or GONE: its message may quote what people wrote."""
    try:
        one.do()
    except NotFound:
        return GONE
    except Exception as error:
        return type(error).__name__
    return ""
