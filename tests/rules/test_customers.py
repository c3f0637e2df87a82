"""The search for customers, and the participants that registrations add to them."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.rules.customers import MOST_WORDS, Customer, Participant, search_prefixes, search_text, with_new_participants
from tests.samples import CUSTOMER

ANA: Customer = replace(
    CUSTOMER,
    name="Ana-María Martín Sørensen",
    email="Ana.M@Example.org",
    participants=(Participant("Zoé O'Neill"), Participant("李 小龙")),
    addresses=("old@école.example",),
    phone="+33 6 12 34 56 78",
)
words = st.text(st.characters(codec="utf-8", exclude_characters="|"), min_size=1, max_size=12).map(str.strip).filter(bool)


def finds(customer: Customer, q: str) -> bool:
    """Return whether a search finds the customer by the table's rule: each searched prefix is contained."""
    return all(beginning in search_text(customer) for beginning in search_prefixes(q))


@pytest.mark.parametrize(
    "q",
    [
        "Ana",
        "ana",
        "martin",
        "MARTÍN",
        "mar",
        "sørensen ana",
        "zoe",
        "Zoé o'neill",
        "李",
        "小",
        "ana.m@example.org",
        "ANA.M",
        "old@ecole",
        "neill",
        "oneill",
        "maria",
        "example.org",
        "example",
        "+33 6 12 34 56 78",
        "06 12 34 56 78",
        "0612345678",
        "5678",
        "",
    ],
)
def test_a_search_finds_words_that_begin_so(q: str) -> None:
    assert finds(ANA, q)


@pytest.mark.parametrize("q", ["artin", "ana bob", "eill", "ample.org", "龙", "anna", "ana|zoe|bob", "06 12 34 56 79", "1234", "678"])
def test_a_search_finds_nothing_else(q: str) -> None:
    assert not finds(ANA, q)


@pytest.mark.parametrize(("name", "q"), [("Łukasz", "lukasz"), ("Đorđe", "dorde"), ("Marie Dupont-Martin", "martin"), ("Weiß", "weiss")])
def test_letters_and_halves_as_they_are_typed(name: str, q: str) -> None:
    assert finds(replace(CUSTOMER, name=name), q)


not_a_number = words.filter(lambda word: not any(c.isdigit() for c in word))


@given(st.lists(not_a_number, min_size=1, max_size=4))
def test_everybody_is_found_by_their_own_name(name: list[str]) -> None:
    assert finds(replace(CUSTOMER, name=" ".join(name)), " ".join(name))
    assert finds(replace(CUSTOMER, name=" ".join(name)), " ".join(reversed(name)))


@pytest.mark.parametrize("q", ["|", " | | ", "\n"])
def test_a_search_for_nothing_finds_everybody(q: str) -> None:
    assert search_prefixes(q) == []


def test_a_search_has_so_many_words() -> None:
    assert len(search_prefixes("a " * (MOST_WORDS + 5))) == MOST_WORDS


@pytest.mark.parametrize(
    ("named", "names"),
    [
        ([], ["Kim"]),
        (["Lou"], ["Kim", "Lou"]),
        (["kim "], ["Kim"]),
        (["K\u200bIM"], ["Kim"]),
        (["Lou", "lou", "Max"], ["Kim", "Lou", "Max"]),
    ],
    ids=["nobody", "somebody new", "known", "known, with a character that nobody sees", "named twice"],
)
def test_participants_who_are_new_are_added_once(named: list[str], names: list[str]) -> None:
    customer = replace(CUSTOMER, participants=(Participant("Kim", "2019-02-28"),))
    grown = with_new_participants(customer, [Participant(name) for name in named])
    assert [participant.name for participant in grown] == names
    assert grown[0].date_of_birth == "2019-02-28", "what was known stays"
