"""Bodies -> the bytes of one interchange. Numbers and times come in; nothing is read or guessed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from airflow_provider_sagex3_cleo import errors as e
from airflow_provider_sagex3_cleo.x12 import standard
from airflow_provider_sagex3_cleo.x12.model import Envelope, SetBody
from airflow_provider_sagex3_cleo.x12.values import Charset, sign_classes

__all__ = ["check_envelope", "write", "write_sets"]

CONTROL_LIMIT = 999_999_999


def write(
    bodies: Sequence[SetBody],
    envelope: Envelope,
    *,
    isa: int,
    gs: int | Sequence[int],
    st: Sequence[str],
    at: datetime,
    group_size: int | None = None,
) -> bytes:
    """One interchange (ISA, the groups with their sets, IEA) as bytes; the same arguments give the same bytes.

    They are ASCII, or UTF-8 where the envelope's `charset` says so.

    Args:
        bodies: at least one, all of the envelope's release and of one functional id (GS01).
        isa, gs: control numbers, 1 to 999999999; of each group, where there are several.
        group_size: most sets in one group; None: all are in one.
        st: one set control number (4 to 9 characters) for each body, all different.
        at: date and time of the envelope in the sender's zone; its wall clock is written as it is.

    Raises:
        SettingFault: the envelope's identifiers do not fit.
        NotRepresentable: a body holds a character that is a delimiter of this envelope.
        ValueError: the arguments contradict each other."""
    _check_arguments(bodies, envelope, st)
    size = group_size or len(bodies)
    numbers = [gs] if isinstance(gs, int) else list(gs)
    if any(not 1 <= number <= CONTROL_LIMIT for number in (isa, *numbers)):
        raise ValueError(f"control numbers out of range: {isa}, {gs}")
    if len(set(numbers)) != -(-len(bodies) // size):
        raise ValueError(f"{len(bodies)} sets by {size} are no {len(numbers)} groups of different numbers")
    check_envelope(envelope)
    marks = envelope.delimiters
    sep, end = marks.element, marks.segment + ("\n" if marks.line_break else "")
    rows = [_isa(envelope, isa, at)]
    for number, first in zip(numbers, range(0, len(bodies), size), strict=True):
        inside = bodies[first : first + size]
        header = ("GS", bodies[0].functional_group, envelope.gs_sender, envelope.gs_receiver, f"{at:%Y%m%d}",
                  f"{at:%H%M}", str(number), "X", envelope.version or envelope.release)  # fmt: skip
        rows.append(sep.join(header))
        rows += _sets(inside, envelope, st[first : first + size])
        rows.append(f"GE{sep}{len(inside)}{sep}{number}")
    rows.append(f"IEA{sep}{len(numbers)}{sep}{isa:09d}")
    return (end.join(rows) + end).encode()


def write_sets(bodies: Sequence[SetBody], envelope: Envelope, *, st: Sequence[str]) -> bytes:
    """The sets alone, ST to SE, for one who puts his own envelope around them; else as `write`.

    Of the envelope only release and delimiters count.

    Raises:
        NotRepresentable, ValueError: as `write`."""
    _check_arguments(bodies, envelope, st)
    end = envelope.delimiters.segment + ("\n" if envelope.delimiters.line_break else "")
    return (end.join(_sets(bodies, envelope, st)) + end).encode()


def _sets(bodies: Sequence[SetBody], envelope: Envelope, st: Sequence[str]) -> list[str]:
    """The segments of all sets, joined, without terminators."""
    sep, reserved = envelope.delimiters.element, envelope.delimiters.reserved(envelope.release)
    rows: list[str] = []
    for body, control in zip(bodies, st, strict=True):
        _check_characters(body, reserved, envelope.charset)
        rows.append(f"ST{sep}{body.set_id}{sep}{control}")
        rows.extend([sep.join(segment) for segment in body.segments])
        rows.append(f"SE{sep}{len(body.segments) + 2}{sep}{control}")
    return rows


@lru_cache(maxsize=256)
def check_envelope(envelope: Envelope) -> None:
    """Nothing when ISA and GS can be written from this envelope.

    Raises:
        SettingFault: an identifier does not fit its element, or a qualifier or release is not in use."""
    release = standard.release(envelope.release)
    reserved = envelope.delimiters.reserved(envelope.release)
    for segment, place, field in (
        ("ISA", 5, "sender_qualifier"),
        ("ISA", 6, "sender_id"),
        ("ISA", 7, "receiver_qualifier"),
        ("ISA", 8, "receiver_id"),
        ("ISA", 15, "usage"),
        ("GS", 2, "gs_sender"),
        ("GS", 3, "gs_receiver"),
        ("GS", 8, "version"),
    ):
        value = envelope.version or envelope.release if field == "version" else getattr(envelope, field)
        slot = release.segments[segment].slots[place - 1].element
        assert isinstance(slot, standard.Element)
        shortest = 1 if segment == "ISA" and slot.type == "AN" else slot.min
        if value != value.strip() or not shortest <= len(value) <= slot.max:
            raise e.SettingFault(
                "does not fit its element", field=field, value=value,
                expected=f"{shortest} to {slot.max} characters ({segment}{place:02d})",
            )  # fmt: skip
        if not (value.isascii() and value.isprintable()) or set(value) & set(reserved):
            raise e.SettingFault("holds a delimiter or a foreign character", field=field, value=value)
        if slot.codes and value not in slot.codes:
            raise e.SettingFault(
                "not a code in use", field=field, value=value, expected=" ".join(slot.codes),
                remedy="correct the identity or the agreement",
            )  # fmt: skip
    if not (envelope.version or envelope.release).startswith(envelope.release):
        raise e.SettingFault("belongs to another release", field="version", value=envelope.version)


def _isa(envelope: Envelope, isa: int, at: datetime) -> str:
    """The fixed-width header without its terminator: 105 characters."""
    marks = envelope.delimiters
    first = envelope.release == "004010"
    return marks.element.join(
        (
            "ISA", "00", " " * 10, "00", " " * 10,
            f"{envelope.sender_qualifier:<2}", f"{envelope.sender_id:<15}",
            f"{envelope.receiver_qualifier:<2}", f"{envelope.receiver_id:<15}",
            f"{at:%y%m%d}", f"{at:%H%M}", "U" if first else marks.repetition, standard.release(envelope.release).isa12,
            f"{isa:09d}", "1" if envelope.ack_requested else "0", envelope.usage, marks.component,
        )
    )  # fmt: skip


def _check_arguments(bodies: Sequence[SetBody], envelope: Envelope, st: Sequence[str]) -> None:
    if not bodies or len(bodies) != len(st):
        raise ValueError(f"{len(bodies)} bodies and {len(st)} set control numbers")
    if len(set(st)) != len(st) or any(not (4 <= len(x) <= 9 and x.isascii() and x.isdecimal()) for x in st):
        raise ValueError("set control numbers must be different and have 4 to 9 digits")
    strange = {(b.release, b.functional_group) for b in bodies} - {(envelope.release, bodies[0].functional_group)}
    if strange:
        raise ValueError(f"bodies of {sorted(strange)} in an interchange of release {envelope.release}")


def _check_characters(body: SetBody, reserved: str, charset: Charset) -> None:
    """The last guard before bytes: a body made for other delimiters must not go out with these."""
    fits = _clean(reserved, charset).fullmatch
    if fits("".join(map("".join, body.segments))):
        return
    for position, segment in enumerate(body.segments, 2):
        for place, value in enumerate(segment):
            if not fits(value):
                raise e.NotRepresentable(
                    "a delimiter or a foreign character", field=f"segment {position} {segment[0]}{place:02d}",
                    value=value, remedy="correct it in Sage X3, or choose other delimiters in the agreement",
                )  # fmt: skip


@lru_cache(maxsize=64)
def _clean(reserved: str, charset: Charset) -> re.Pattern[str]:
    """Accepts UTF-8's text, or printable ASCII, without the reserved characters."""
    if charset == "utf8":
        return re.compile(f"{sign_classes(charset, reserved)[0]}*")
    return re.compile("[" + "".join(re.escape(chr(n)) for n in range(32, 127) if chr(n) not in reserved) + "]*")
