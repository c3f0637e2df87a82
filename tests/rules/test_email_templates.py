"""Placeholders: the known ones, and the faults of all others."""

import pytest

from chalicelib.rules.email_templates import FoundPlaceholder, faults, parts
from chalicelib.rules.letters import TemplateText

KNOWN = ("customer_name", "session_title", "price", "details", "link")


def wrong(body: str, subject: str = "Hello") -> list[tuple[str, str]]:
    return [(code, sentence.partition(":")[0]) for _, code, sentence in faults(KNOWN, TemplateText(subject, body))]


def test_text_falls_into_pieces_and_names_with_their_lines() -> None:
    assert list(parts("a {{link}}\n{ }{{  price }}")) == ["a ", FoundPlaceholder("link", 1), "\n{ }", FoundPlaceholder("price", 2), ""]


def test_a_valid_text_has_no_faults() -> None:
    assert wrong("{{customer_name}}\n{{ details }} {x} {%if%} ${y} }{", "{{session_title}}") == []


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("a\n{{sesion_title}}", [("unknown_name", "Line 2")]),
        ("{{held_until}}", [("unknown_name", "Line 1")]),
        ("{{Customer_Name}}", [("unknown_name", "Line 1")]),
        ("{{link", [("broken_braces", "Line 1")]),
        ("\n\nlink}}", [("broken_braces", "Line 3")]),
        ("{{}}", [("broken_braces", "Line 1"), ("broken_braces", "Line 1")]),
        ("{{link\n}}", [("broken_braces", "Line 1"), ("broken_braces", "Line 2")]),
        ("{{link|upper}}", [("broken_braces", "Line 1"), ("broken_braces", "Line 1")]),
        ("{{{link}}}", [("broken_braces", "Line 1"), ("broken_braces", "Line 1")]),
        ("{{a.b}} {{x}}", [("broken_braces", "Line 1"), ("broken_braces", "Line 1"), ("unknown_name", "Line 1")]),
        ("{{__class__}}\n{{7*7}}", [("unknown_name", "Line 1"), ("broken_braces", "Line 2"), ("broken_braces", "Line 2")]),
    ],
)
def test_everything_that_is_wrong_is_told_with_its_line(body: str, found: list[tuple[str, str]]) -> None:
    assert wrong(body) == found


@pytest.mark.parametrize("name", ["link", "details"])
def test_a_subject_has_no_room_for_links_and_tables(name: str) -> None:
    assert wrong("Hello", f"See {{{{{name}}}}}") == [("unknown_name", "Line 1")]


def test_the_name_is_in_the_sentence_and_so_are_those_that_would_do() -> None:
    (_, _, sentence) = faults(("organisation_name", "link"), TemplateText("Hello", "{{" + "x" * 9000 + "}}"))[0]
    assert sentence == "Line 1: unknown variable {{" + "x" * 40 + "}}. Use {{organisation_name}}, {{link}}."
