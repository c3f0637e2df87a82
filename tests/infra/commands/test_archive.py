"""An archive is checked before anything of it is imported."""

import json
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest

from infra.__main__ import main
from infra.operation.archive import ACCOUNTS, BadArchiveError, Manifest, Reader, Writer
from infra.operation.archive_contents import PARTS, check

Parts = dict[str, bytes]
Lines = dict[str, list[str]]
SETTINGS = '{"pk": {"S": "demo"}, "sk": {"S": "ORGANISATION"}}'
CODES = "rows/codes.jsonl"


def write(path: Path, lines: Lines | None = None, org: str = "demo") -> Path:
    """Write a small archive, with these lines more, and a manifest whose digests are right."""
    parts: Lines = {**{part: [] for part in PARTS}, "rows/records.jsonl": [SETTINGS], CODES: ['{"pk": {"S": "demo#A"}}']}
    writer = Writer(path, Manifest(org, "2026-11-22T12:00:00Z"))
    for part in sorted(parts | (lines or {})):
        writer.add_lines(part, [*parts.get(part, []), *(lines or {}).get(part, [])])
    writer.add_file("pictures", f"{org}/a.jpg", b"JPEG" * 99)
    writer.close()
    return path


def test_an_archive_of_one_organisation_is_fine(tmp_path: Path) -> None:
    archive = Reader(write(tmp_path / "good.zip"))
    check(archive)
    assert archive.manifest.parts[CODES]["lines"] == 1


def _replaced(name: str, old: bytes, new: bytes) -> Callable[[Parts], Parts]:
    return lambda parts: parts | {name: parts[name].replace(old, new)}


DAMAGES: dict[str, Callable[[Parts], Parts]] = {
    "a line": lambda parts: parts | {CODES: parts[CODES] + b"{}\n"},
    "a part": lambda parts: {name: content for name, content in parts.items() if name != CODES},
    "more parts": lambda parts: parts | {"rows/more.jsonl": b""},
    "no manifest": lambda parts: {name: content for name, content in parts.items() if name != "manifest.json"},
    "format": _replaced("manifest.json", b'"format": 1', b'"format": 2'),
    "no digests": _replaced("manifest.json", b'"sha256"', b'"sha512"'),
    "another manifest": lambda parts: parts | {"manifest.json": b"[]"},
    "parts in a list": lambda parts: (
        parts | {"manifest.json": json.dumps({"organisation": "demo", "exported_at": "", "parts": []}).encode()}
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_changed_archive_is_refused(tmp_path: Path, damage: str) -> None:
    good, bad = write(tmp_path / "good.zip"), tmp_path / "bad.zip"
    with ZipFile(good) as opened, ZipFile(bad, "w") as written:
        for name, content in DAMAGES[damage]({name: opened.read(name) for name in opened.namelist()}).items():
            written.writestr(name, content)
    with pytest.raises(BadArchiveError):
        Reader(bad)


def _cut(archive: bytes) -> bytes:
    return archive[:-30]


def _spoilt(archive: bytes) -> bytes:
    """Return the archive with other bytes in its picture, which is compressed."""
    start = archive.index(b"demo/a.jpg") + len(b"demo/a.jpg")
    return archive[:start] + b"\xff" * 8 + archive[start + 8 :]


def _locked(archive: bytes) -> bytes:
    """Return the archive with each part marked as encrypted: bit 0 of the flags, in its own header and in the directory."""
    for header, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        before, *entries = archive.split(header)
        archive = before + b"".join(header + entry[: flags - 4] + b"\x01" + entry[flags - 3 :] for entry in entries)
    return archive


def _other(archive: bytes) -> bytes:
    return b"Name,Email\n"


@pytest.mark.parametrize("damage", [_cut, _spoilt, _locked, _other])
def test_a_damaged_file_is_refused_in_a_sentence(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    bad = write(tmp_path / "bad.zip")
    bad.write_bytes(damage(bad.read_bytes()))
    with pytest.raises(BadArchiveError) as refused:
        Reader(bad)
    assert "Error" not in str(refused.value)


OWNER = '{"pk": {"S": "other"}, "sk": {"S": "STAFF#account:0"}, "role": {"S": "owner"}}'
ORDER = '{"pk": {"S": "demo#s1"}, "sk": {"S": "REGISTRATION#r1"}, "orders": {"S": "other"}}'
FOREIGN = [
    ("rows/records.jsonl", OWNER),
    ("rows/records.jsonl", OWNER.replace("other", "demonstration")),
    ("rows/rosters.jsonl", ORDER),
    ("rows/messages.jsonl", '{"pk": {"S": "demo#1"}, "recipient": {"S": "other#ana@example.org"}}'),
    (CODES, '{"pk": {"S": "#"}}'),
    ("files/pictures/other/a.jpg", ""),
    ("files/imports/demo", ""),
    ("files/rosters/demo/a.jpg", ""),
    ("more.txt", ""),
]


@pytest.mark.parametrize(("part", "line"), FOREIGN)
def test_what_belongs_to_another_organisation_is_refused(tmp_path: Path, part: str, line: str) -> None:
    """It might make a stranger the owner of another organisation, put bookings into its lists, or replace its pictures."""
    with pytest.raises(BadArchiveError, match="does not belong to demo"):
        check(Reader(write(tmp_path / "foreign.zip", {part: [line]})))


STALE = '{"pk": {"S": "demo#figures"}, "sk": {"S": "STALE#s1"}, "due": {"S": "figures"}, "due_at": {"S": "2026"}}'
PORTAL = '{"pk": {"S": "demo#customers"}, "sk": {"S": "CUSTOMER#c1"}, "directory": {"S": "demo"}, "due": {"S": "#portal#0"}}'
WAITING = '{"pk": {"S": "demo#s1"}, "sk": {"S": "WAITING#1"}, "due": {"S": "#waitlists#0"}, "remind": {"S": "#invitations#0"}}'
UNSENT = '{"pk": {"S": "demo#1"}, "recipient": {"S": "demo#ana@example.org"}, "session": {"S": "demo#s1"}, "unsent": {"S": "#unsent#0"}}'
SHARED = [("records", STALE), ("records", PORTAL), ("rosters", WAITING), ("messages", UNSENT)]


@pytest.mark.parametrize(("name", "line"), SHARED)
def test_partitions_that_all_organisations_share_are_fine(tmp_path: Path, name: str, line: str) -> None:
    """By them the clock finds rows that are due, and the job of figures the sessions that have changed."""
    check(Reader(write(tmp_path / "due.zip", {f"rows/{name}.jsonl": [line]})))


@pytest.mark.parametrize("part", sorted(PARTS))
@pytest.mark.parametrize("line", ["", "[]", "{}", '{"pk": "demo"}', '{"pk": {"S": 5}, "email": 5}', '{"pk": {"S": "demo"}, "b": {"B": 5}}'])
def test_a_line_that_is_neither_a_row_nor_an_account_is_refused(tmp_path: Path, part: str, line: str) -> None:
    with pytest.raises(BadArchiveError, match="cannot be read"):
        check(Reader(write(tmp_path / "bad.zip", {part: [line]})))


@pytest.mark.parametrize(("more", "org"), [({"rows/records.jsonl": [SETTINGS]}, "demo"), ({}, "De mo"), ({}, "other")])
def test_an_archive_without_an_organisation_of_its_own_is_refused(tmp_path: Path, more: Lines, org: str) -> None:
    with pytest.raises(BadArchiveError):
        check(Reader(write(tmp_path / "bad.zip", more, org)))


def test_an_archive_without_accounts_is_refused(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "bad.zip", Manifest("demo", "2026-11-22T12:00:00Z"))
    for part in PARTS - {ACCOUNTS}:
        writer.add_lines(part, [])
    writer.close()
    with pytest.raises(BadArchiveError, match="not all of it"):
        check(Reader(tmp_path / "bad.zip"))


@pytest.mark.usefixtures("staged")
@pytest.mark.parametrize("name", ["nowhere.zip", ".", "foreign.zip"])
def test_the_command_says_why_in_a_sentence(tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "foreign.zip", {"rows/records.jsonl": [OWNER]})
    assert main(["organisation", "import", "--stage", "test", "--from", str(tmp_path / name)]) == 1
    said = capsys.readouterr().err
    assert "Error" not in said
    assert str(tmp_path) in said
