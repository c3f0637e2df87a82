"""QR codes as SVG inside a page."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markupsafe import Markup


EVEN_MASK = 4
"""Of the eight, the one that suits our random links best: its penalty (ISO/IEC 18004) is 3 % above that of the best for each."""


def qr_code(text: str) -> "Markup":
    """Return a QR code of a text, dark on white in every colour scheme."""
    return _drawn(text, mask=None)


def quick_qr_code(text: str) -> "Markup":
    """Return a QR code of a link that everybody has another one of: without trying each mask, which takes most of the time."""
    return _drawn(text, mask=EVEN_MASK)


def _drawn(text: str, *, mask: int | None) -> "Markup":
    import segno  # slow to load, and needed on few pages only
    from markupsafe import Markup

    code = segno.make(text, error="m", micro=False, mask=mask)
    return Markup(code.svg_inline(omitsize=True, border=3, dark="#000", light="#fff", svgclass="qr", lineclass=""))  # noqa: S704 - ours
