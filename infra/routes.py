"""Which module answers at which address: `python -m infra.routes` reads the declarations and writes `chalicelib/web/routes.py`.

It is committed, since an application that had to look would import everything at every cold start.
"""

import pkgutil
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path

from chalicelib import api, pages
from chalicelib.api import endpoints
from chalicelib.pages import declaring
from chalicelib.web import routes

WRITTEN = Path(routes.__file__)
HEAD = '''"""Which module answers at which address. Written by `python -m infra.routes` from what the modules declare."""

ROUTES: dict[str, list[tuple[str, str]]] = {
'''

Routes = dict[str, list[tuple[str, str]]]


def main() -> None:
    WRITTEN.write_text(written(declared()))


def declared() -> Routes:
    """Return the addresses of every module that declares some, in the order in which it does."""
    for room in (api, pages):
        for module in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
            import_module(module.name)
    routes = [(one.handler.__module__, (one.method, one.path)) for one in endpoints.ENDPOINTS]
    routes += [(one.handler.__module__, (one.method, one.path)) for one in declaring.PAGES]
    found: Routes = {}
    for answering, route in sorted(routes, key=lambda named: named[0]):
        found.setdefault(answering, []).append(route)
    return found


def written(found: Routes) -> str:
    """Return the module that says so."""
    return HEAD + "".join(_module(name, of) for name, of in found.items()) + "}\n"


def _module(name: str, of: Iterable[tuple[str, str]]) -> str:
    return f'    "{name}": [\n' + "".join(f'        ("{method}", "{path}"),\n' for method, path in of) + "    ],\n"


if __name__ == "__main__":
    main()
