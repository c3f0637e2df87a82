"""Input of an owner about API keys."""

from chalicelib.rules.api_keys import KeyRole
from chalicelib.rules.inputs.input import Input
from chalicelib.rules.text import Name
from chalicelib.rules.times import Moment


class ApiKeyInput(Input):
    name: Name
    role: KeyRole
    expires_at: Moment | None = None
    """The key is refused from then on; without it, until it is deleted."""
