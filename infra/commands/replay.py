"""Handle again what the streams' functions could not: from the stream within 24 hours, later from the tables."""

from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime

import boto3

from infra.deploying.stage import Stage
from infra.operating.acting import act_as
from infra.operating.failures import FailureQueue
from infra.operating.functions import Invoke, invoking, tick
from infra.operating.replaying import Outcome, leave, make_up, replay


def add(parser: ArgumentParser) -> None:
    parser.add_argument("--stage", required=True)
    parser.add_argument(
        "--from-tables", action="store_true", help="then find in the tables what should have followed and did not, and do it"
    )
    parser.add_argument("--dry-run", "--plan", action="store_true", dest="plan", help="only say what there is to do")


def run(asked: Namespace) -> int:
    """Replay the queue; with --from-tables make up for what was missed as well. Done again it sends nothing twice."""
    stage = Stage(asked.stage)
    act_as(stage)
    return replayed(stage, invoking(boto3.client("lambda")), from_tables=asked.from_tables, dry=asked.plan)


def replayed(stage: Stage, invoke: Invoke, *, from_tables: bool, dry: bool) -> int:
    queue = FailureQueue(boto3.client("sqs"), stage.failed_records)
    outcomes = []
    for outcome in replay(queue, boto3.client("dynamodbstreams"), invoke, dry=dry):
        print(outcome.said)
        outcomes.append(outcome)
    if from_tables and _made_up(stage, invoke, dry=dry) and not dry:
        outcomes = [_covered(queue, outcome) for outcome in outcomes]
    leave(queue, outcomes)
    return _summed_up(stage, outcomes)


def _made_up(stage: Stage, invoke: Invoke, *, dry: bool) -> bool:
    """Make up for what was missed, have waiting e-mails sent, and say whether all went well."""
    lines = 0
    well = True
    for line, done in make_up(now=datetime.now(UTC), dry=dry):
        print(line)
        lines, well = lines + 1, well and done
    print(f"{lines} {'would be' if dry else ''} made up for from the tables".replace("  ", " "))
    if not dry:
        done = invoke(stage.function("run_schedules"), tick(datetime.now(UTC)))
        print(f"E-mails that had waited are being sent for {done['called']} organisations")
    return well


def _covered(queue: FailureQueue, outcome: Outcome) -> Outcome:
    """Remove what the stream has no more: the tables have told all that there was to it."""
    if not outcome.gone:
        return outcome
    queue.remove(outcome.receipt)
    return outcome._replace(done=True)


def _summed_up(stage: Stage, outcomes: list[Outcome]) -> int:
    left = [outcome for outcome in outcomes if not outcome.done]
    if any(outcome.gone for outcome in left):
        print(f"What the stream has no more, the tables tell: python -m infra replay --stage {stage.name} --from-tables")
    print(f"{len(left)} left in the queue." if left else "The queue is empty.")
    return 1 if left else 0
