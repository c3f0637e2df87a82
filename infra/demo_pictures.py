"""Pictures for the demo data, drawn here: a motif in flat colours for each kind of session, and a logo."""

from collections.abc import Callable
from io import BytesIO
from math import cos, pi, sin
from typing import NamedTuple

from PIL import Image, ImageDraw

Draw = ImageDraw.ImageDraw
WIDTH, HEIGHT = 1200, 675
FINER = 2
"""Drawn so many times larger, then shrunk, so that edges are smooth."""
INK, PAPER, WARM, LEAF, SKY, SUN = "#26332e", "#f7f1e6", "#c8643f", "#2f5d4e", "#8fb7c4", "#e9b44c"


def session_picture(motif: str) -> bytes:
    """Return the picture of this motif as PNG. Raises KeyError for an unknown one."""
    return _drawn(WIDTH, HEIGHT, MOTIFS[motif].ground, MOTIFS[motif].draw)


def logo() -> bytes:
    """Return the logo of the demo organisation as PNG: a lamp that shines."""
    return _drawn(400, 400, LEAF, _lamp)


def _drawn(width: int, height: int, ground: str, motif: Callable[[Draw], None]) -> bytes:
    large = Image.new("RGB", (width * FINER, height * FINER), ground)
    motif(ImageDraw.Draw(large))
    written = BytesIO()
    large.resize((width, height), Image.Resampling.LANCZOS).save(written, "PNG")
    return written.getvalue()


def _round(draw: Draw, x: float, y: float, radius: float, fill: str) -> None:
    draw.ellipse([FINER * value for value in (x - radius, y - radius, x + radius, y + radius)], fill=fill)


def _box(draw: Draw, left: float, top: float, right: float, bottom: float, fill: str, bend: float = 0) -> None:
    draw.rounded_rectangle([FINER * value for value in (left, top, right, bottom)], bend * FINER, fill=fill)


def _shape(draw: Draw, *points: tuple[float, float], fill: str) -> None:
    draw.polygon([(FINER * x, FINER * y) for x, y in points], fill=fill)


def _line(draw: Draw, *points: tuple[float, float], fill: str, width: float) -> None:
    draw.line([(FINER * x, FINER * y) for x, y in points], fill=fill, width=round(FINER * width), joint="curve")


def _lamp(draw: Draw) -> None:
    for ray in range(12):
        angle = ray * pi / 6
        near, far = ((200 + cos(angle) * away, 200 + sin(angle) * away) for away in (120, 165))
        _line(draw, near, far, fill=SUN, width=12)
    _round(draw, 200, 200, 92, SUN)
    _round(draw, 200, 200, 52, PAPER)


def _vases(draw: Draw) -> None:
    _box(draw, 0, 520, WIDTH, HEIGHT, "#d8c3a5")
    for x, width, height, fill in ((330, 120, 300, WARM), (620, 170, 210, LEAF), (900, 100, 350, INK)):
        _box(draw, x - width * 0.45, 540 - height, x + width * 0.45, 600 - height, fill, 12)
        draw.ellipse([FINER * value for value in (x - width, 560 - height, x + width, 560)], fill=fill)
        _box(draw, x - width * 0.6, 530, x + width * 0.6, 560, fill, 10)


def _washes(draw: Draw) -> None:
    for x, y, radius, fill in (
        (300, 300, 190, SKY), (520, 420, 150, SUN), (700, 260, 200, "#b7cfa8"), (930, 400, 170, WARM), (840, 180, 80, LEAF),
    ):  # fmt: skip
        _round(draw, x, y, radius, fill)
        _round(draw, x + radius * 0.2, y - radius * 0.2, radius * 0.6, PAPER)
        _round(draw, x + radius * 0.2, y - radius * 0.2, radius * 0.5, fill)


def _board(draw: Draw) -> None:
    size = HEIGHT / 5
    for index in range(45):
        row, column = divmod(index, 9)
        _box(draw, column * size, row * size, (column + 1) * size, (row + 1) * size, PAPER if (row + column) % 2 else LEAF)
    for x, fill in ((350, INK), (755, WARM)):
        _round(draw, x, 260, 62, fill)
        _shape(draw, (x - 40, 300), (x + 40, 300), (x + 85, 480), (x - 85, 480), fill=fill)
        _box(draw, x - 110, 470, x + 110, 520, fill, 16)


def _belt(draw: Draw) -> None:
    _shape(draw, (420, 0), (780, 0), (WIDTH, HEIGHT), (0, HEIGHT), fill=PAPER)
    _line(draw, (430, 0), (600, 330), (770, 0), fill="#d9d2c3", width=26)
    _box(draw, 0, 400, WIDTH, 480, INK)
    _shape(draw, (570, 440), (650, 440), (560, 660), (470, 640), fill=INK)
    _shape(draw, (560, 440), (640, 440), (740, 640), (650, 660), fill=INK)
    _box(draw, 530, 385, 670, 495, WARM, 22)


def _stage(draw: Draw) -> None:
    _box(draw, 0, 560, WIDTH, HEIGHT, "#7a4a2f")
    _shape(draw, (600, 0), (360, 560), (840, 560), fill="#f3dfa6")
    for side in (0, 1):
        for fold in range(4):
            x = fold * 85
            left = WIDTH - x - 85 if side else x
            _box(draw, left, 0, left + 85, 590 - fold * 25, WARM if fold % 2 else "#a94f31", 30)
    _round(draw, 600, 330, 54, INK)
    _shape(draw, (600, 370), (700, 560), (500, 560), fill=INK)


def _hills(draw: Draw) -> None:
    _round(draw, 600, 330, 150, SUN)
    for x, radius, fill in ((200, 420, "#6d9484"), (980, 470, "#4f7d6c"), (600, 380, LEAF)):
        _round(draw, x, 420 + radius, radius, fill)


def _notes(draw: Draw) -> None:
    for line in range(5):
        _line(draw, (0, 220 + line * 60), (WIDTH, 220 + line * 60), fill="#d8c3a5", width=5)
    for x, y, fill in ((250, 400, INK), (450, 340, WARM), (650, 430, LEAF), (850, 310, INK), (1010, 370, WARM)):
        _round(draw, x, y, 38, fill)
        _line(draw, (x + 32, y), (x + 32, y - 190), fill=fill, width=12)
        _shape(draw, (x + 32, y - 196), (x + 110, y - 140), (x + 100, y - 90), (x + 32, y - 140), fill=fill)


def _cakes(draw: Draw) -> None:
    for x, fill in ((280, "#e6a9a0"), (600, PAPER), (920, "#b7cfa8")):
        for dx, dy, radius in ((-70, 300, 70), (70, 300, 70), (0, 230, 95), (0, 310, 100)):
            _round(draw, x + dx, dy, radius, fill)
        _round(draw, x, 130, 28, WARM)
        _shape(draw, (x - 130, 350), (x + 130, 350), (x + 90, 560), (x - 90, 560), fill="#8a5a3c")


def _tent(draw: Draw) -> None:
    for stripe in range(8):
        fill = WARM if stripe % 2 else PAPER
        left, right = 260 + stripe * 85, 345 + stripe * 85
        _shape(draw, (600, 110), (left, 360), (right, 360), fill=fill)
        _box(draw, left, 360, right, 600, fill)
    _shape(draw, (600, 380), (680, 600), (520, 600), fill=INK)
    _shape(draw, (600, 40), (690, 75), (600, 110), fill=SUN)


def _robot(draw: Draw) -> None:
    _line(draw, (600, 190), (600, 100), fill=INK, width=14)
    _round(draw, 600, 90, 28, WARM)
    _box(draw, 380, 180, 820, 520, INK, 60)
    for x in (500, 700):
        _round(draw, x, 320, 62, SUN)
        _round(draw, x, 320, 26, INK)
    _box(draw, 480, 425, 720, 465, PAPER, 18)
    for x in (340, 820):
        _box(draw, x, 300, x + 40, 400, WARM, 14)
    _box(draw, 520, 520, 680, HEIGHT, LEAF)


def _camp(draw: Draw) -> None:
    for x, height in ((140, 300), (300, 380), (930, 340), (1080, 280)):
        _shape(draw, (x, 560 - height), (x + 110, 560), (x - 110, 560), fill=LEAF)
    _round(draw, 980, 130, 60, SUN)
    _box(draw, 0, 550, WIDTH, HEIGHT, "#b7cfa8")
    _shape(draw, (600, 240), (860, 570), (340, 570), fill=WARM)
    _shape(draw, (600, 360), (680, 570), (520, 570), fill=INK)


class Motif(NamedTuple):
    """The ground and the drawing of a picture, and what it shows, for those who do not see it."""

    ground: str
    draw: Callable[[Draw], None]
    alt: str


MOTIFS = {
    "vases": Motif("#efe2cd", _vases, "Three vases on a board"),
    "washes": Motif(PAPER, _washes, "Round blots of colour"),
    "board": Motif(LEAF, _board, "Two pawns on a chessboard"),
    "belt": Motif("#a8b8ae", _belt, "The belt of a judo suit"),
    "stage": Motif("#3a2b33", _stage, "Somebody on a stage, in the light"),
    "hills": Motif("#f4d9b8", _hills, "The sun above hills"),
    "notes": Motif(PAPER, _notes, "Notes on a stave"),
    "cakes": Motif("#f3dfa6", _cakes, "Three small cakes"),
    "tent": Motif(SKY, _tent, "A circus tent"),
    "robot": Motif("#c9d8d2", _robot, "A robot"),
    "camp": Motif("#cfe3ea", _camp, "A tent among trees"),
}
