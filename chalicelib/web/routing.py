"""Addresses, and the modules that answer there. A module is imported when one of its addresses is first called: a cold start pays for none.

What a module declares is kept here; `web/routes.py` says beforehand which module declares what.
"""

from collections.abc import Callable
from importlib import import_module

from chalice import Chalice, Response

from chalicelib.web.call import Call, current
from chalicelib.web.routes import ROUTES

Answering = Callable[[Call], Response]
_answering: dict[tuple[str, str], Answering] = {}


def declare(method: str, path: str, answer: Answering) -> None:
    """Let this answer calls to an address."""
    _answering[method, path] = answer


def open_routes(app: Chalice) -> None:
    """Give every address to the application."""
    for module, routes in ROUTES.items():
        for place, (method, path) in enumerate(routes):
            name = f"{module.removeprefix('chalicelib.').replace('.', '_')}_{place}"
            app.route(path, methods=[method], content_types=["*/*"], name=name)(_view(module, method, path))


def load(room: str) -> None:
    """Import every module of a room that answers anywhere."""
    for module in ROUTES:
        if module.startswith(f"{room}."):
            import_module(module)


def place_of(method: str, path: str) -> int:
    """Return where an address stands among all, so that lists of them have one order, whatever was imported first."""
    return _PLACES.get((method, path), len(_PLACES))


def _view(module: str, method: str, path: str) -> Callable[..., Response]:
    def view(**_: str) -> Response:
        if (method, path) not in _answering:
            import_module(module)
        return _answering[method, path](current())

    return view


_PLACES = {route: place for place, route in enumerate(route for routes in ROUTES.values() for route in routes)}
