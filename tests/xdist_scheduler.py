"""A scheduler for four processes on two cores: each takes whole files, or other groups of tests that belong together.

What must be done in seconds comes first. Beside it one process tests files, which keep one core busy, and the others hold still. Then come
the longest groups, so that no process has one left when the others are done. They wait most of the time, for a deployed application, a
browser or a server, hence more processes than cores.
"""

from functools import cached_property
from typing import Any

from xdist.scheduler import LoadScopeScheduling

DEPLOYMENT, BROWSER, SERVER = "one deployment", "one local stack and one Chromium", "one local stack"
SECONDS = "what must be done in seconds"
TOGETHER = {
    "tests/live/browser/": BROWSER,
    "tests/live/deployed/": DEPLOYMENT,
    "tests/live/http/": SERVER,
    "tests/infra/local/test_stack.py": SECONDS,
    "tests/live/codes/test_races.py": SECONDS,
    "tests/live/ledger/test_invoice_numbers.py": SECONDS,
    "tests/live/ledger/test_outages.py": SECONDS,
    "tests/live/ledger/test_races.py": SECONDS,
    "tests/live/waitlist/test_races.py": SECONDS,
    "tests/live/messages/test_outbox.py": SECONDS,
}
"""What goes to one process, one after the other, and why."""
FIRST = (SECONDS, DEPLOYMENT, BROWSER, SERVER)
BESIDE = 2
"""So many processes may run while a group must be done in seconds: as many as a small machine has cores."""


class Sharing(LoadScopeScheduling):  # type: ignore[misc]
    def _split_scope(self, nodeid: str) -> str:
        return next((why for prefix, why in TOGETHER.items() if nodeid.startswith(prefix)), nodeid.partition("::")[0])

    def mark_test_complete(self, node: Any, item_index: int, duration: float = 0) -> None:
        """Forget a group that is complete, and give work to those that held still for it."""
        group, timed = self._split_scope(self.collection[item_index]), self._is_timed(node)
        super().mark_test_complete(node, item_index, duration)
        if False not in self.assigned_work[node][group].values():
            del self.assigned_work[node][group]
        if timed and not self._is_timed(node):
            for other in self.nodes:
                self._reschedule(other)

    def _assign_work_unit(self, node: Any) -> None:
        """Give a process the next group, unless it must hold still."""
        if self._holds_still(node):
            return
        group = self._next_group(node)
        tests = self.assigned_work[node][group] = self.workqueue.pop(group)
        node.send_runtest_some([self._indexes[name] for name, complete in tests.items() if not complete])

    def _next_group(self, node: Any) -> str:
        """Return one that comes first, or a file beside what is timed."""
        beside = any(self._is_timed(other) for other in self.nodes if other is not node)
        preferred = [group for group in self.workqueue if group not in FIRST] if beside else FIRST
        return next((group for group in preferred if group in self.workqueue), next(iter(self.workqueue)))

    @cached_property
    def _indexes(self) -> dict[str, int]:
        """The places of the tests in the collection, which is the same in each process."""
        return {name: index for index, name in enumerate(self.collection)}

    def _holds_still(self, node: Any) -> bool:
        busy = [other for other in self.nodes if other is not node and self._pending_of(self.assigned_work[other])]
        return len(busy) >= BESIDE and any(map(self._is_timed, busy))

    def _is_timed(self, node: Any) -> bool:
        """Whether a process has tests left that must be done in seconds."""
        return False in self.assigned_work[node].get(SECONDS, {}).values()
