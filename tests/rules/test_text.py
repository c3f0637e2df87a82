"""Normalization of typed and pasted text."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from chalicelib.rules import codes, discounts
from chalicelib.rules.text import IGNORABLE, PASTED, filled, paragraphs, plain, single_line, without_accents

INVISIBLE = ["\u00ad", "\u200b", "\u200e", "\u200f", "\u2060", "\ufeff"]
WIDE = "".join(chr(ord(letter) + 0xFEE0) for letter in "AB7K")


@pytest.mark.parametrize("character", INVISIBLE, ids=ascii)
def test_pasted_characters_are_taken_off_names_codes_and_discount_codes(character: str) -> None:
    assert single_line(f"{character}Ana{character} Li") == "Ana Li"
    assert paragraphs(f"One{character}\n{character}two") == "One\ntwo"
    assert codes.compared(f"ab7{character}k") == "AB7K"
    assert discounts.compared(f"{character}ab7k") == "AB7K"


@pytest.mark.parametrize("typed", ["AB7K.", "AB7K,", WIDE, "ab-7k", " AB 7K ", "AB\u20117K"], ids=ascii)
def test_a_code_is_read_however_it_was_copied(typed: str) -> None:
    assert codes.compared(typed) == "AB7K"


@pytest.mark.parametrize("typed", ["A.B7K", "AB7K?", "AB7K\u00e9"], ids=ascii)
def test_other_characters_stay_in_a_code(typed: str) -> None:
    assert not codes.well_formed(codes.compared(typed) + "22222")


def test_joiners_stay_in_names() -> None:
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
    assert single_line(family) == family
    assert single_line("\u0646\u200c\u0645") == "\u0646\u200c\u0645"


def test_whatever_is_pasted_into_a_name_is_ignorable() -> None:
    pasted = [chr(code) for code in range(0x10000) if PASTED.match(chr(code))]
    assert len(pasted) == 13
    assert all(IGNORABLE.match(character) for character in pasted)
    assert {unicodedata.category(character) for character in pasted} == {"Cf", "Mn"}


def test_plain_leaves_what_can_be_seen() -> None:
    assert plain(" Zo\u00eb\u3000M\u00fcller\ufeff ") == "Zo\u00eb M\u00fcller"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Ana  ", "Ana"),
        ("Zoe\u0301", "Zo\u00e9"),
        ("McDONALD", "McDONALD"),
        ("O\u2019Brien-Li", "O\u2019Brien-Li"),
        ("\u0639\u0644\u064a", "\u0639\u0644\u064a"),
        ("\U0001f600", "\U0001f600"),
        ("a  b", "a  b"),
    ],
    ids=["trimmed", "composed", "never re-cased", "apostrophe and hyphen", "right to left", "emoji", "spaces within stay"],
)
def test_a_name_is_kept_as_typed(typed: str, kept: str) -> None:
    assert single_line(typed) == kept
    assert paragraphs(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "a\nb",
        "a\r\nb",
        "a\tb",
        "a\x00b",
        "a\x1bb",
        "a\x85b",
        "a\u2028b",
        "a\u202eb",
        "a\u2066b",
        "a\ud800b",
        "a\ue000b",
        "a\ufffeb",
        "a\ufdd0b",
        "a\ufdefb",
    ],
    ids=ascii,
)
def test_forbidden_characters_in_a_name_are_refused(typed: str) -> None:
    with pytest.raises(PydanticCustomError):
        single_line(typed)


@pytest.mark.parametrize(("typed", "kept"), [("a\nb", "a\nb"), ("a\r\nb", "a\nb"), ("a\tb", "a\tb"), ("\n a \n", "a")], ids=ascii)
def test_a_text_keeps_its_lines(typed: str, kept: str) -> None:
    assert paragraphs(typed) == kept


@pytest.mark.parametrize("typed", ["a\rb", "a\x00b", "a\x0bb", "a\u202eb", "a\ufffeb"], ids=ascii)
def test_forbidden_characters_in_a_text_are_refused(typed: str) -> None:
    with pytest.raises(PydanticCustomError):
        paragraphs(typed)


@given(st.text())
def test_what_was_kept_is_kept_again(typed: str) -> None:
    for kept_by in (single_line, paragraphs):
        try:
            kept = kept_by(typed)
        except PydanticCustomError:
            continue
        assert kept_by(kept) == kept


@pytest.mark.parametrize("value", ["a", " a ", "5", "\u674e", ".", "\U0001f600", "\u0378"], ids=ascii)
def test_what_can_be_seen_fills_a_field(value: str) -> None:
    assert filled(value) == value


@pytest.mark.parametrize(
    "value", ["", " ", "\u00a0", "\u3000", "\u200d", "\u0301", "\u2800", "\u3164", "\u115f\u1160", "\uffa0"], ids=ascii
)
def test_invisible_text_counts_as_empty(value: str) -> None:
    with pytest.raises(PydanticCustomError, match="Please fill in this field"):
        filled(value)


@pytest.mark.parametrize(
    ("value", "sorted_as"),
    [
        ("\u00c9lodie", "elodie"),
        ("\u00c5SA", "asa"),
        ("Stra\u00dfe", "strasse"),
        ("\uff21na", "ana"),
        ("S\u00f8ren", "s\u00f8ren"),
        ("\u674e", "\u674e"),
    ],
    ids=ascii,
)
def test_lists_are_sorted_without_case_and_accents(value: str, sorted_as: str) -> None:
    assert without_accents(value) == sorted_as
