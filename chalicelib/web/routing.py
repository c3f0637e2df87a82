"""Addresses, and the modules that answer there. A module is imported when one of its addresses is first called: a cold start pays for none.

What a module declares is kept here; `web/routes.py` says beforehand which module declares what. API Gateway and Chalice are told nothing
of it but how long a path may be: a REST API has room for three hundred resources, and every call leads to the same function anyway.
"""

from collections.abc import Callable
from importlib import import_module

from chalice import Chalice, Response

from chalicelib.web.call import Call, current
from chalicelib.web.routes import ROUTES

Answering = Callable[[Call], Response]
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
PARTS = "abcdefghij"
"""A path has at most so many parts; whatever is longer is nothing."""
NOWHERE = {"v1": "chalicelib.api.missing", "": "chalicelib.pages.missing"}
"""Who answers, by the first part of the path, where nothing is declared."""
_answering: dict[tuple[str, str], Answering] = {}
_nowhere: dict[str, Answering] = {}


def declare(method: str, path: str, answer: Answering) -> None:
    """Let this answer calls to an address."""
    _answering[method, path] = answer


def declare_nowhere(first: str, answer: Answering) -> None:
    """Let this answer calls to what is no address, under a first part of the path or, empty, under any other."""
    _nowhere[first] = answer


def open_routes(app: Chalice) -> None:
    """Let the application take every path."""
    for length in range(len(PARTS) + 1):
        path = "/" + "/".join(f"{{{part}}}" for part in PARTS[:length])
        app.route(path, methods=list(METHODS), content_types=["*/*"], name=f"answer_{length}")(_answer)


def load(room: str) -> None:
    """Import every module of a room that answers anywhere."""
    for module in ROUTES:
        if module.startswith(f"{room}."):
            import_module(module)


def place_of(method: str, path: str) -> int:
    """Return where an address stands among all, so that lists of them have one order, whatever was imported first."""
    return _PLACES.get((method, path), len(_PLACES))


def methods_of(path: str) -> list[str]:
    """Return the methods that are declared for an address."""
    return [method for method in METHODS if (method, path) in _MODULES]


def _answer(**_: str) -> Response:
    call = current()
    return _answers_to(call)(call)


def _answers_to(call: Call) -> Answering:
    module = _MODULES.get((call.method, call.route))
    if module is None:
        return _answers_nowhere(call.path.split("/")[1])
    if (call.method, call.route) not in _answering:
        import_module(module)
    return _answering[call.method, call.route]


def _answers_nowhere(first: str) -> Answering:
    known = first if first in NOWHERE else ""
    if known not in _nowhere:
        import_module(NOWHERE[known])
    return _nowhere[known]


_MODULES = {route: module for module, routes in ROUTES.items() for route in routes}
_PLACES = {route: place for place, route in enumerate(_MODULES)}
