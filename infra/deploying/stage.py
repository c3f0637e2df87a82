"""What the things of a stage are called."""

from dataclasses import dataclass
from pathlib import Path

APP = "rollbook"
API = "api_handler"
API_STAGE = "v"
PROJECT = Path(__file__).parent.parent.parent
CHALICE = PROJECT / ".chalice"
HANDLERS = (API, "on_rosters", "on_messages", "on_deliveries", "on_jobs", "run_schedules")
"""The handlers that Lambda calls by name, as app.py declares them."""


class DeployingError(Exception):
    """Something stands in the way. The text says what to do, and is all that an operator sees."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage by its name, `prod` say."""

    name: str

    @property
    def stack(self) -> str:
        return f"{APP}-{self.name}"

    @property
    def functions(self) -> dict[str, str]:
        """The functions' names in AWS, by their handlers."""
        return {handler: self.function(handler) for handler in HANDLERS}

    def function(self, handler: str) -> str:
        return f"{APP}-{self.name}" if handler == API else f"{APP}-{self.name}-{handler}"

    @property
    def failed_records(self) -> str:
        """The queue of what the streams' functions could not handle."""
        return f"{APP}-{self.name}-stream-failed"

    @property
    def state_file(self) -> Path:
        """Where Chalice remembers what it has made."""
        return CHALICE / "deployed" / f"{self.name}.json"
