"""Report the faults of the stage and their remedies. Changes nothing."""

from argparse import ArgumentParser, Namespace
from itertools import groupby

from infra.deployment import check
from infra.deployment.stage import Stage


def add(parser: ArgumentParser) -> None:
    parser.add_argument("--stage", required=True)


def run(options: Namespace) -> int:
    """List the findings, grouped by remedy; remarks do not fail the check."""
    found = sorted(check.findings(Stage(options.stage)), key=lambda finding: (not finding.wrong, finding.do))
    for do, together in groupby(found, key=lambda finding: finding.do):
        for finding in together:
            print(f"{'WRONG' if finding.wrong else 'note '}  {finding.says}")
        print(f"       → {do}")
    wrong = sum(finding.wrong for finding in found)
    print(f"Stage {options.stage}: {wrong} wrong, {len(found) - wrong} to know." if found else f"Stage {options.stage} is as it must be.")
    return 1 if wrong else 0
