"""The HTTP contract in JSON: routes, what they answer, and its description."""

from chalicelib.api import health
from chalicelib.api.endpoints import ENDPOINTS, blueprint

__all__ = ["ENDPOINTS", "blueprint", "health"]
