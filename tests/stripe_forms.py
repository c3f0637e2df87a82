"""The forms of requests to Stripe, as Stripe's own Python package declares them for the pinned version of the API.

No package of PyPI or npm brings Stripe's OpenAPI document. The types of `stripe` 10.12 are generated from the one of version 2024-06-20.
"""

import sys
import typing
from collections.abc import Mapping
from typing import Any, NotRequired, get_args, get_origin

from stripe import Refund, _request_options
from stripe.checkout import Session
from typing_extensions import is_typeddict

FORMS: dict[str, Any] = {
    "/v1/checkout/sessions": Session.CreateParams,
    "/v1/checkout/sessions/expire": Session.ExpireParams,
    "GET /v1/checkout/sessions": Session.ListParams,
    "/v1/refunds": Refund.CreateParams,
    "GET /v1/refunds": Refund.ListParams,
}
OF_THE_CLIENT = {"api_key", "stripe_version", "stripe_account", "idempotency_key", "headers", "max_network_retries", "content_type"}
"""Options of the package's calls that never lie in a form."""


class UnknownFormError(AssertionError):
    """Stripe declares no such field, or another kind of value for it."""


def check(path: str, fields: Mapping[str, str]) -> None:
    """Raise UnknownFormError if the fields of a request to a path of the API do not have the form that Stripe declares."""
    _check(FORMS[path], _tree(fields), path)


def _tree(fields: Mapping[str, str]) -> dict[str, Any]:
    """Return the fields with their brackets as nested mappings."""
    tree: dict[str, Any] = {}
    for name, text in fields.items():
        *outer, last = name.replace("]", "").split("[")
        node = tree
        for part in outer:
            node = node.setdefault(part, {})
        node[last] = text
    return tree


def _check(declared: Any, given: Any, where: str) -> None:
    kind = get_origin(declared)
    if kind is NotRequired:
        return _check(get_args(declared)[0], given, where)
    if is_typeddict(declared):
        return _check_mapping(declared, given, where)
    if kind in {list, typing.List}:  # noqa: UP006 - the package declares lists so
        if not isinstance(given, dict) or sorted(given) != [str(index) for index in range(len(given))]:
            raise UnknownFormError(f"{where} is a list")
        for index, one in given.items():
            _check(get_args(declared)[0], one, f"{where}[{index}]")
        return None
    if kind is dict:
        if not (isinstance(given, dict) and all(isinstance(one, str) for one in given.values())):
            raise UnknownFormError(f"{where} is a map of texts")
        return None
    if kind is typing.Union:
        return _check_union(declared, given, where)
    return _check_text(declared, given, where)


def _check_mapping(declared: Any, given: Any, where: str) -> None:
    hints = typing.get_type_hints(declared, {**vars(_request_options), **vars(sys.modules[declared.__module__])}, include_extras=True)
    if not isinstance(given, dict):
        raise UnknownFormError(f"{where} has fields of its own")
    for name, value in given.items():
        if name not in hints or name in OF_THE_CLIENT:
            raise UnknownFormError(f"{where} has no field {name}")
        _check(hints[name], value, f"{where}.{name}")
    for name, hint in hints.items():
        if get_origin(hint) is not NotRequired and name not in given and name not in OF_THE_CLIENT:
            raise UnknownFormError(f"{where} needs {name}")


def _check_union(declared: Any, given: Any, where: str) -> None:
    faults = []
    for one in get_args(declared):
        try:
            return _check(one, given, where)
        except UnknownFormError as fault:
            faults.append(fault)
    raise faults[0]


def _check_text(declared: Any, given: Any, where: str) -> None:
    if not isinstance(given, str):
        raise UnknownFormError(f"{where} has no fields of its own")
    if get_origin(declared) is typing.Literal and given not in get_args(declared):
        raise UnknownFormError(f"{where} is one of {get_args(declared)}")
    if declared is int and not given.lstrip("-").isdecimal():
        raise UnknownFormError(f"{where} is a whole number")
    if declared is bool and given not in {"true", "false"}:
        raise UnknownFormError(f"{where} is true or false")
