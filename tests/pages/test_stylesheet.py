"""Stylesheets have headed sections; a brace that is lost between two of them would hide all that follows."""

import re
from pathlib import Path

import pytest

from chalicelib import pages

STATIC = Path(pages.__file__).parent / "static"
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def depth(text: str) -> int:
    bare = COMMENT.sub("", text)
    return bare.count("{") - bare.count("}")


@pytest.mark.parametrize("name", ["rollbook.css", "staff.css"])
def test_every_section_begins_outside_of_rules(name: str) -> None:
    sheet = (STATIC / name).read_text()
    headed = [found.start() for found in COMMENT.finditer(sheet) if found.start() == 0 or sheet[found.start() - 1] == "\n"]
    assert len(headed) > 8
    assert [sheet[index : index + 40] for index in headed if depth(sheet[:index])] == []
    assert depth(sheet) == 0
