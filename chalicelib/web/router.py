"""Routing: the handler that a module of `api` or `pages` registers for a path and a method.

API Gateway knows every route under /v1. All other paths, and unknown ones under /v1, arrive through `{proxy+}`. `web/routes.py` lists
the module of each route; a module is imported when one of its routes is first called, so that a cold start imports none.
"""

from collections.abc import Callable, Iterable
from importlib import import_module

from chalice import Chalice, CORSConfig, Response

from chalicelib.web.call import Call, current
from chalicelib.web.cors import CORS
from chalicelib.web.routes import ROUTES

Handler = Callable[[Call], Response]
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
API = "v1"
NOT_FOUND = {API: "chalicelib.api.not_found", "": "chalicelib.pages.not_found"}
"""The modules of the 404 handlers, by the first segment of the path."""
_handlers: dict[tuple[str, str], Handler] = {}
_not_found: dict[str, Handler] = {}


def register(method: str, path: str, handler: Handler) -> None:
    """Register the handler of a route."""
    _handlers[method, path] = handler


def register_not_found(first: str, handler: Handler) -> None:
    """Register the 404 handler for paths that start with `first`, or for all other paths if it is empty."""
    _not_found[first] = handler


def add_routes(app: Chalice) -> None:
    """Add every route of the API, with CORS, and the catch-all routes to the Chalice application."""
    for path, methods in _methods_by_path.items():
        if path.startswith(f"/{API}/"):
            _add(app, path, methods, CORS)
    for path in (f"/{API}", f"/{API}/{{proxy+}}"):
        _add(app, path, METHODS, CORS)
    for path in ("/", "/{proxy+}"):
        _add(app, path, METHODS, None)


def load(package: str) -> None:
    """Import every module of a package that declares routes."""
    for module in ROUTES:
        if module.startswith(f"{package}."):
            import_module(module)


def position(method: str, path: str) -> int:
    """Return a route's position among all routes, so that their order does not depend on the order of imports."""
    return _positions.get((method, path), len(_positions))


def methods_of(path: str) -> list[str]:
    """Return the methods that a path accepts, with HEAD wherever GET is."""
    return [method for method in METHODS if method in _methods_by_path.get(path, ())]


def _add(app: Chalice, path: str, methods: Iterable[str], cors: CORSConfig | None) -> None:
    app.route(path, methods=list(methods), content_types=["*/*"], cors=cors, name=path)(_answer)


def _answer(**_: str) -> Response:
    call = current()
    return _handler(call)(call)


def _handler(call: Call) -> Handler:
    module = _modules.get((call.method, call.route))
    if module is None:
        return _not_found_handler(call.path.split("/")[1])
    if (call.method, call.route) not in _handlers:
        import_module(module)
    return _handlers[call.method, call.route]


def _not_found_handler(first: str) -> Handler:
    known = first if first in NOT_FOUND else ""
    if known not in _not_found:
        import_module(NOT_FOUND[known])
    return _not_found[known]


def _by_path() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for method, path in _modules:
        found.setdefault(path, []).extend([method, "HEAD"] if method == "GET" else [method])
    return found


_modules = {route: module for module, routes in ROUTES.items() for route in routes}
_positions = {route: position for position, route in enumerate(_modules)}
_methods_by_path = _by_path()
