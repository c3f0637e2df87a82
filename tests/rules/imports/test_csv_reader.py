"""Reading CSV files: those of spreadsheet programs are read; hostile ones are refused quickly and in little memory."""

import time
import tracemalloc
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.rules.csv_export import csv_text
from chalicelib.rules.imports.csv_reader import SheetRow, read
from chalicelib.rules.imports.refusals import (
    CellTooLong,
    EmptyFile,
    FileTooLarge,
    MalformedCsv,
    NotCsv,
    NulCharacters,
    TooManyColumns,
    TooManyRows,
    UnknownEncoding,
)
from chalicelib.rules.refusals import Refusal

PEOPLE = "Name;Town\r\nZoë;Köln\r\n"
MEGABYTE = 1024 * 1024


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (PEOPLE.encode(), "utf-8"),
        (PEOPLE.encode("utf-8-sig"), "utf-8"),
        (PEOPLE.encode("utf-16"), "utf-16"),
        (b"\xff\xfe" + PEOPLE.encode("utf-16-le"), "utf-16"),
        (b"\xfe\xff" + PEOPLE.encode("utf-16-be"), "utf-16"),
        (PEOPLE.encode("cp1252"), "windows-1252"),
    ],
)
def test_every_encoding_that_spreadsheets_write_is_read(data: bytes, encoding: str) -> None:
    table = read(data)
    assert (table.encoding, table.header.cells) == (encoding, ("Name", "Town"))
    assert table.rows == [SheetRow(2, ("Zoë", "Köln"))]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("ends", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("declared", [False, True])
def test_separators_are_seen_in_the_header_and_outside_quotation_marks(separator: str, ends: str, declared: bool) -> None:
    text = separator.join(('"a,,;;\t\t""x"', "b", "c")) + ends + separator.join(("1", '"2;,\t"', "3")) + ends
    table = read(((f"sep={separator}{ends}" if declared else "") + text).encode())
    assert table.header == SheetRow(1, ('a,,;;\t\t"x', "b", "c"))
    assert table.rows == [SheetRow(2, ("1", "2;,\t", "3"))]


def test_rows_are_counted_as_a_spreadsheet_shows_them() -> None:
    table = read(b'\r\nName,Note,,\r\n\r\nAna,"two\r\nlines",,\r\n,,,\r\nBen,,,\r\n,,,\r\n\r\n')
    assert table.header == SheetRow(2, ("Name", "Note"))
    assert table.rows == [SheetRow(4, ("Ana", "two\r\nlines")), SheetRow(6, ("Ben",))]


def test_an_apostrophe_before_a_formula_is_taken_off_once() -> None:
    table = read(b"a,b,c,d,e\n'=1+1,'tis,''=1,'-5,'@x\n")
    assert table.rows[0].cells == ("=1+1", "'tis", "'=1", "-5", "@x")


CELLS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ["=1", "'=1", "''@x", "\t", "\r", "+", '"', "a\r\nb", "sep=;", ",;\t", "", "'"]
)
NAMES = st.lists(st.text("abcäé=+'", min_size=1, max_size=5), min_size=1, max_size=5)


@given(NAMES, st.lists(st.lists(CELLS, min_size=1, max_size=5), max_size=5), st.sampled_from(["utf-8", "utf-16"]))
def test_what_we_write_is_what_we_read(header: list[str], rows: list[list[str]], encoding: str) -> None:
    text = csv_text(header, rows)
    table = read(text.encode() if encoding == "utf-8" else text.removeprefix("\ufeff").encode("utf-16"))
    wanted = [(number, trimmed(row)) for number, row in enumerate(rows, start=2) if any(cell.strip() for cell in row)]
    assert (table.header.cells, [(row.number, row.cells) for row in table.rows]) == (tuple(header), wanted)


def trimmed(cells: list[str]) -> tuple[str, ...]:
    while cells and not cells[-1]:
        cells = cells[:-1]
    return tuple(cells)


HOSTILE = {
    "a million commas": (b"," * 1_000_000, TooManyColumns),
    "a million commas in a row": (b"Name,Email\nAna," + b"," * 1_000_000, TooManyColumns),
    "301 columns": (",".join(map(str, range(301))).encode(), TooManyColumns),
    "one enormous line": (b"x" * (20 * MEGABYTE), CellTooLong),
    "one enormous quoted cell": (b'Name\n"' + b"x\n" * (10 * MEGABYTE - 5), CellTooLong),
    "only quotation marks": (b'"' * (20 * MEGABYTE - 1), CellTooLong),
    "a quotation mark that is never closed": (b'Name\n"Ana\nBen\n', MalformedCsv),
    "text after a quotation mark": (b'Name\n"Ana"x\n', MalformedCsv),
    "10,001 rows": (b"Name\n" + b"Ana\n" * 10_001, TooManyRows),
    "nothing but empty lines": (b"\n" * (20 * MEGABYTE), TooManyRows),
    "empty rows beyond any sheet": (b"Name\n" + b",\n" * 1_048_577, TooManyRows),
    "nothing": (b"", EmptyFile),
    "only a mark of its encoding": (b"\xef\xbb\xbf", EmptyFile),
    "only commas": (b",,,\n,,,", EmptyFile),
    "only sep": (b"sep=;", EmptyFile),
    "21 MB": (b"Name\n" * (4 * MEGABYTE + 400_000), FileTooLarge),
    "NUL": (b"Name\nAn\0a\n", NulCharacters),
    "UTF-16 that does not say so": ("Name\n".encode("utf-16-le"), NulCharacters),
    "UTF-32": ("Name\n".encode("utf-32"), NulCharacters),
    "half a character of UTF-16": (b"\xff\xfeN\x00a", UnknownEncoding),
    "a lone surrogate": (b"\xff\xfeN\x00\x00\xd8a\x00", UnknownEncoding),
    "what Windows-1252 has not": (b"Name\nAn\x81a\n", UnknownEncoding),
    "a workbook": (b"PK\x03\x04" + b"x" * 100, NotCsv),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_quickly(name: str) -> None:
    data, refusal = HOSTILE[name]
    began = time.process_time()
    with pytest.raises(refusal):
        read(data)
    assert time.process_time() - began < 30, "quadratic time would be hours"


@pytest.mark.parametrize("name", ["a million commas", "one enormous line", "one enormous quoted cell", "only quotation marks"])
def test_a_hostile_file_takes_little_memory(name: str) -> None:
    data, refusal = HOSTILE[name]
    tracemalloc.start()
    with pytest.raises(refusal):
        read(data)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 100 * MEGABYTE


def test_the_largest_file_that_is_taken_is_read() -> None:
    table = read(b"Name\n" + b"Ana\n" * 10_000 + b",,,\n" * 1_000)
    assert len(table.rows) == 10_000


@given(st.binary(max_size=300))
def test_whatever_comes_is_read_or_refused(data: bytes) -> None:
    with suppress(Refusal):
        assert read(data).header.cells
