"""Makes a small picture of an uploaded one. The image is kept; the place, time and camera in its metadata are not."""

from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING, Any, NamedTuple

from chalicelib.rules.pictures import NotAPicture

if TYPE_CHECKING:
    from PIL.Image import Image

FORMATS = ("JPEG", "PNG", "WEBP")
MOST_PIXELS = 50_000_000
LONGEST = 1200
"""The longer side of a stored picture in pixels, at most."""
MOST_BYTES = 200_000
QUALITIES = (82, 74, 66, 56)
STEP = 0.75


class SmallPicture(NamedTuple):
    """A picture as it is stored: its name, which follows from its content, and its content."""

    name: str
    content: bytes


def shrunk(content: bytes) -> SmallPicture:
    """Return a JPEG, PNG or WebP as a JPEG, or as a PNG where it is transparent: at most 1200 pixels and 200 kB, without metadata.

    Raises NotAPicture for everything else, and above 50 megapixels, which are never decoded.
    """
    image = _read(content)
    ending, encode = ("png", _png) if image.mode == "RGBA" else ("jpg", _jpeg)
    while len(made := encode(image)) > MOST_BYTES:
        image = image.resize((max(1, int(image.width * STEP)), max(1, int(image.height * STEP))))
    return SmallPicture(f"{sha256(made).hexdigest()}-{image.width}x{image.height}.{ending}", made)


def _read(content: bytes) -> "Image":
    """Return the pixels alone, made small and turned as the camera was held. Raises NotAPicture.

    It is made small first: each copy of 50 megapixels takes 200 MB, and the function has 1024.
    """
    from PIL import Image, ImageOps  # slow to load, and needed by few requests only

    try:
        opened = Image.open(BytesIO(content), formats=FORMATS)
        if opened.width * opened.height > MOST_PIXELS:
            raise NotAPicture
        opened.draft("RGB", (2 * LONGEST, 2 * LONGEST))  # A JPEG is decoded at a fraction of its size.
        plain = opened if opened.mode in {"RGB", "RGBA"} else opened.convert("RGBA" if _has_alpha(opened) else "RGB")
        plain.thumbnail((LONGEST, LONGEST))
        turned = ImageOps.exif_transpose(plain)
        kept = turned.convert("RGBA" if _is_transparent(turned) else "RGB")
    except NotAPicture:
        raise
    except Exception as fault:  # Whatever the decoder meets in a broken file, in many types.
        raise NotAPicture from fault
    bare = Image.new(kept.mode, kept.size)
    bare.paste(kept)
    return bare


def _is_transparent(image: "Image") -> bool:
    """Whether any pixel lets the ground show through."""
    if not _has_alpha(image):
        return False
    lowest: Any = image.convert("RGBA").getchannel("A").getextrema()[0]
    return bool(lowest < 255)


def _has_alpha(image: "Image") -> bool:
    return "A" in image.getbands() or "transparency" in image.info


def _jpeg(image: "Image") -> bytes:
    """Return the picture as JPEG, in the best quality in which it is small enough, or else in the lowest."""
    made = b""
    for quality in QUALITIES:
        made = _saved(image, "JPEG", quality=quality, optimize=True, progressive=True)
        if len(made) <= MOST_BYTES:
            break
    return made


def _png(image: "Image") -> bytes:
    made = _saved(image, "PNG", optimize=True)
    return made if len(made) <= MOST_BYTES else _saved(image.quantize(256), "PNG", optimize=True)


def _saved(image: "Image", kind: str, **how: Any) -> bytes:
    written = BytesIO()
    image.save(written, kind, **how)
    return written.getvalue()
