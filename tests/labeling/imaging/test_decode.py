"""Decoding files of strangers."""

import struct
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFile

from labeling.imaging.decode import MAX_BYTES, MAX_SIDE, UnreadableImage, decode_image, pixels_of

FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "PPM")


def file_of(image: Image.Image, format: str = "PNG", **options: Any) -> bytes:
    file = BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def noise(mode: str = "RGB", size: tuple[int, int] = (60, 24)) -> Image.Image:
    """Pixels that no compression shortens, so that half a file is half an image."""
    random = np.random.default_rng(7)
    return Image.fromarray(random.integers(0, 256, (size[1], size[0], 3), np.uint8)).convert(mode)


def gradient(mode: str = "RGB") -> Image.Image:
    columns = np.linspace(0, 255, 64).astype(np.uint8)
    return Image.fromarray(np.tile(columns, (20, 1))).convert(mode)


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_16_bit(values: np.ndarray, colour_type: int) -> bytes:
    """A 16-bit PNG; Pillow writes only grey ones."""
    height, width = values.shape[:2]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    header = struct.pack(">IIBBBBB", width, height, 16, colour_type, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", header)
        + png_chunk(b"IDAT", zlib.compress(rows))
        + png_chunk(b"IEND", b"")
    )


def reason(data: bytes) -> str:
    with pytest.raises(UnreadableImage) as caught:
        decode_image(data)
    return str(caught.value)


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_on_the_list_becomes_opaque_rgba(format: str) -> None:
    decoded = decode_image(file_of(gradient(), format))
    assert decoded.format == format
    assert (decoded.width, decoded.height) == (64, 20)
    assert decoded.pixels.shape == (20, 64, 4)
    assert decoded.pixels.dtype == np.uint8
    assert (decoded.pixels[:, :, 3] == 255).all()
    assert np.abs(decoded.pixels[:, :, 0].astype(int) - np.asarray(gradient("L"))).max() < 8
    assert decoded.notes == ()


@pytest.mark.parametrize("format", ["PNG", "BMP", "TIFF", "PPM"])
def test_lossless_formats_keep_every_pixel(format: str) -> None:
    assert np.array_equal(decode_image(file_of(noise(), format)).pixels[:, :, :3], np.asarray(noise()))


def test_the_extension_follows_the_content() -> None:
    assert decode_image(file_of(gradient(), "JPEG")).extension == "jpg"


def test_an_empty_file_is_named_as_such() -> None:
    assert "empty" in reason(b"")


@pytest.mark.parametrize("format", FORMATS)
def test_half_an_image_is_rejected(format: str) -> None:
    data = file_of(noise(), format)
    assert "damaged" in reason(data[: len(data) // 2])


def test_a_png_without_its_last_pixels_is_rejected() -> None:
    data = file_of(noise())
    assert "damaged" in reason(data[: data.index(b"IEND") - 200])


def test_text_with_the_name_of_an_image_is_quoted() -> None:
    assert 'starts with the text "hello, I am"' in reason(b"hello, I am\nno picture at all")


def test_other_well_known_files_are_named() -> None:
    assert "PDF" in reason(b"%PDF-1.7 ...")
    assert "zip" in reason(b"PK\x03\x04" + bytes(40))


def test_an_image_format_off_the_list_is_refused_with_the_list() -> None:
    assert "PNG, PPM, TIFF, WEBP" in reason(file_of(gradient(), "ICO"))


def test_bytes_that_are_nothing_are_refused() -> None:
    assert "not a whole image" in reason(bytes(range(128, 256)))


def test_a_bomb_is_refused_by_its_header_alone() -> None:
    header = struct.pack(">IIBBBBB", 20_000, 20_000, 8, 0, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + png_chunk(b"IDAT", zlib.compress(bytes(100)))
    assert "pixels" in reason(bomb)


def test_a_bomb_is_refused_also_where_warnings_are_errors() -> None:
    header = struct.pack(">IIBBBBB", 10_000, 10_000, 8, 0, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + png_chunk(b"IDAT", zlib.compress(bytes(100)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert "pixels" in reason(bomb)


def test_a_side_that_is_too_long_is_refused() -> None:
    assert f"{MAX_SIDE:,} per side" in reason(file_of(Image.new("L", (MAX_SIDE + 1, 2))))


def test_the_caller_may_lower_the_pixel_bound() -> None:
    with pytest.raises(UnreadableImage, match="at most 100 are read"):
        decode_image(file_of(gradient()), max_pixels=100)


def test_a_file_with_too_many_bytes_is_refused_unread() -> None:
    assert "10.0 MB" in reason(bytes(MAX_BYTES + 1))


@pytest.mark.parametrize("format", ["GIF", "PNG", "WEBP"])
def test_of_an_animation_the_first_frame_is_used_and_said_so(format: str) -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "lime", "blue")]
    decoded = decode_image(file_of(frames[0], format, save_all=True, append_images=frames[1:]))
    assert decoded.notes == ("Animated: only the first of 3 frames is used.",)
    assert np.abs(decoded.pixels[0, 0].astype(int) - (255, 0, 0, 255)).max() < 8


def test_of_a_tiff_with_several_pages_the_first_is_used_and_said_so() -> None:
    pages = [Image.new("L", (8, 8), grey) for grey in (10, 200)]
    decoded = decode_image(file_of(pages[0], "TIFF", save_all=True, append_images=pages[1:]))
    assert decoded.notes == ("Several pages: only the first is used.",)
    assert decoded.pixels[0, 0].tolist() == [10, 10, 10, 255]


@pytest.mark.parametrize("format", ["PNG", "TIFF", "PPM"])
def test_16_bit_grey_is_scaled_not_clipped_and_said_so(format: str) -> None:
    values = np.array([[0, 257, 32_896, 65_535, 200]], np.uint16)
    decoded = decode_image(file_of(Image.fromarray(values), format))
    assert decoded.pixels[0, :, 0].tolist() == [0, 1, 128, 255, 1]
    assert decoded.notes == ("16-bit reduced to 8-bit.",)


def test_16_bit_colour_is_scaled_and_said_so() -> None:
    values = np.array([[[65_535, 32_896, 0], [257, 0, 65_535]]], np.uint16)
    decoded = decode_image(png_16_bit(values, 2))
    assert np.abs(decoded.pixels[0, :, :3].astype(int) - [[255, 128, 0], [1, 0, 255]]).max() <= 1
    assert decoded.notes == ("16-bit reduced to 8-bit.",)


def test_a_transparent_grey_level_of_a_16_bit_image_stays_transparent() -> None:
    plain = png_16_bit(np.array([[0, 500, 65_535]], np.uint16), 0)
    at = plain.index(b"IDAT") - 4
    decoded = decode_image(plain[:at] + png_chunk(b"tRNS", struct.pack(">H", 500)) + plain[at:])
    assert decoded.pixels[0, :, 3].tolist() == [255, 0, 255]


def test_32_bit_pixels_are_refused_with_advice() -> None:
    assert "32 bits per channel" in reason(file_of(Image.new("F", (4, 4), 0.5), "TIFF"))


def test_cmyk_becomes_rgb_and_is_said_so() -> None:
    decoded = decode_image(file_of(Image.new("RGB", (16, 16), "red").convert("CMYK"), "TIFF"))
    assert decoded.pixels[5, 5].tolist() == [255, 0, 0, 255]
    assert decoded.notes == ("CMYK colours converted to RGB.",)


def test_a_palette_keeps_its_transparency() -> None:
    image = Image.new("P", (3, 1))
    image.putpalette([255, 0, 0, 0, 255, 0, 0, 0, 255])
    image.putdata([0, 1, 2])
    decoded = decode_image(file_of(image, transparency=bytes([255, 128, 0])))
    assert decoded.pixels[0].tolist() == [[255, 0, 0, 255], [0, 255, 0, 128], [0, 0, 255, 0]]


def test_rgba_and_grey_with_alpha_keep_their_alpha() -> None:
    assert decode_image(file_of(Image.new("RGBA", (2, 2), (9, 8, 7, 66)))).pixels[0, 0].tolist() == [
        9,
        8,
        7,
        66,
    ]
    assert decode_image(file_of(Image.new("LA", (2, 2), (9, 66)))).pixels[0, 0].tolist() == [9, 9, 9, 66]


def test_black_and_white_is_read() -> None:
    assert decode_image(file_of(Image.new("1", (2, 2), 1))).pixels[0, 0].tolist() == [255, 255, 255, 255]


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_an_image_stored_lying_down_is_turned_upright_and_said_so(format: str) -> None:
    image = Image.new("L", (40, 16), 0).convert("RGB")
    image.paste("white", (0, 0, 20, 16))
    exif = Image.Exif()
    exif[0x0112] = 6
    decoded = decode_image(file_of(image, format, exif=exif))
    assert (decoded.width, decoded.height) == (16, 40)
    assert decoded.pixels[5, 8, 0] > 200 > 50 > decoded.pixels[35, 8, 0]
    assert decoded.notes == ("Turned upright, as its EXIF orientation says.",)


@pytest.mark.filterwarnings("ignore")
def test_damaged_exif_does_not_cost_the_image() -> None:
    data = file_of(gradient(), "JPEG", exif=b"Exif\x00\x00II*\x00\xff\xff\xff\xff" + bytes(8))
    assert decode_image(data).width == 64


def test_no_setting_of_pillow_is_changed() -> None:
    before = (Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES, Image.WARN_POSSIBLE_FORMATS)
    decode_image(file_of(gradient()))
    reason(b"nothing")
    assert before == (Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES, Image.WARN_POSSIBLE_FORMATS)


def test_threads_decode_side_by_side() -> None:
    files = [file_of(Image.new("L", (30, 20), level)) for level in range(64)]
    with ThreadPoolExecutor(8) as pool:
        decoded = list(pool.map(decode_image, files))
    assert [int(one.pixels[0, 0, 0]) for one in decoded] == list(range(64))


SEEDS = [file_of(noise(size=(12, 9)), format) for format in FORMATS] + [
    file_of(noise("P"), "GIF", save_all=True, append_images=[gradient("P")]),
    file_of(noise("CMYK"), "JPEG"),
    file_of(gradient(), "TIFF", compression="tiff_lzw"),
]


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=400, deadline=None)
@given(st.data())
def test_whatever_is_done_to_a_file_it_decodes_or_is_unreadable(data: st.DataObject) -> None:
    mutated = bytearray(data.draw(st.sampled_from(SEEDS)))
    for _ in range(data.draw(st.integers(1, 6))):
        position = data.draw(st.integers(0, len(mutated) - 1))
        match data.draw(st.sampled_from(["set", "cut", "insert"])):
            case "set":
                mutated[position] = data.draw(st.integers(0, 255))
            case "cut":
                del mutated[position + 1 : position + 1 + data.draw(st.integers(1, 40))]
            case "insert":
                mutated[position:position] = data.draw(st.binary(max_size=12))
    try:
        decoded = decode_image(bytes(mutated))
    except UnreadableImage as error:
        assert str(error).endswith(".")
    else:
        assert decoded.pixels.shape == (decoded.height, decoded.width, 4)


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"BM", b"\xff\xd8\xff", b"II*\x00", b"P5 "]),
    st.binary(),
)
def test_random_bytes_are_unreadable_or_an_image(start: bytes, rest: bytes) -> None:
    try:
        assert decode_image(start + rest).pixels.dtype == np.uint8
    except UnreadableImage as error:
        assert str(error).endswith(".")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("format", FORMATS)
@settings(max_examples=20, deadline=None)
@given(length=st.integers(0, 4000))
def test_what_can_be_decoded_has_the_pixels_that_its_header_says(format: str, length: int) -> None:
    data = file_of(noise(), format)[:length]
    try:
        decoded = decode_image(data)
    except UnreadableImage:
        assert pixels_of(data) in (0, 60 * 24)
    else:
        assert pixels_of(data) == decoded.width * decoded.height


def test_an_image_that_is_too_large_to_be_decoded_counts_no_pixels() -> None:
    assert pixels_of(file_of(Image.new("1", (MAX_SIDE + 1, 2)))) == 0
