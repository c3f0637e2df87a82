"""Refusals: a refusal is a fact that prevents a request, with its data.

Every refusal is one of the seven kinds below, by what may help the caller. `web/refusals.py` maps the kind to the HTTP status.
"""

from collections.abc import Sequence
from typing import ClassVar, Self

from chalicelib.rules.translation import N_, Filled

Fault = tuple[str, str, str]
"""A fault of one field: a JSON pointer to it, a code, and a sentence."""


class Refusal(Exception):
    """The request cannot be fulfilled. `sentence` tells the person what to do next."""

    code: ClassVar[str]
    sentence: str
    line: int | None = None
    """Which line of a basket it is about, from 0; None for one that is about the whole request."""

    def data(self) -> dict[str, object]:
        """Return the data of the refusal, which fill the sentence and may be shown beside it."""
        return dict(vars(self))

    def of_line(self, line: int) -> Self:
        """Return the refusal as that of a line of a basket."""
        self.line = line
        return self

    @property
    def filled(self) -> Filled:
        """The sentence with the data in it."""
        return Filled(self.sentence, self.data())


class Invalid(Refusal):
    """The input can never be accepted as it is. `faults` are about single fields."""

    faults: Sequence[Fault] = ()

    def data(self) -> dict[str, object]:
        return {name: value for name, value in super().data().items() if name != "faults"}

    def of_line(self, line: int) -> Self:
        self.faults = [(f"/lines/{line}{pointer}", code, sentence) for pointer, code, sentence in self.faults]
        return super().of_line(line)


class Forbidden(Refusal):
    """This person lacks the permission; another person may have it."""


class Missing(Refusal):
    """The thing does not exist."""


class Conflict(Refusal):
    """The request conflicts with the current state, and may succeed once that changes."""


class Gone(Refusal):
    """The thing existed and has ended for good."""


class TooOften(Refusal):
    """There were too many attempts. The next one may follow after `retry_after` seconds."""

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after


class Unavailable(Refusal):
    """The request cannot be handled now. It may be repeated unchanged."""


class ValidationFailed(Invalid):
    """Fields of the input have faults; `faults` lists all of them."""

    code = "validation_failed"
    sentence = N_("Some fields are missing or not as they should be. See the list of errors.")

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = faults


class NotFound(Missing):
    """The thing does not exist in this organisation. Another organisation's thing gets the same answer."""

    code = "not_found"
    sentence = N_("There is nothing here under this address. Check the link, or go back to the list.")


class ChangedMeanwhile(Conflict):
    code = "changed_meanwhile"
    sentence = N_("Somebody changed this while you were editing it. Reload it, then make your change again.")


class Busy(Unavailable):
    """Too many concurrent requests wrote to the same item."""

    code = "busy"
    sentence = N_("Many people are doing this at the same moment. Please try again in a few seconds.")
