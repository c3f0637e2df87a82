"""Pages of a list. The address of each page carries the filter and a cursor that is bound to both."""

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.pages import frames
from chalicelib.pages.paths import path
from chalicelib.pages.visit import Visit
from chalicelib.tables.items import Item
from chalicelib.web import cursors

CURSOR = "cursor"


@dataclass(frozen=True, slots=True)
class PageLinks:
    """The links from one page of a list to others; an empty one leads nowhere."""

    first: str
    next: str


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of a list: its address, its filter, and the name of its cursor in the query."""

    visit: Visit
    filter: Mapping[str, str]
    cursor: str = CURSOR

    @classmethod
    def of(cls, visit: Visit, *names: str, cursor: str = CURSOR) -> "ListPage":
        """Read the filter of these names from the query."""
        return cls(visit, {name: visit.call.query.get(name, "").strip() for name in names}, cursor)

    @property
    def start(self) -> Item | None:
        """Where the page starts. Raises BadCursor."""
        return cursors.start_key_of(self.visit.call.query.get(self.cursor) or None, of=self._list)

    @property
    def is_first(self) -> bool:
        return not self.visit.call.query.get(self.cursor)

    def links(self, next_start: Item | None) -> PageLinks:
        """Return the links of this page. `following` is where the next page starts."""
        kept = {**self.filter, **frames.appearance(self.visit.call)}
        sealed = cursors.cursor_of(next_start, of=self._list)
        onward = path(self.visit.path, **kept, **{self.cursor: sealed}) if sealed else ""
        return PageLinks("" if self.is_first else path(self.visit.path, **kept), onward)

    @property
    def here(self) -> str:
        """The path of this page with its query, for a form that comes back to it."""
        kept = {**self.filter, self.cursor: self.visit.call.query.get(self.cursor, "")}
        return path(self.visit.path, **kept, **frames.appearance(self.visit.call))

    @property
    def _list(self) -> str:
        return "\n".join(("page", self.cursor, self.visit.path, *(f"{name}={value}" for name, value in sorted(self.filter.items()))))
