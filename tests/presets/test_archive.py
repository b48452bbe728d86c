"""What was packed is unpacked; anything else that calls itself a preset's zip is refused."""

from __future__ import annotations

import io
import re
import stat
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from presets.archive import MAX_ENTRIES, pack, unpack
from presets.errors import PresetError
from presets.manifest import to_json
from presets.preset import Preset, digest, read

Entries = list[tuple[zipfile.ZipInfo, bytes]]


@pytest.fixture(scope="module")
def tiny(tiny_preset: Path) -> Preset:
    return read(tiny_preset)


@pytest.fixture(scope="module")
def zipped(tiny: Preset) -> bytes:
    return pack(tiny)


def zip_of(entries: Entries) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for entry, content in entries:
            archive.writestr(entry, content)
    return made.getvalue()


def entries_of(zipped: bytes) -> Entries:
    with zipfile.ZipFile(io.BytesIO(zipped)) as archive:
        return [(zipfile.ZipInfo(e.filename), archive.read(e)) for e in archive.infolist()]


def refusal(tmp_path: Path, content: bytes) -> str:
    """The sentence about such a file; it names it, and says what to do."""
    (tmp_path / "x.zip").write_bytes(content)
    with pytest.raises(PresetError) as caught:
        unpack(tmp_path / "x.zip")
    sentence = str(caught.value)
    assert sentence.startswith(f"{tmp_path / 'x.zip'}"), sentence
    assert re.search(r"; (do not|get|this is|update|export) .*\.$", sentence), sentence
    return sentence


def test_what_is_packed_is_what_the_manifest_lists(
    tiny: Preset, zipped: bytes, tmp_path: Path
) -> None:
    (tmp_path / "tiny.zip").write_bytes(zipped)
    package = unpack(tmp_path / "tiny.zip")
    text = (tiny.folder / "preset.json").read_bytes()
    assert package.files == {**tiny.files, "preset.json": text}
    assert package.manifest == tiny.manifest
    assert package.sha256 == tiny.sha256


def test_a_preset_is_packed_to_the_same_bytes_wherever_it_lies(
    tiny: Preset, zipped: bytes, tmp_path: Path
) -> None:
    for path, content in entries_of(zipped):
        (tmp_path / path.filename).write_bytes(content)
    (tmp_path / "stray.txt").write_text("not in the manifest")
    assert pack(read(tmp_path)) == zipped


def test_a_preset_that_changes_while_it_is_packed_is_refused(tiny: Preset) -> None:
    with pytest.raises(PresetError, match="has just changed; pack the preset again"):
        pack(Preset(tiny.folder, tiny.manifest, tiny.encoding, tiny.files, "another"))


def test_one_that_another_program_deflated_is_taken(zipped: bytes, tmp_path: Path) -> None:
    entries = entries_of(zipped)
    for entry, _ in entries:
        entry.compress_type = zipfile.ZIP_DEFLATED
    (tmp_path / "x.zip").write_bytes(zip_of(entries))
    assert unpack(tmp_path / "x.zip").files == {e.filename: content for e, content in entries}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("../evil", "would lie outside the preset"),
        ("actors/../../evil", "would lie outside the preset"),
        ("/etc/evil", "would lie outside the preset"),
        ("\\\\server\\evil", "would lie outside the preset"),
        ("C:evil", "would lie outside the preset"),
        ("actors\\evil.onnx", "has a name that not every system can have"),
        ("evil\0.onnx", "has a name that not every system can have"),
        ("e\u0301vil", "has a name that not every system can have"),
        (".hidden", "has a name that not every system can have"),
        ("a/b/c/d/e", "has a name that not every system can have"),
        ("x" * 5000, "has a name that not every system can have"),
        ("actors/", "is a folder"),
        ("ENCODER.onnx", "twice, perhaps in other case"),
        ("encoder.onnx", "twice, perhaps in other case"),
        ("stray.txt", "which its preset.json does not list"),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_an_entry_by_such_a_name_is_refused(
    zipped: bytes, tmp_path: Path, name: str, words: str
) -> None:
    entry = zipfile.ZipInfo("placeholder")
    entry.filename = entry.orig_filename = name  # as no honest program would write it
    assert words in refusal(tmp_path, zip_of([*entries_of(zipped), (entry, b"evil")]))


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_a_link_or_a_device_is_refused(zipped: bytes, tmp_path: Path, kind: int) -> None:
    entries = entries_of(zipped)
    entries[0][0].external_attr = (kind | 0o777) << 16
    assert "is a link or a device" in refusal(tmp_path, zip_of(entries))


def test_a_folder_by_its_kind_is_refused(zipped: bytes, tmp_path: Path) -> None:
    entries = entries_of(zipped)
    entries[0][0].external_attr = (stat.S_IFDIR | 0o777) << 16
    assert "is a folder" in refusal(tmp_path, zip_of(entries))


def test_an_unusual_compression_is_refused(zipped: bytes, tmp_path: Path) -> None:
    entries = entries_of(zipped)
    entries[0][0].compress_type = zipfile.ZIP_BZIP2
    assert "compressed in an unusual way" in refusal(tmp_path, zip_of(entries))


def edited(
    zipped: bytes, central: int, local: int, change: Callable[[int], int], size: int
) -> bytes:
    """The zip with a field of every entry changed, in the table of contents and before the data."""
    data = bytearray(zipped)
    for signature, offset in ((b"PK\1\2", central), (b"PK\3\4", local)):
        for found in re.finditer(re.escape(signature), zipped):
            place = found.start() + offset
            number = int.from_bytes(data[place : place + size], "little")
            data[place : place + size] = change(number).to_bytes(size, "little")
    return bytes(data)


def small(tiny: Preset) -> bytes:
    """A zip whose entries hold nothing that looks like a zip's own records."""
    return zip_of([(zipfile.ZipInfo("preset.json"), to_json(replace(tiny.manifest, files={})))])


def test_an_encrypted_entry_is_refused(tiny: Preset, tmp_path: Path) -> None:
    assert "is encrypted" in refusal(tmp_path, edited(small(tiny), 8, 6, lambda n: n | 1, 2))


@pytest.mark.parametrize("change", [lambda n: n - 1, lambda n: n + 1])
@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_an_entry_that_is_not_as_large_as_it_declares_is_refused(
    tiny: Preset, tmp_path: Path, change: Callable[[int], int], method: int
) -> None:
    entry = zipfile.ZipInfo("preset.json")
    entry.compress_type = method
    lying = edited(zip_of([(entry, to_json(tiny.manifest))]), 24, 22, change, 4)
    assert "preset.json is not as large as it declares" in refusal(tmp_path, lying)


def test_a_bomb_costs_no_more_memory_than_it_declares(tmp_path: Path) -> None:
    entry = zipfile.ZipInfo("preset.json")
    entry.compress_type = zipfile.ZIP_DEFLATED
    bomb = edited(zip_of([(entry, bytes(200 << 20))]), 24, 22, lambda _: 1000, 4)
    tracemalloc.start()
    try:
        sentence = refusal(tmp_path, bomb)
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()
    assert re.search("not as large as it declares|damaged one", sentence)


def test_an_entry_that_declares_too_much_is_refused_unread(tiny: Preset, tmp_path: Path) -> None:
    large = edited(small(tiny), 24, 22, lambda _: 5 << 20, 4)
    assert "preset.json' unpacks to 5 MB, more than" in refusal(tmp_path, large)


def test_entries_that_unpack_to_too_much_together_are_refused(tmp_path: Path) -> None:
    entries = [(zipfile.ZipInfo(f"f{number}"), b"x") for number in range(5)]
    large = edited(zip_of(entries), 24, 22, lambda _: 60 << 20, 4)
    assert "unpacks to over 256 MB" in refusal(tmp_path, large)


def test_too_many_entries_are_refused(tmp_path: Path) -> None:
    many = [(zipfile.ZipInfo(f"f{number}"), b"") for number in range(MAX_ENTRIES + 1)]
    assert "has 258 entries, more than a preset" in refusal(tmp_path, zip_of(many))


def test_far_too_many_are_refused_before_they_are_listed(tmp_path: Path) -> None:
    many = [(zipfile.ZipInfo(f"f{number}"), b"") for number in range(4000)]
    assert "far more entries than a preset" in refusal(tmp_path, zip_of(many))


@pytest.mark.parametrize("end", [b"a comment", struct.pack("<4s4H2LH", b"PK\5\6", *[0] * 6, 9)])
def test_a_second_end_or_a_comment_is_refused(zipped: bytes, tmp_path: Path, end: bytes) -> None:
    assert "does not end as a preset's zip does" in refusal(tmp_path, zipped + end)


def test_the_record_of_a_larger_zip_is_refused(zipped: bytes, tmp_path: Path) -> None:
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, 0, 1)
    large = zipped[:-22] + locator + zipped[-22:]
    assert "does not end as a preset's zip does" in refusal(tmp_path, large)


def test_a_sparse_file_of_any_size_is_refused_at_once(tmp_path: Path) -> None:
    with (tmp_path / "x.zip").open("wb") as file:
        file.truncate(1 << 36)
    with pytest.raises(PresetError, match=r"is over 256 MB; this is no preset"):
        unpack(tmp_path / "x.zip")


@pytest.mark.parametrize("content", [b"", b"PK", b"#!/bin/sh\n", b"PK\5\6" + bytes(18)])
def test_what_is_no_zip_is_refused(tmp_path: Path, content: bytes) -> None:
    refusal(tmp_path, content)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    for where in (tmp_path, tmp_path / "nothing.zip"):
        with pytest.raises(PresetError, match="there is no file"):
            unpack(where)


def test_a_zip_within_the_zip_is_refused(tiny: Preset, zipped: bytes, tmp_path: Path) -> None:
    manifest = replace(tiny.manifest, files={"more.bin": digest(zipped)})
    entries = [
        (zipfile.ZipInfo("preset.json"), to_json(manifest)),
        (zipfile.ZipInfo("more.bin"), zipped),
    ]
    assert "more.bin is a zip within the zip" in refusal(tmp_path, zip_of(entries))


@pytest.mark.parametrize("path", ["encoder.onnx", "golden.npz", "preset.json"])
def test_a_file_that_is_missing_is_named(zipped: bytes, tmp_path: Path, path: str) -> None:
    entries = [(e, content) for e, content in entries_of(zipped) if e.filename != path]
    assert re.search(f"(lacks|holds no) '?{path}", refusal(tmp_path, zip_of(entries)))


def test_a_file_that_is_another_is_named(zipped: bytes, tmp_path: Path) -> None:
    entries = [
        (e, b"another" if e.filename == "encoder.onnx" else content)
        for e, content in entries_of(zipped)
    ]
    sentence = refusal(tmp_path, zip_of(entries))
    assert (
        "encoder.onnx is not the file that preset.json describes (its sha256 differs)" in sentence
    )


@settings(max_examples=300)
@given(data=st.data())
def test_a_damaged_zip_is_refused_in_a_sentence_or_is_the_same_preset(
    zipped: bytes, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Bytes changed, cut out or put in anywhere, most of them where a zip's own records are."""
    where = tmp_path_factory.getbasetemp() / "fuzzed.zip"
    damaged = bytearray(zipped)
    ends = [len(zipped) - 400, len(zipped)]
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(*ends) | st.integers(0, len(zipped)))
        cut = data.draw(st.sampled_from([0, 1, 1, 1, 4, 1000]))
        damaged[place : place + cut] = data.draw(st.binary(max_size=4))
    where.write_bytes(damaged)
    try:
        files = unpack(where).files
    except PresetError:
        return
    assert files == {e.filename: content for e, content in entries_of(zipped)}


@settings(max_examples=100)
@given(entries=st.lists(st.tuples(st.text(min_size=1, max_size=20), st.binary(max_size=50))))
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_any_zip_is_refused_in_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, entries: list[tuple[str, bytes]]
) -> None:
    where = tmp_path_factory.getbasetemp() / "any.zip"
    where.write_bytes(zip_of([(zipfile.ZipInfo(name), content) for name, content in entries]))
    with pytest.raises(PresetError, match=re.escape(str(where))):
        unpack(where)
