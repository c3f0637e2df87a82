"""`python -m bench.lighthouse`"""

import sys

from bench import figures
from bench.lighthouse import RESULTS, measure
from infra.local.npm import PackageMissingError


def main() -> int:
    """Print the figures. Fails if one is not reached, or cannot be measured here."""
    try:
        found = list(measure())
    except PackageMissingError as missing:
        print(missing)
        return 1
    figures.show(found, results=RESULTS)
    return 0 if all(figure.reached for figure in found) else 1


if __name__ == "__main__":
    sys.exit(main())
