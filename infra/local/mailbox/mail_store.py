"""The store of the e-mails: one file with a line for each; memory has only a summary."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from infra.local.mailbox.emails import Letter, as_letter


@dataclass(frozen=True, slots=True)
class Summary:
    """The entry of a letter in the list, and the offset of its line in the file."""

    id: str
    at: float
    sender: str
    recipients: tuple[str, ...]
    subject: str
    attachments: int
    start: int
    length: int


class MailStore:
    """Letters in the order in which they came; safe to use from many threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._summaries: list[Summary] = []
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        self._read_again()

    def put(self, letter: Letter) -> None:
        """Keep the letter; it is on disk when this returns."""
        line = json.dumps(letter.as_dict()).encode() + b"\n"
        with self._lock, self._path.open("ab") as file:
            start = file.tell()
            file.write(line)
            file.flush()
            self._summaries.append(_summary(letter, start, len(line)))

    def summaries(self, address: str = "") -> list[Summary]:
        """Return the letters, newest first; only those to addresses that contain the given text."""
        wanted = address.strip().lower()
        with self._lock:
            newest_first = self._summaries[::-1]
        return [summary for summary in newest_first if any(wanted in recipient.lower() for recipient in summary.recipients)]

    def letter(self, id: str) -> Letter | None:
        summary = next((summary for summary in self.summaries() if summary.id == id), None)
        return next(self._read([summary])) if summary else None

    def letters(self) -> list[Letter]:
        """Return every letter, newest first."""
        return list(self._read(self.summaries()))

    def clear(self) -> None:
        with self._lock:
            self._path.write_bytes(b"")
            self._summaries = []

    def _read(self, summaries: list[Summary]) -> Iterator[Letter]:
        with self._path.open("rb") as file:
            for summary in summaries:
                file.seek(summary.start)
                yield as_letter(json.loads(file.read(summary.length)))

    def _read_again(self) -> None:
        """Read the file of an earlier run, and cut off a line that a crash left unfinished."""
        end = 0
        with self._path.open("rb+") as file:
            for line in file:
                if not line.endswith(b"\n"):
                    file.truncate(end)
                    break
                self._summaries.append(_summary(as_letter(json.loads(line)), end, len(line)))
                end += len(line)


def _summary(letter: Letter, start: int, length: int) -> Summary:
    recipients = tuple(letter.recipients)
    return Summary(letter.id, letter.at, letter.sender, recipients, letter.subject, len(letter.attachments), start, length)
