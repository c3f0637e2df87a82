"""A scheduler for two processes: each takes whole files, or other groups of tests that belong together."""

from xdist.scheduler import LoadScopeScheduling

TOGETHER = {
    "tests/live/browser/": "one local stack and one Chromium",
    "tests/live/deployed/": "one deployment",
    "tests/live/http/": "one local stack",
    "tests/infra/local/test_stack.py": "what must be done in seconds",
    "tests/live/codes/test_races.py": "what must be done in seconds",
    "tests/live/ledger/test_invoice_numbers.py": "what must be done in seconds",
    "tests/live/ledger/test_outages.py": "what must be done in seconds",
    "tests/live/ledger/test_races.py": "what must be done in seconds",
    "tests/live/waitlist/test_races.py": "what must be done in seconds",
    "tests/live/messages/test_outbox.py": "what must be done in seconds",
}
"""What goes to one process, one after the other, and why."""


class Sharing(LoadScopeScheduling):  # type: ignore[misc]
    def _split_scope(self, nodeid: str) -> str:
        return next((why for place, why in TOGETHER.items() if nodeid.startswith(place)), nodeid.partition("::")[0])
