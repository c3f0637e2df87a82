"""The names of a stage's resources."""

import re
from dataclasses import dataclass
from pathlib import Path

APP = "rollbook"
API = "api_handler"
API_STAGE = "v"
PROJECT = Path(__file__).parent.parent.parent
CHALICE = PROJECT / ".chalice"
HANDLERS = (API, "on_rosters", "on_messages", "on_records", "on_deliveries", "on_jobs", "on_webhooks", "run_schedules")
"""The handlers that Lambda calls by name, as app.py declares them."""
NAME = re.compile(r"[a-z][a-z0-9-]{0,20}")
"""What a stage may be called, as the templates say: buckets and queues have its name in theirs."""


class DeployingError(Exception):
    """A deployment cannot continue. The text names the remedy, and is all that an operator sees."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage by its name, `prod` say. Raises DeployingError for a name that AWS would not take."""

    name: str

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise DeployingError(f"{self.name!r} cannot be a stage: use up to 21 small letters, digits and hyphens, such as prod.")

    @property
    def stack(self) -> str:
        return f"{APP}-{self.name}"

    @property
    def functions(self) -> dict[str, str]:
        """The functions' names in AWS, by their handlers."""
        return {handler: self.function(handler) for handler in HANDLERS}

    def function(self, handler: str) -> str:
        return f"{APP}-{self.name}" if handler == API else f"{APP}-{self.name}-{handler}"

    def role(self, handler: str) -> str:
        """The name of a function's role, and of the policy in it, as Chalice composes it."""
        return f"{APP}-{self.name}-{handler}"

    @property
    def failed_records(self) -> str:
        """The queue of records that the streams' functions could not handle."""
        return f"{APP}-{self.name}-stream-failed"

    @property
    def config_folder(self) -> Path:
        """The folder that Chalice reads."""
        return CHALICE

    @property
    def state_file(self) -> Path:
        """The file in which Chalice records its resources."""
        return CHALICE / "deployed" / f"{self.name}.json"
