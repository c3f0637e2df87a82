"""QR codes as SVG inside a page."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markupsafe import Markup


def qr_code(text: str) -> "Markup":
    """Return a QR code of a text, dark on white in every colour scheme."""
    import segno  # slow to load, and needed on few pages only
    from markupsafe import Markup

    code = segno.make(text, error="m", micro=False)
    return Markup(code.svg_inline(omitsize=True, border=3, dark="#000", light="#fff", svgclass="qr", lineclass=""))  # noqa: S704 - ours
