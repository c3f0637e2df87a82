"""The archive of an organisation: a zip of JSON lines and files, with a manifest that says how many of each there are, and their digests.

manifest.json          format, organisation, when, and for each part its lines and SHA-256
rows/<table>.jsonl     a row in each line, in DynamoDB's JSON; bytes in base64
accounts.jsonl         the accounts that rows name: a name in place of the user's id, and the address
files/<bucket>/<key>   files and pictures
"""

import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

from pydantic import TypeAdapter

from chalicelib.tables.items import Item
from infra.deployment.stage import DeployingError

FORMAT = 1
MANIFEST = "manifest.json"
ACCOUNTS = "accounts.jsonl"
AT_ONCE = 1024**2
UNREADABLE = (BadZipFile, zlib.error, EOFError, RuntimeError)
"""The faults of a file that is no zip, is damaged, has a password, or is compressed in another way."""


class BadArchiveError(DeployingError):
    """The file is no archive of an organisation, or is damaged. The text says how."""


@dataclass(frozen=True, slots=True)
class Manifest:
    organisation: str
    exported_at: str
    format: int = FORMAT
    parts: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By name: `lines`, of a part of lines, `bytes` and `sha256`."""

    def is_equal(self, other: "Manifest") -> bool:
        """Whether both have the same content, whenever each was exported."""
        return (self.format, self.organisation, self.parts) == (other.format, other.organisation, other.parts)


class Writer:
    """Writes the parts of an archive, and the manifest last: a file without it was not finished."""

    def __init__(self, path: Path, manifest: Manifest) -> None:
        self._zip = ZipFile(path, "w", ZIP_DEFLATED)
        self.manifest = manifest

    def add_lines(self, name: str, lines: Iterable[str]) -> int:
        """Write a part of sorted lines, and return how many."""
        ordered = sorted(lines)
        self._add(name, "".join(f"{line}\n" for line in ordered).encode(), lines=len(ordered))
        return len(ordered)

    def add_file(self, bucket: str, key: str, content: bytes) -> None:
        self._add(f"files/{bucket}/{key}", content)

    def close(self) -> Manifest:
        self._zip.writestr(MANIFEST, json.dumps(asdict(self.manifest), indent=2, sort_keys=True))
        self._zip.close()
        return self.manifest

    def _add(self, name: str, content: bytes, **more: int) -> None:
        self._zip.writestr(name, content)
        self.manifest.parts[name] = {**more, "bytes": len(content), "sha256": sha256(content).hexdigest()}


class Reader:
    """An archive whose every part was compared with the manifest."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._zip = ZipFile(path)
            self.manifest = TypeAdapter(Manifest).validate_json(self._zip.read(MANIFEST))
        except (*UNREADABLE, KeyError, ValueError):
            raise BadArchiveError(f"{path} is no archive of an organisation, or is not complete. organisation export writes one.") from None
        if self.manifest.format != FORMAT:
            raise BadArchiveError(f"{path} has format {self.manifest.format}; this version reads {FORMAT}. Use the version that wrote it.")
        self._check()

    def lines(self, name: str) -> Iterator[str]:
        with self._zip.open(name) as part:
            for line in part:
                yield line.decode()

    def files(self) -> Iterator[tuple[str, str, bytes]]:
        """Yield bucket, key and content of each file."""
        for name in self.manifest.parts:
            if name.startswith("files/"):
                _, bucket, key = name.split("/", 2)
                yield bucket, key, self._zip.read(name)

    def _check(self) -> None:
        there = set(self._zip.namelist()) - {MANIFEST}
        if there != set(self.manifest.parts):
            raise BadArchiveError(f"{self.path}: the manifest and the parts differ: {', '.join(sorted(there ^ set(self.manifest.parts)))}.")
        for name, said in self.manifest.parts.items():
            try:
                found = self._measured(name)
            except UNREADABLE:
                raise BadArchiveError(f"{self.path}: {name} is damaged and cannot be read. Nothing was imported.") from None
            if "sha256" not in said or found | said != found:
                raise BadArchiveError(f"{self.path}: {name} is not what the manifest says. Nothing was imported.")

    def _measured(self, name: str) -> dict[str, Any]:
        digest, size, lines = sha256(), 0, 0
        with self._zip.open(name) as part:
            while block := part.read(AT_ONCE):
                digest.update(block)
                size, lines = size + len(block), lines + block.count(b"\n")
        return {"lines": lines, "bytes": size, "sha256": digest.hexdigest()}


def as_line(row: Item) -> str:
    """Return a row as a line of JSON."""
    return json.dumps(row, sort_keys=True, ensure_ascii=False, default=_as_base64)


def as_row(line: str) -> Item:
    """Return the row of a line."""
    return _attributes(json.loads(line))


def _attributes(read: dict[str, Any]) -> Item:
    return {name: _value(typed) for name, typed in read.items()}


def _as_base64(content: Any) -> str:
    if isinstance(content, bytes):
        return b64encode(content).decode()
    raise TypeError(f"{type(content).__name__} in a row")


def _value(typed: dict[str, Any]) -> dict[str, Any]:
    ((kind, value),) = typed.items()
    match kind:
        case "B":
            return {"B": b64decode(value)}
        case "M":
            return {"M": _attributes(value)}
        case "L":
            return {"L": [_value(one) for one in value]}
        case _:
            return dict(typed)
