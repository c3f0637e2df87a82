"""Say what of the stage is not as it must be, and what to do about it. Changes nothing."""

from argparse import ArgumentParser, Namespace
from itertools import groupby

from infra.deploying import checking
from infra.deploying.stage import Stage


def add(parser: ArgumentParser) -> None:
    parser.add_argument("--stage", required=True)


def run(asked: Namespace) -> int:
    """List the findings, those with one remedy together; those that are only to be known fail nothing."""
    found = sorted(checking.findings(Stage(asked.stage)), key=lambda finding: (not finding.wrong, finding.do))
    for do, together in groupby(found, key=lambda finding: finding.do):
        for finding in together:
            print(f"{'WRONG' if finding.wrong else 'note '}  {finding.says}")
        print(f"       → {do}")
    wrong = sum(finding.wrong for finding in found)
    print(f"Stage {asked.stage}: {wrong} wrong, {len(found) - wrong} to know." if found else f"Stage {asked.stage} is as it must be.")
    return 1 if wrong else 0
