"""Pages are legible with every accent colour."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.rules.colours import DARK_SURFACE, DEFAULT, LIGHT_SURFACE, contrast, shades

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def test_black_on_white_has_the_most_contrast() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#777777") == pytest.approx(1)


@given(COLOURS, st.booleans())
def test_every_accent_can_be_read(accent: str, dark: bool) -> None:
    surface = DARK_SURFACE if dark else LIGHT_SURFACE
    found = shades(accent, dark=dark)
    assert contrast(found.on_fill, found.fill) >= 4.5
    assert contrast(found.ink, surface) >= 4.5
    assert contrast(found.ink, found.wash) >= 4.5
    assert contrast(found.fill, surface) >= 3


@pytest.mark.parametrize("typed", ["", "red", "#12345", "#1234567", "#zzzzzz", "#2f5d50;}"])
def test_an_invalid_colour_is_replaced_by_the_default(typed: str) -> None:
    assert shades(typed, dark=False) == shades(DEFAULT, dark=False)


def test_a_colour_that_reads_well_is_left_alone() -> None:
    assert shades("#aa3366", dark=False).fill == "#aa3366"
