"""A refusal is a fact that stops what somebody asked for. It names the fact and carries its data."""

from typing import ClassVar


def marked(text: str) -> str:
    """Mark a sentence for translation; whoever shows it translates it."""
    return text


class Refusal(Exception):
    """What was asked for cannot be done; `sentence` tells the person what to do next."""

    code: ClassVar[str]
    sentence: str

    def data(self) -> dict[str, object]:
        """The facts behind the refusal: they fill the sentence and may be shown beside it."""
        return dict(vars(self))


class NotFound(Refusal):
    """Nothing of that name here; another organisation's thing looks just the same."""

    code = "not_found"
    sentence = marked("There is nothing here under this address. Check the link, or go back to the list.")


class ChangedMeanwhile(Refusal):
    code = "changed_meanwhile"
    sentence = marked("Somebody changed this while you were editing it. Reload it, then make your change again.")


class Busy(Refusal):
    """Too much happened at once; the same request may be sent again."""

    code = "busy"
    sentence = marked("Many people are doing this at the same moment. Please try again in a few seconds.")


class DoesNotFit(Refusal):
    """What was sent is read and does not fit what is there: every fault of it, as (JSON pointer, code, sentence)."""

    code = "validation_failed"
    sentence = marked("Some fields are missing or not as they should be. See the list of errors.")

    def __init__(self, faults: list[tuple[str, str, str]]) -> None:
        self.faults = faults

    def data(self) -> dict[str, object]:
        return {}
