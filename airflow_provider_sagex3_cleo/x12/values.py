"""Single values in X12 spelling: numbers, and text inside the agreed characters. Nothing is cut or rounded."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from typing import Literal

from airflow_provider_sagex3_cleo import errors as e

__all__ = [
    "BASIC",
    "EXTENDED",
    "Charset",
    "TextRules",
    "checked_by_gs1",
    "cut",
    "decimal_text",
    "implied_text",
    "sign_classes",
    "transliterated",
]

Charset = Literal["basic", "extended", "utf8"]

# Source: X12 data element types; the two character sets of the standard.
BASIC = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 !\"&'()*+,-./:;?=")
EXTENDED = BASIC | frozenset("abcdefghijklmnopqrstuvwxyz%~@[]_{}\\|<>#$")
# Of all Unicode signs, those that are no text: controls, line and paragraph ends, halves of pairs, byte order marks.
_CONTROLS = [chr(n) for n in (*range(32), *range(127, 160))]
_NO_TEXT = r"\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff"
_BREAKS = str.maketrans("\t\r\n", "   ")

# What Unicode does not take apart by itself.
_FOLDED = str.maketrans(
    {
        "ß": "ss", "Æ": "AE", "æ": "ae", "Œ": "OE", "œ": "oe", "Ø": "O", "ø": "o",
        "Đ": "D", "đ": "d", "Ł": "L", "ł": "l",
        "‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "‐": "-", "\t": " ", "\r": " ", "\n": " ",
    }
)  # fmt: skip


def decimal_text(value: Decimal, *, digits: int, field: str, min_digits: int = 1) -> str:
    """A number of type R: explicit point, no exponent, no plus, no useless zeros. Sign and point do not count.

    Raises:
        NotRepresentable: not finite, or more than `digits` digits."""
    text = str(value)
    # Most numbers are plain: no sign, no exponent, no zero at the end of decimals.
    if text.isdigit():
        if min_digits <= len(text) <= digits:
            return text
    elif text[-1] in "123456789" and len(text) <= digits + 1 and text.replace(".", "", 1).isdigit():
        return text
    if not value.is_finite():
        raise e.NotRepresentable("not a number", field=field, value=value)
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    negative, text = text.startswith("-"), text.lstrip("-")
    used = len(text) - ("." in text)
    if used > digits:
        raise e.NotRepresentable(
            f"{used} digits",
            field=field,
            value=value,
            expected=f"at most {digits} digits",
            remedy="correct it in Sage X3",
        )
    text = text.zfill(min_digits) if "." not in text else text
    return f"-{text}" if negative and text.strip("0.") else text


def implied_text(value: Decimal, *, places: int, digits: int, field: str) -> str:
    """A number of type N0, N2 ...: the point is implied `places` digits from the right (802.00 as N2 is '80200').

    Raises:
        NotRepresentable: more decimals than `places`, more than `digits` digits, or not finite."""
    if not value.is_finite():
        raise e.NotRepresentable("not a number", field=field, value=value)
    shifted = value.scaleb(places)
    if shifted != shifted.to_integral_value():
        raise e.NotRepresentable("too many decimals", field=field, value=value, expected=f"at most {places} decimals")
    return decimal_text(shifted.to_integral_value(), digits=digits, field=field)


def checked_by_gs1(digits: str) -> bool:
    """Whether the last digit is the check digit of those before it (GTIN, GLN, SSCC).

    Source: GS1 General Specifications, check digits."""
    return sum(int(d) * (3 if n % 2 else 1) for n, d in enumerate(reversed(digits))) % 10 == 0


def transliterated(text: str, charset: Charset) -> str:
    """`text` with accents folded, typographic signs made plain, line ends made blanks; capitals in the basic set.

    What has no plain form stays as it is. In UTF-8 only line ends and tabs are changed."""
    if charset == "utf8":
        return text.translate(_BREAKS)
    text = unicodedata.normalize("NFKD", text.translate(_FOLDED))
    text = "".join(c for c in text if not unicodedata.combining(c))
    return text.upper() if charset == "basic" else text


def cut(text: str, limit: int) -> str:
    """The first `limit` characters, without blanks at the end."""
    return text[:limit].rstrip()


def sign_classes(charset: Charset, reserved: str, *, marks: str = "") -> tuple[str, str]:
    """Two regular expressions for one sign: that may stand in data, and that may not.

    Args:
        reserved: the delimiters in use.
        marks: signs that may stand there all the same."""
    if charset == "utf8":
        bad = "".join(re.escape(sign) for sign in (*reserved, *_CONTROLS) if sign not in marks) + _NO_TEXT
        return f"[^{bad}]", f"[{bad}]"
    allowed = (BASIC if charset == "basic" else EXTENDED) - set(reserved) | set(marks)
    signs = "".join(re.escape(c) for c in sorted(allowed))
    return f"[{signs}]", f"[^{signs}]"


class TextRules:
    """What the agreement allows in text: the character set, the delimiters in use, and how text may be mended."""

    __slots__ = ("_fitting", "_foreign", "_sign", "charset", "fits", "replacement", "reserved", "transliterate")

    def __init__(self, charset: Charset, reserved: str, replacement: str | None, transliterate: bool) -> None:
        self._sign, foreign = sign_classes(charset, reserved)
        self._foreign = re.compile(foreign)
        if replacement is not None and (len(replacement) != 1 or self._foreign.match(replacement)):
            raise e.SettingFault(
                "not a usable replacement character", field="replacement", value=replacement,
                expected="one character of the agreed set that is not a delimiter",
            )  # fmt: skip
        self.fits = re.compile(f"{self._sign}*").fullmatch  # accepts text in the agreed characters
        self._fitting: dict[tuple[int, int], Callable[[str], object]] = {}
        self.charset, self.reserved = charset, reserved
        self.replacement, self.transliterate = replacement, transliterate

    def fitting(self, shortest: int, longest: int) -> Callable[[str], object]:
        """What accepts text of such a length in the agreed characters, made once."""
        accepts = self._fitting.get((shortest, longest))
        if accepts is None:
            accepts = re.compile(f"{self._sign}{{{shortest},{longest}}}").fullmatch
            self._fitting[shortest, longest] = accepts
        return accepts

    def identifier(self, text: str, field: str) -> str:
        """An identifier exactly as it is, without blanks around it.

        Raises:
            NotRepresentable: a character outside the agreed set, or a delimiter; identifiers are never mended."""
        text = text.strip()
        if self.fits(text) is None:
            self._refuse(text, field, "correct it in Sage X3")
        return text

    def free(self, text: str, field: str) -> str:
        """Free text in the agreed characters, without blanks around it, mended only as the agreement allows.

        Raises:
            NotRepresentable: a character outside the agreed set, or a delimiter, and nothing allowed mends it."""
        text = text.strip()
        if self.fits(text) is not None:
            return text
        if self.transliterate:
            text = transliterated(text, self.charset).strip()
        if self.replacement is not None:
            text = self._foreign.sub(lambda _: self.replacement or "", text).strip()
        if self.fits(text) is None:
            self._refuse(text, field, "")
        return text

    def _refuse(self, text: str, field: str, remedy: str) -> None:
        bad = self._foreign.search(text)
        sign = bad.group() if bad else ""
        what = "a delimiter" if sign in self.reserved else f"a character outside the {self.charset} set"
        what = "no text" if self.charset == "utf8" and sign not in self.reserved else what
        raise e.NotRepresentable(
            f"{sign!r} is {what}",
            field=field,
            value=text,
            remedy=remedy or "correct it in Sage X3, or allow `replacement` or `transliterate` in the agreement",
        )
