"""Uploaded pictures are made small, and lose where and with what they were taken."""

import random
from io import BytesIO
from typing import Any

import pytest
from PIL import Image, ImageOps

from chalicelib.operations.pictures.shrink import LONGEST, MOST_BYTES, shrunk
from chalicelib.rules.pictures import NotAPicture, kind_of, size_of

BROKEN = {
    "empty": b"",
    "text": b"not a picture",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "half a header": b"\x89PNG\r\n\x1a\n\0\0",
}


def picture(kind: str, size: tuple[int, int] = (40, 30), mode: str = "RGB", **how: Any) -> bytes:
    written = BytesIO()
    Image.new(mode, size, (200, 40, 40, 255)[: len(mode)]).save(written, kind, **how)
    return written.getvalue()


def noise(kind: str, mode: str) -> bytes:
    """A picture that no format makes small."""
    size, written = (1500, 1100), BytesIO()
    pixels = random.Random(7).randbytes(size[0] * size[1] * len(mode))
    Image.frombytes(mode, size, pixels).save(written, kind, compress_level=1)
    return written.getvalue()


def opened(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_formats_become_one(kind: str) -> None:
    small = shrunk(picture(kind))
    assert kind_of(small.name) == "image/jpeg"
    assert size_of(small.name) == opened(small.content).size == (40, 30)
    assert shrunk(picture(kind)) == small, "the same picture has the same name"


def test_large_ones_become_narrow() -> None:
    small = shrunk(picture("JPEG", (4000, 2000)))
    assert size_of(small.name) == (LONGEST, LONGEST // 2)


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_none_is_larger_than_allowed(mode: str) -> None:
    small = shrunk(noise("PNG", mode))
    assert len(small.content) <= MOST_BYTES
    assert size_of(small.name) == opened(small.content).size


def test_what_is_transparent_stays_so_and_what_is_not_becomes_a_jpeg() -> None:
    assert shrunk(picture("PNG", mode="RGBA")).name.endswith(".jpg")
    clear = Image.new("RGBA", (20, 20), (0, 0, 0, 0))
    written = BytesIO()
    clear.save(written, "PNG")
    small = shrunk(written.getvalue())
    assert small.name.endswith(".png")
    assert opened(small.content).convert("RGBA").getpixel((0, 0)) == (0, 0, 0, 0)


def test_metadata_go_and_the_camera_was_held_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # The camera was turned by a quarter.
    exif[0x010E] = "Our garden"
    exif.get_ifd(0x8825)[2] = (48.0, 51.0, 30.0)
    given = picture("JPEG", (40, 30), exif=exif, comment=b"Our garden")
    assert b"Our garden" in given
    small = shrunk(given)
    assert size_of(small.name) == (30, 40)
    assert not opened(small.content).getexif()
    assert b"Our garden" not in small.content
    assert b"Exif" not in small.content


@pytest.mark.parametrize("name", BROKEN)
def test_no_picture_is_refused(name: str) -> None:
    with pytest.raises(NotAPicture):
        shrunk(BROKEN[name])


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF"])
def test_other_formats_are_refused(kind: str) -> None:
    with pytest.raises(NotAPicture):
        shrunk(picture(kind))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_broken_one_is_refused(kind: str) -> None:
    whole = picture(kind, (400, 300))
    with pytest.raises(NotAPicture):
        shrunk(whole[: len(whole) // 2])


@pytest.mark.parametrize("size", [(8000, 7000), (20000, 20000)])
def test_a_bomb_is_refused_before_it_is_decoded(size: tuple[int, int]) -> None:
    written = BytesIO()
    Image.new("1", size).save(written, "PNG")
    assert len(written.getvalue()) < MOST_BYTES
    with pytest.raises(NotAPicture):
        shrunk(written.getvalue())


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "L"])
def test_a_large_one_is_made_small_before_it_is_copied(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A WebP of 40 bytes may have 50 megapixels, and each copy of them is 200 MB of the 1024 that the function has."""
    real, copied = ImageOps.exif_transpose, list[tuple[int, int]]()

    def noted(image: Image.Image) -> Image.Image | None:
        copied.append(image.size)
        return real(image)

    monkeypatch.setattr(ImageOps, "exif_transpose", noted)
    content = BytesIO()
    Image.new(mode, (3000, 2000)).save(content, "PNG")
    assert size_of(shrunk(content.getvalue()).name) == (1200, 800)
    assert copied == [(1200, 800)]
