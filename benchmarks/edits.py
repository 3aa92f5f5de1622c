"""Edits that break a right file in one place. Files are written with `*` and `~`, without line ends."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["Edit", "again", "change", "cut", "drop", "drop_all", "insert", "mutated", "swap", "tail"]

Edit = Callable[[list[str]], None]


def change(old: str, new: str) -> Edit:
    """Replace `old` where it stands first; it must be there."""

    def edit(segments: list[str]) -> None:
        at = next(n for n, s in enumerate(segments) if old in s)
        segments[at] = segments[at].replace(old, new, 1)

    return edit


def drop(start: str) -> Edit:
    def edit(segments: list[str]) -> None:
        del segments[_first(segments, start)]

    return edit


def drop_all(*starts: str) -> Edit:
    def edit(segments: list[str]) -> None:
        segments[:] = [s for s in segments if not s.startswith(starts)]

    return edit


def insert(before: str, *new: str) -> Edit:
    def edit(segments: list[str]) -> None:
        at = _first(segments, before)
        segments[at:at] = new

    return edit


def swap(one: str, other: str) -> Edit:
    def edit(segments: list[str]) -> None:
        a, b = _first(segments, one), _first(segments, other)
        segments[a], segments[b] = segments[b], segments[a]

    return edit


def again(start: str, last: str) -> Edit:
    """Repeat everything from the first segment that begins with `start` to the first after it that does with `last`."""

    def edit(segments: list[str]) -> None:
        first = _first(segments, start)
        end = next(n for n in range(first, len(segments)) if segments[n].startswith(last)) + 1
        segments[end:end] = segments[first:end]

    return edit


def tail(text: str) -> Edit:
    """Text after the last segment."""

    def edit(segments: list[str]) -> None:
        segments[-1] = text

    return edit


def cut(signs: int) -> Edit:
    """The file ends that many signs early."""

    def edit(segments: list[str]) -> None:
        whole = "~".join(segments)
        segments[:] = whole[: len(whole) - signs].split("~")

    return edit


def _first(segments: list[str], start: str) -> int:
    return next(n for n, s in enumerate(segments) if s.startswith(start))


def mutated(edit: Edit, data: bytes, *, keep_count: bool = False) -> bytes:
    """The file with one edit; SE01 is set right again, so that one fault stays one, unless `keep_count`."""
    segments = data.decode("ascii").split("~")  # the last one is what stands after the last terminator: nothing
    before = len(segments)
    edit(segments)
    if len(segments) != before and not keep_count:
        for n, segment in enumerate(segments):
            if segment.startswith("SE*"):
                _, count, control = segment.split("*")
                segments[n] = f"SE*{int(count) + len(segments) - before}*{control}"
    return "~".join(segments).encode("latin-1")
