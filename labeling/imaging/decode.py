"""Turning the bytes of a stranger's file into pixels, safely.

Bounds are checked on the header, before any pixel is decoded; only a short list of formats is tried; and
whatever a decoder raises on damaged bytes becomes one exception with a sentence for people. No global setting
of Pillow is changed, so threads can decode side by side.
"""

from dataclasses import dataclass
from io import BytesIO

import numpy as np

# A format is registered by importing its plug-in; decoding then never loads the other ones.
from PIL import (
    BmpImagePlugin,
    ExifTags,
    GifImagePlugin,
    Image,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    PpmImagePlugin,
    TiffImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

from labeling.imaging.arrays import Pixels

MAX_BYTES = 10 * 1024 * 1024
"""The largest file that is decoded."""

MAX_SIDE = 4_000
"""The largest width and the largest height, in pixels."""

MAX_PIXELS = 4_000_000
"""The largest width times height."""

FORMATS = {
    BmpImagePlugin.BmpImageFile.format: "bmp",
    GifImagePlugin.GifImageFile.format: "gif",
    JpegImagePlugin.JpegImageFile.format: "jpg",
    PngImagePlugin.PngImageFile.format: "png",
    PpmImagePlugin.PpmImageFile.format: "ppm",
    TiffImagePlugin.TiffImageFile.format: "tif",
    WebPImagePlugin.WebPImageFile.format: "webp",
}
"""The formats that are read, and the extension a file of that format gets."""

_STARTS = (
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a zip archive or an office document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"MZ", "a program"),
    (b"\x7fELF", "a program"),
)

_TRANSPOSITIONS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What undoes each value of the EXIF orientation."""


class UnreadableImage(ValueError):
    """A file that cannot be used as an image; the message is a sentence for people."""


@dataclass(frozen=True)
class DecodedImage:
    """An image as every part of the product sees it."""

    pixels: Pixels
    """(height, width, 4), uint8, RGBA."""
    width: int
    height: int
    format: str
    """One of FORMATS, for example "PNG"."""
    extension: str
    """The usual extension of that format, without a dot."""
    notes: tuple[str, ...]
    """What was changed on the way: sentences for people, such as "16-bit reduced to 8-bit."."""


def decode_image(data: bytes, *, max_pixels: int = MAX_PIXELS) -> DecodedImage:
    """The first frame of an image file as RGBA pixels, upright, 8 bits per channel.

    Raises UnreadableImage, and nothing else, for whatever is not a whole image of one of FORMATS within
    MAX_BYTES, MAX_SIDE and `max_pixels`.
    """
    if not data:
        raise UnreadableImage("The file is empty; export or download it again.")
    if len(data) > MAX_BYTES:
        raise UnreadableImage(
            f"The file has {len(data) / 2**20:.1f} MB; at most {MAX_BYTES // 2**20} MB are read. "
            "Make it smaller."
        )
    try:
        # A context manager, because formats with several frames keep their file open.
        with Image.open(BytesIO(data), formats=tuple(FORMATS)) as image:
            _check_size(image, max_pixels)
            return _decode(image)
    except UnreadableImage:
        raise
    except UnidentifiedImageError as error:
        raise UnreadableImage(_describe_stranger(data)) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise UnreadableImage(
            f"The image has far more pixels than the {max_pixels:,} that are read. Make it smaller."
        ) from error
    except Exception as error:  # Decoders raise nearly every exception there is on damaged bytes.
        raise UnreadableImage(
            f"The image is damaged or cut off ({_first_line(error)}). Export or download it again."
        ) from error


def pixels_of(data: bytes) -> int:
    """How many pixels an image has, by its header alone; 0 for what `decode_image` would not decode."""
    try:
        with Image.open(BytesIO(data), formats=tuple(FORMATS)) as image:
            _check_size(image, MAX_PIXELS)
            return image.width * image.height
    except Exception:  # As above: whatever a damaged header makes a decoder raise.
        return 0


def _check_size(image: ImageFile.ImageFile, max_pixels: int) -> None:
    width, height = image.size
    if width > MAX_SIDE or height > MAX_SIDE:
        raise UnreadableImage(
            f"The image is {width:,}x{height:,} pixels; at most {MAX_SIDE:,} per side are read. "
            "Make it smaller."
        )
    if width * height > max_pixels:
        raise UnreadableImage(
            f"The image is {width:,}x{height:,} = {width * height:,} pixels; at most {max_pixels:,} are "
            "read. Make it smaller."
        )


def _decode(image: ImageFile.ImageFile) -> DecodedImage:
    format = "JPEG" if image.format == "MPO" else str(image.format)
    frames = _frames_note(image, format)
    # Both are asked before the pixels are loaded: loading forgets the storage, and turns TIFF files.
    reduced = _has_16_bits(image)
    turned_tiff = (
        isinstance(image, TiffImagePlugin.TiffImageFile) and _tiff_orientation(image) in _TRANSPOSITIONS
    )
    image.load()
    upright = image if turned_tiff else _turn_upright(image)
    notes = (
        frames,
        "16-bit reduced to 8-bit." if reduced else None,
        f"{image.mode} colours converted to RGB." if image.mode in ("CMYK", "YCbCr", "LAB") else None,
        "Turned upright, as its EXIF orientation says." if turned_tiff or upright is not image else None,
    )
    pixels = _rgba(upright)
    return DecodedImage(
        pixels=pixels,
        width=pixels.shape[1],
        height=pixels.shape[0],
        format=format,
        extension=FORMATS[format],
        notes=tuple(note for note in notes if note),
    )


def _rgba(image: Image.Image) -> Pixels:
    if image.mode == "F" or (image.mode == "I" and image.format != "PPM"):
        raise UnreadableImage(
            "The image has 32 bits per channel; only 8 and 16 bits are read. Save it with 8 bits per channel."
        )
    if image.mode == "I" or image.mode.startswith("I;16"):
        values = np.asarray(image).astype(np.uint32)
        grey = ((values + 128) // 257).astype(np.uint8)
        opaque = np.full_like(grey, 255)
        if isinstance(transparent := image.info.get("transparency"), int):
            opaque[values == transparent] = 0
        return np.stack((grey, grey, grey, opaque), axis=2)
    # Pillow converts neither of these to RGBA in one go.
    if image.mode in ("CMYK", "YCbCr", "LAB"):
        image = image.convert("RGB")
    return np.array(image if image.mode == "RGBA" else image.convert("RGBA"))


def _has_16_bits(image: ImageFile.ImageFile) -> bool:
    """Whether the file stores 16 bits per channel; Pillow tells it only by how it would unpack the pixels."""
    if image.mode == "I" or image.mode.startswith("I;16"):
        return True
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        return 16 in tuple(image.tag_v2.get(TiffImagePlugin.BITSPERSAMPLE, ()))
    if isinstance(image, PngImagePlugin.PngImageFile):
        return any(";16" in str(tile.args) for tile in image.tile)
    # A PPM decoder gets the raw mode and the largest value.
    return image.format == "PPM" and any(
        isinstance(tile.args, tuple) and isinstance(tile.args[1], int) and tile.args[1] > 255
        for tile in image.tile
    )


def _frames_note(image: ImageFile.ImageFile, format: str) -> str | None:
    if not getattr(image, "is_animated", False):
        return None
    if format == "JPEG":
        return "Several pictures: only the first is used."
    if format == "TIFF":  # Counting pages means reading them all.
        return "Several pages: only the first is used."
    return f"Animated: only the first of {getattr(image, 'n_frames', 1)} frames is used."


def _turn_upright(image: Image.Image) -> Image.Image:
    """The image turned as its EXIF orientation says, or the very same image."""
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation)
    except Exception:  # Damaged EXIF is no reason to refuse whole pixels.
        return image
    transposition = _TRANSPOSITIONS.get(orientation) if isinstance(orientation, int) else None
    return image if transposition is None else image.transpose(transposition)


def _tiff_orientation(image: TiffImagePlugin.TiffImageFile) -> object:
    return image.tag_v2.get(ExifTags.Base.Orientation)


def _describe_stranger(data: bytes) -> str:
    """Says what a file is that is none of FORMATS."""
    known = ", ".join(FORMATS)
    for start, what in _STARTS:
        if data.startswith(start):
            return f"This is not an image but {what}. Upload {known} files."
    beginning = data[:40].decode("utf-8", errors="replace").lstrip("\ufeff").split("\n")[0].strip()
    if beginning and all(character.isprintable() and character != "\ufffd" for character in beginning[:20]):
        return f'This is not an image: it starts with the text "{beginning[:20]}". Upload {known} files.'
    return f"This is not a whole image in a format that is read. Upload {known} files."


def _first_line(error: Exception) -> str:
    line = str(error).strip().split("\n")[0][:120].rstrip(".")
    return line or type(error).__name__
