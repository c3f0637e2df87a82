"""All refusals of the application."""

import importlib
import pkgutil
from collections.abc import Iterator
from functools import cache

import chalicelib
from chalicelib.rules.refusals import Refusal
from chalicelib.web.refusals import HttpRefusal

KINDS = (*(kind for kind in Refusal.__subclasses__() if kind.__module__ == Refusal.__module__), HttpRefusal)
"""The seven kinds, and what only HTTP knows: they are never raised themselves."""


@cache
def every() -> tuple[type[Refusal], ...]:
    """Return all refusal classes that can be raised, sorted by name."""
    for module in pkgutil.walk_packages(chalicelib.__path__, "chalicelib."):
        importlib.import_module(module.name)
    ours = {refusal for refusal in _below(Refusal) if refusal.__module__.startswith("chalicelib.")}
    return tuple(sorted(ours - set(KINDS), key=lambda refusal: refusal.__name__))


def _below(refusal: type[Refusal]) -> Iterator[type[Refusal]]:
    for inner in refusal.__subclasses__():
        yield inner
        yield from _below(inner)
