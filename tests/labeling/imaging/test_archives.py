"""Reading archives of strangers."""

import io
import random
import re
import stat
import struct
import tarfile
import zipfile
from pathlib import PurePosixPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labeling.imaging.archives import Limits, Member, RejectedMember, is_archive, iterate_archive

Files = dict[str, bytes]
TAR_MODES = ["w", "w:gz", "w:bz2", "w:xz"]
MB = 1024 * 1024


def zip_of(files: Files, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return file.getvalue()


def streamed_zip_of(files: Files) -> bytes:
    """A zip whose headers do not know their sizes, as programs write it that cannot seek."""

    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def seek(self, *_: int) -> int:
            raise io.UnsupportedOperation

        def tell(self) -> int:
            raise io.UnsupportedOperation

    file = Pipe()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return file.getvalue()


def tar_of(files: Files, mode: str = "w") -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode) as archive:  # type: ignore[call-overload]
        for name, data in files.items():
            header = tarfile.TarInfo(name)
            header.size = len(data)
            archive.addfile(header, io.BytesIO(data))
    return file.getvalue()


def tar_with(header: tarfile.TarInfo) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        archive.addfile(header)
    return file.getvalue()


def read(
    data: bytes, name: str = "upload.zip", limits: Limits | None = None
) -> list[Member | RejectedMember]:
    return list(iterate_archive(io.BytesIO(data), name, limits or Limits()))


def members(items: list[Member | RejectedMember]) -> Files:
    return {item.name: item.data for item in items if isinstance(item, Member)}


def rejections(items: list[Member | RejectedMember]) -> dict[str, str]:
    return {item.name: item.message for item in items if isinstance(item, RejectedMember)}


def incompressible(size: int, seed: int = 1) -> bytes:
    return random.Random(seed).randbytes(size)


FILES = {"a.png": b"first", "train/7/b.png": incompressible(3000), "ümlaut.png": b"third"}
ARCHIVES = {
    "stored zip": zip_of(FILES, zipfile.ZIP_STORED),
    "deflated zip": zip_of(FILES),
    "bzip2 zip": zip_of(FILES, zipfile.ZIP_BZIP2),
    "streamed zip": streamed_zip_of(FILES),
} | {f"tar {mode}": tar_of(FILES, mode) for mode in TAR_MODES}


@pytest.mark.parametrize("archive", ARCHIVES.values(), ids=ARCHIVES.keys())
def test_every_kind_of_archive_gives_its_files_in_order(archive: bytes) -> None:
    items = read(archive)
    assert list(members(items).items()) == list(FILES.items())
    assert rejections(items) == {}


def test_the_content_tells_the_kind_not_the_name() -> None:
    assert members(read(tar_of(FILES, "w:gz"), "upload.zip.tar")) == FILES
    assert members(read(zip_of(FILES), "upload.tar")) == FILES


@pytest.mark.parametrize("name", ["a.zip", "A.ZIP", "a.tar", "a.tar.gz", "a.tgz", "a.tar.bz2", "a.tar.xz"])
def test_archives_are_known_by_their_name(name: str) -> None:
    assert is_archive(name)


@pytest.mark.parametrize("name", ["a.png", "zip", "a.zip.png", "a.gz"])
def test_other_files_are_no_archives(name: str) -> None:
    assert not is_archive(name)


@pytest.mark.parametrize("pack", [zip_of, tar_of])
@pytest.mark.parametrize(
    "name", ["../evil.png", "a/../../evil.png", "/etc/evil.png", "..\\evil.png", "C:\\evil.png", "c:evil.png"]
)
def test_a_name_that_leaves_the_archive_is_rejected_and_the_others_are_read(pack: object, name: str) -> None:
    assert callable(pack)
    items = read(pack({"a.png": b"1", name: b"2", "b.png": b"3"}))
    assert members(items) == {"a.png": b"1", "b.png": b"3"}
    assert list(rejections(items).values()) == [
        "Its name points outside the archive; pack the folder again with plain names."
    ]


@pytest.mark.parametrize("pack", [zip_of, tar_of])
def test_folders_and_what_systems_add_are_left_out(pack: object) -> None:
    assert callable(pack)
    clutter = ["__MACOSX/._a.png", ".DS_Store", "x/.hidden/a.png", "Thumbs.db", "x/desktop.ini", "./.b.png"]
    assert read(pack(dict.fromkeys(clutter, b"clutter") | {"./x/a.png": b"1"})) == [Member("x/a.png", b"1")]
    with_folder = io.BytesIO(zip_of({"x/": b"", "x/a.png": b"1"}))
    assert list(iterate_archive(with_folder, "a.zip")) == [Member("x/a.png", b"1")]


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_in_a_tar_are_rejected(kind: bytes) -> None:
    header = tarfile.TarInfo("a.png")
    header.type = kind
    header.linkname = "/etc/passwd"
    assert "link or a device" in rejections(read(tar_with(header)))["a.png"]


def test_links_in_a_zip_are_rejected() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        link = zipfile.ZipInfo("a.png")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    assert "link or a device" in rejections(read(file.getvalue()))["a.png"]


def test_an_encrypted_member_is_rejected_with_advice() -> None:
    data = bytearray(zip_of({"a.png": b"secret", "b.png": b"2"}))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    items = read(bytes(data))
    assert "without a password" in rejections(items)["a.png"]
    assert members(items) == {"b.png": b"2"}


def test_an_archive_inside_an_archive_is_rejected_by_its_content() -> None:
    inner = {"1.png": zip_of(FILES), "2.png": tar_of(FILES), "3.png": tar_of(FILES, "w:gz"), "4.png": b"fine"}
    items = read(zip_of(inner))
    assert list(rejections(items)) == ["1.png", "2.png", "3.png"]
    assert all("inside an archive" in message for message in rejections(items).values())
    assert list(members(items)) == ["4.png"]


@pytest.mark.parametrize("pack", [zip_of, tar_of])
def test_a_member_that_is_too_large_is_rejected_and_the_others_are_read(pack: object) -> None:
    assert callable(pack)
    files = {"a.png": b"1", "large.png": incompressible(5000), "b.png": b"2"}
    items = read(pack(files), limits=Limits(member_bytes=4000))
    assert "larger than 4,000 bytes" in rejections(items)["large.png"]
    assert members(items) == {"a.png": b"1", "b.png": b"2"}


def test_a_zip_bomb_is_rejected_unread() -> None:
    items = read(zip_of({"bomb.png": bytes(9 * MB), "b.png": b"2"}))
    assert "archives made to do harm" in rejections(items)["bomb.png"]
    assert members(items) == {"b.png": b"2"}


def test_a_bomb_of_many_members_is_stopped() -> None:
    bomb = zip_of({f"{number}.png": bytes(MB) for number in range(20)})
    items = read(bomb, limits=Limits(ratio_free_bytes=2 * MB))
    assert list(rejections(items)) == ["upload.zip"]
    assert len(members(items)) < 10


@pytest.mark.parametrize("mode", ["w:gz", "w:bz2", "w:xz"])
def test_a_compressed_tar_bomb_is_stopped_while_it_unpacks(mode: str) -> None:
    bomb = tar_of({"a.png": b"1", "bomb.png": bytes(40 * MB), "b.png": b"2"}, mode)
    items = read(bomb)
    assert members(items) == {"a.png": b"1"}
    assert "larger than" in rejections(items)["bomb.png"]
    assert "archives made to do harm" in rejections(items)["upload.zip"]


def test_a_forged_long_name_in_a_tar_is_not_gathered_in_memory() -> None:
    header = tarfile.TarInfo("././@LongLink")
    header.type = tarfile.GNUTYPE_LONGNAME
    header.size = 64 * MB
    forged = header.tobuf(tarfile.GNU_FORMAT) + incompressible(4 * MB)
    file = io.BytesIO(forged)
    items = list(iterate_archive(file, "a.tar", Limits(header_bytes=MB)))
    assert list(rejections(items)) == ["a.tar"]
    assert file.tell() < 2 * MB


def test_the_total_is_bounded() -> None:
    files = {f"{number}.png": incompressible(20_000, number) for number in range(10)}
    for archive in (zip_of(files), tar_of(files)):
        items = read(archive, limits=Limits(total_bytes=100_000))
        assert "more than 100,000 bytes" in rejections(items)["upload.zip"]
        assert 0 < len(members(items)) < 6


def test_the_number_of_files_is_bounded() -> None:
    items = read(zip_of({f"{number}.png": b"1" for number in range(10)}), limits=Limits(members=4))
    assert len(members(items)) == 4
    assert "more than 4 files" in rejections(items)["upload.zip"]


def test_a_damaged_member_does_not_stop_the_others() -> None:
    files = {"a.png": incompressible(500), "b.png": incompressible(600, 2), "c.png": incompressible(700, 3)}
    data = bytearray(zip_of(files, zipfile.ZIP_STORED))
    data[data.index(files["b.png"]) + 100] ^= 0xFF
    items = read(bytes(data))
    assert "damaged" in rejections(items)["b.png"]
    assert list(members(items)) == ["a.png", "c.png"]


def test_a_declared_size_that_lies_is_found_out() -> None:
    data = bytearray(zip_of({"a.png": b"x" * 1000}))
    at = data.index(b"PK\x01\x02") + 24
    data[at : at + 4] = struct.pack("<I", 10)
    assert "damaged" in rejections(read(bytes(data)))["a.png"]


CUT_FILES = {f"{number}.png": incompressible(2000, number) for number in range(6)}


@pytest.mark.parametrize(
    "archive",
    [
        zip_of(CUT_FILES),
        zip_of(CUT_FILES, zipfile.ZIP_STORED),
        streamed_zip_of(CUT_FILES),
        tar_of(CUT_FILES),
        tar_of(CUT_FILES, "w:gz"),
    ],
    ids=["deflated zip", "stored zip", "streamed zip", "tar", "tar.gz"],
)
def test_of_an_archive_that_is_cut_off_the_beginning_is_read(archive: bytes) -> None:
    items = read(archive[: len(archive) * 2 // 3])
    read_files = members(items)
    assert 2 <= len(read_files) < 6
    assert all(CUT_FILES[name] == data for name, data in read_files.items())
    assert list(rejections(items)) == ["upload.zip"]
    assert "cut off" in rejections(items)["upload.zip"]


def test_a_cut_off_zip_is_salvaged_by_the_same_rules() -> None:
    files = {
        "../evil.png": b"1",
        "__MACOSX/a.png": b"2",
        "nested.png": zip_of({"a": b"1"}),
        "large.png": incompressible(9000),
        "good.png": b"3",
        "last.png": incompressible(3000),
    }
    for archive in (zip_of(files), zip_of(files, zipfile.ZIP_STORED)):
        items = read(archive[: archive.index(b"last.png") + 1000], limits=Limits(member_bytes=8000))
        assert members(items) == {"good.png": b"3"}
        assert list(rejections(items)) == ["../evil.png", "nested.png", "large.png", "upload.zip"]


def test_a_damaged_member_of_a_cut_off_zip_does_not_stop_the_others() -> None:
    for archive in (zip_of(CUT_FILES, zipfile.ZIP_STORED), zip_of(CUT_FILES), streamed_zip_of(CUT_FILES)):
        data = bytearray(archive[: len(archive) * 2 // 3])
        data[data.index(CUT_FILES["1.png"]) + 1000] ^= 1
        items = read(bytes(data))
        assert list(members(items))[:2] == ["0.png", "2.png"]
        assert "damaged" in rejections(items)["1.png"]


def test_a_damaged_header_inside_a_tar_is_told() -> None:
    data = bytearray(tar_of(CUT_FILES))
    data[3 * 2560 + 1 : 3 * 2560 + 300] = bytes(299)
    data[3 * 2560] = 0x41
    items = read(bytes(data))
    assert list(members(items)) == ["0.png", "1.png", "2.png"]
    assert "damaged" in rejections(items)["upload.zip"]


@pytest.mark.parametrize("data", [b"", b"no archive at all", bytes(2000), incompressible(2000)])
@pytest.mark.parametrize("name", ["a.zip", "a.tar.gz"])
def test_what_is_no_archive_is_told_under_its_own_name(data: bytes, name: str) -> None:
    items = read(data, name)
    assert members(items) == {}
    assert list(rejections(items)) == [name]
    assert rejections(items)[name].endswith(".")


def test_utf8_names_without_their_flag_are_read_as_utf8() -> None:
    data = zip_of({"XXXX.png": b"1"}).replace(b"XXXX", "éß".encode())
    assert members(read(data)) == {"éß.png": b"1"}


def test_names_in_another_encoding_survive() -> None:
    in_zip = zip_of({"XX.png": b"1"}).replace(b"XX", b"\x81\xe1")
    assert members(read(in_zip)) == {"üß.png": b"1"}
    header = tarfile.TarInfo("\udcfc\udcdf.png")
    assert members(read(tar_with(header), "a.tar")) == {"üß.png": b""}


def test_decomposed_names_of_macos_are_composed() -> None:
    assert members(read(zip_of({"u\u0308.png": b"1"}))) == {"ü.png": b"1"}


def test_control_characters_in_names_are_replaced() -> None:
    assert members(read(tar_of({"a\nb\x1b.png": b"1"}))) == {"a\ufffdb\ufffd.png": b"1"}


def test_a_name_that_is_too_long_is_rejected_and_shown_shortened() -> None:
    items = read(zip_of({"x" * 600 + ".png": b"1"}))
    assert [len(name) for name in rejections(items)] == [500]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.text(min_size=1, max_size=20).filter(lambda name: "\0" not in name), max_size=5),
    st.booleans(),
)
def test_no_archive_ever_yields_an_unsafe_name(names: list[str], as_zip: bool) -> None:
    parts = ["..", "/", ".", "a", "\\", "C:"]
    files = {
        (parts[index % 6] + "/" + name).encode("utf-8", "ignore").decode(): b"x"
        for index, name in enumerate(names)
    }
    for item in read(zip_of(files) if as_zip else tar_of(files)):
        item.name.encode("utf-8")
        if isinstance(item, Member):
            path = PurePosixPath(item.name)
            assert not path.is_absolute()
            assert ".." not in path.parts
            assert "\\" not in item.name
            assert not re.match("[A-Za-z]:", item.name)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(ARCHIVES)), st.data())
def test_whatever_is_done_to_an_archive_nothing_is_raised(kind: str, data: st.DataObject) -> None:
    mutated = bytearray(ARCHIVES[kind])
    for _ in range(data.draw(st.integers(1, 6))):
        position = data.draw(st.integers(0, len(mutated) - 1))
        match data.draw(st.sampled_from(["set", "cut", "insert"])):
            case "set":
                mutated[position] = data.draw(st.integers(0, 255))
            case "cut":
                del mutated[position + 1 : position + 1 + data.draw(st.integers(1, 400))]
            case "insert":
                mutated[position:position] = data.draw(st.binary(max_size=12))
    for item in read(bytes(mutated)):
        assert isinstance(item, Member) or item.message.endswith(".")


@pytest.mark.parametrize("archive", ARCHIVES.values(), ids=ARCHIVES.keys())
def test_reading_twice_gives_the_same_files_in_the_same_order(archive: bytes) -> None:
    file = io.BytesIO(archive)
    assert list(iterate_archive(file, "a")) == list(iterate_archive(file, "a"))


FEW = {"a.csv": b"a,1", "b.png": b"picture"}
LARGE = {"a.csv": bytes(2 * MB), "b.png": bytes(2 * MB)}


@pytest.mark.parametrize("data", [zip_of(FEW), tar_of(FEW)])
def test_members_that_are_not_wanted_come_without_their_bytes(data: bytes) -> None:
    members = list(iterate_archive(io.BytesIO(data), "x", wanted=lambda name: name.endswith(".csv")))
    assert members == [Member("a.csv", b"a,1"), Member("b.png", b"")]


@pytest.mark.parametrize("data", [zip_of(LARGE), tar_of(LARGE)])
def test_tables_may_be_larger_than_pictures(data: bytes) -> None:
    limits = Limits(member_bytes=MB, text_bytes=3 * MB)
    table, picture = iterate_archive(io.BytesIO(data), "x", limits)
    assert isinstance(table, Member)
    assert isinstance(picture, RejectedMember)
    assert "larger than 1 MB" in picture.message
