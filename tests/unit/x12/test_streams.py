"""Files of any size: sets come one by one, memory stays flat, folded lines and block borders change nothing."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest

from airflow_provider_sagex3_cleo.x12.reader import (
    Interchange,
    PlacedSet,
    ReadFault,
    interchanges,
    read,
    segments,
    walk,
)
from airflow_provider_sagex3_cleo.x12.tokens import BLOCK
from airflow_provider_sagex3_cleo.x12.validator import validate, validate_stream
from benchmarks.big_file import validated, write_big
from benchmarks.documents import clean


class Trickle(BytesIO):
    """A stream that gives a few bytes at a time, as a socket may."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(min(7, size or 7))


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_big(tmp_path_factory.mktemp("big") / "big.edi", megabytes=8)


def test_memory_does_not_grow_with_the_file(big: Path, tmp_path: Path) -> None:
    findings, memory = validated(big)
    _, least = validated(write_big(tmp_path / "small.edi", megabytes=0.1))
    assert findings == 0
    assert memory - least < 6  # megabytes, for a file of 8


def test_a_large_file_is_one_interchange_with_all_its_sets(big: Path) -> None:
    with big.open("rb") as stream:
        *sets, last = walk(stream)
    assert isinstance(last, Interchange)
    assert all(isinstance(piece, PlacedSet) and piece.item.segments[-1].elements[0] == "SE" for piece in sets)
    [group] = last.groups
    assert len(group.sets) == len(sets) > 2_000
    assert {len(item.segments) for item in group.sets} == {1}


def folded(data: bytes, width: int, end: bytes) -> bytes:
    return end.join(data[n : n + width] for n in range(0, len(data), width))


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("width", [72, 80, 128])
def test_lines_of_one_width_are_unfolded_and_offsets_stay_true(width: int, end: bytes) -> None:
    data = clean("850", "004010")
    file = folded(data, width, end)
    assert validate(file, own=True) == []
    for (_, one), (_, other) in zip(segments(data), segments(file), strict=True):
        assert one.elements == other.elements
        assert one.offset is not None
        assert other.offset is not None
        assert file[other.offset : other.offset + 2] == data[one.offset : one.offset + 2]


def test_lines_that_break_a_text_in_one_place_are_not_unfolded() -> None:
    data = clean("850", "004010").replace(b"Hex bolt M1", b"Hex\nbolt M1")
    assert [f.code for f in validate(data, own=True)] == ["character"]


@pytest.mark.parametrize("set_id", ["850", "810", "856"])
def test_a_stream_of_a_few_bytes_at_a_time_reads_the_same(set_id: str) -> None:
    data = clean(set_id, "005010") + b"\r\n" + clean("850", "004010").replace(b"000000417", b"000000418")
    assert list(interchanges(Trickle(data))) == read(data)
    assert list(validate_stream(Trickle(data), own=True)) == []


def test_segments_over_the_border_of_a_block_are_whole() -> None:
    one = clean("850", "004010")
    parts = [one.replace(b"000000417", f"{n:09d}".encode()) for n in range(1, 3 * BLOCK // len(one))]
    for blanks in range(0, 60, 7):
        data = (b"\n" * blanks).join(parts)
        assert validate(data, own=True) == []


def test_what_is_read_before_a_broken_interchange_is_still_given() -> None:
    def pieces() -> Iterator[Interchange]:
        yield from interchanges(BytesIO(clean("850", "004010") + b"<html>gone</html>"))

    found = pieces()
    assert next(found).control == "000000417"
    with pytest.raises(ReadFault):
        next(found)
    assert [f.code for f in validate(clean("850", "004010") + b"<html>gone</html>")] == ["isa-missing"]
