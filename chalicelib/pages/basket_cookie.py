"""A basket as the browser keeps it: in a signed cookie, so that nothing is stored before it is placed, and no script is needed."""

import json
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import ValidationError

from chalicelib.operations import links
from chalicelib.pages import cookies
from chalicelib.rules.baskets import MOST_LINES, BasketFull
from chalicelib.rules.inputs.baskets import BasketLineInput
from chalicelib.rules.refusals import NotFound
from chalicelib.web.call import Call

MOST_BYTES = 3600
"""Browsers keep 4096 bytes of a cookie, with its name and attributes."""
TYPED = ("name", "email", "discount_code")


@dataclass(frozen=True)
class Basket:
    """The lines of a basket, and the typed fields about the booker."""

    lines: tuple[BasketLineInput, ...] = ()
    typed: Mapping[str, str] = field(default_factory=dict)

    @property
    def booker(self) -> dict[str, str]:
        """The name and the address of the booker, as far as they were typed."""
        return {name: self.typed[name] for name in ("name", "email") if name in self.typed}

    def with_line(self, line: BasketLineInput) -> "Basket":
        return replace(self, lines=(*self.lines, line))

    def without(self, index: int) -> "Basket":
        return replace(self, lines=tuple(line for number, line in enumerate(self.lines) if number != index))

    def with_typed(self, typed: Mapping[str, str]) -> "Basket":
        """Return the basket with what a form says about who books; an empty field changes nothing but the discount code."""
        said = {name: typed[name].strip() for name in TYPED if name in typed and (typed[name].strip() or name == "discount_code")}
        return replace(self, typed={**self.typed, **said})

    def values(self) -> list[dict[str, Any]]:
        """Return the lines as the values of an input."""
        return [line.model_dump(mode="json", exclude_defaults=True) for line in self.lines]


EMPTY = Basket()


def read(call: Call, org: str) -> Basket:
    """Return the basket of this browser at an organisation; an empty one without a genuine cookie."""
    token = cookies.basket_token(call, org)
    if not token:
        return EMPTY
    try:
        cookie = json.loads(zlib.decompress(urlsafe_b64decode(links.read_basket_token(org, token))))
        return Basket(tuple(BasketLineInput.model_validate(line) for line in cookie["lines"]), cookie["typed"])
    except (NotFound, ValidationError, ValueError, KeyError, zlib.error):
        return EMPTY  # An earlier version wrote another form, or the key was renewed.


def write(org: str, basket: Basket) -> str:
    """Return the Set-Cookie value that keeps a basket; an empty one is forgotten. Raises BasketFull."""
    if not basket.lines:
        return cookies.keep_basket(org, "")
    cookie = json.dumps({"lines": basket.values(), "typed": dict(basket.typed)}, separators=(",", ":"))
    token = links.basket_token(org, urlsafe_b64encode(zlib.compress(cookie.encode(), 9)).decode())
    if len(basket.lines) > MOST_LINES or len(token) > MOST_BYTES:
        raise BasketFull
    return cookies.keep_basket(org, token)


def clear(org: str) -> str:
    """Return the Set-Cookie value that forgets the basket."""
    return cookies.keep_basket(org, "")
