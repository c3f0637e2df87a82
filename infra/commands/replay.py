"""Handle failed stream records again: from the stream within 24 hours, later from the tables."""

from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime

from infra.deployment.clients import client
from infra.deployment.stage import Stage
from infra.operation.environment import use_environment_of
from infra.operation.failures import FailureQueue
from infra.operation.functions import Invoke, function_caller, schedule_event
from infra.operation.replay import Outcome, replay, replay_missed_reactions, return_unhandled


def add(parser: ArgumentParser) -> None:
    parser.add_argument("--stage", required=True)
    parser.add_argument(
        "--from-tables", action="store_true", help="then find in the tables what should have followed and did not, and do it"
    )
    parser.add_argument("--give-up", action="store_true", help="remove from the queue what fails again: nothing tries it any more")
    parser.add_argument("--dry-run", "--plan", action="store_true", dest="plan", help="only say what there is to do")


def run(options: Namespace) -> int:
    """Replay the failure queue; with --from-tables make up for missing reactions as well. Repeating it sends nothing twice."""
    stage = Stage(options.stage)
    use_environment_of(stage)
    return replayed(stage, function_caller(client("lambda")), from_tables=options.from_tables, give_up=options.give_up, dry=options.plan)


def replayed(stage: Stage, invoke: Invoke, *, from_tables: bool, give_up: bool = False, dry: bool) -> int:
    queue = FailureQueue(client("sqs"), stage.failed_records)
    outcomes = []
    for outcome in replay(queue, client("dynamodbstreams"), invoke, dry=dry):
        print(outcome.said)
        outcomes.append(outcome)
    if from_tables and _made_up(stage, invoke, dry=dry) and not dry:
        outcomes = [_covered(queue, outcome) for outcome in outcomes]
    if give_up and not dry:
        outcomes = [_given_up(queue, outcome) for outcome in outcomes]
    return_unhandled(queue, outcomes)
    return _summed_up(stage, outcomes)


def _made_up(stage: Stage, invoke: Invoke, *, dry: bool) -> bool:
    """Make up for missing reactions, have overdue e-mails sent, and return whether all succeeded."""
    lines = 0
    well = True
    for line, done in replay_missed_reactions(now=datetime.now(UTC), dry=dry):
        print(line)
        lines, well = lines + 1, well and done
    print(f"{lines} {'would be' if dry else ''} made up for from the tables".replace("  ", " "))
    if not dry:
        done = invoke(stage.function("run_schedules"), schedule_event(datetime.now(UTC)))
        print(f"E-mails that had waited are being sent for {done['called']} organisations")
    return well


def _covered(queue: FailureQueue, outcome: Outcome) -> Outcome:
    """Remove the records that the stream no longer has: the tables have replaced them."""
    if not outcome.gone:
        return outcome
    queue.remove(outcome.receipt)
    return outcome._replace(done=True)


def _given_up(queue: FailureQueue, outcome: Outcome) -> Outcome:
    if outcome.done:
        return outcome
    queue.remove(outcome.receipt)
    print(f"given up: {outcome.said}")
    return outcome._replace(done=True)


def _summed_up(stage: Stage, outcomes: list[Outcome]) -> int:
    left = [outcome for outcome in outcomes if not outcome.done]
    if any(outcome.gone for outcome in left):
        print(f"What the stream has no more, the tables tell: python -m infra replay --stage {stage.name} --from-tables")
    print(f"{len(left)} left in the queue." if left else "The queue is empty.")
    return 1 if left else 0
