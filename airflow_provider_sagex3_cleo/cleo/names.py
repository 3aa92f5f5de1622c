"""File and folder names that are safe to hand to Cleo.

Cleo gives meaning to more than path characters: `*`, `?`, `[...]` are patterns, `,` and `;` separate lists, `%name%`
is a macro, and what lands in a folder `autorun` is executed (CVE-2024-50623, CVE-2024-55956). Only plain names leave.
Source: support.cleo.com 360027263194 and 360046315654; the rule for `autorun` is in docs/assumptions.md.
"""

from __future__ import annotations

import re

from airflow_provider_sagex3_cleo import errors as e

__all__ = ["check_file_name", "check_folder", "check_stored_name"]

_PLAIN = re.compile(r"[A-Za-z0-9_-](?:[A-Za-z0-9._-]*[A-Za-z0-9_-])?")
_SEGMENT = re.compile(r"[A-Za-z0-9_-](?:[A-Za-z0-9._ -]*[A-Za-z0-9_-])?")
_LONGEST = 255
_EXECUTED = "autorun"


def check_file_name(name: str) -> str:
    """The name of a file to upload: letters, digits, `-`, `_` and `.`, neither first nor last a dot, at most 255.

    Raises: SettingFault"""
    if len(name) > _LONGEST or not _PLAIN.fullmatch(name) or ".." in name:
        raise e.SettingFault(
            "the file name is not safe", system="cleo", field="file name", value=name,
            expected="letters, digits, '-', '_' and '.' only", remedy="correct file_name in the agreement",
        )  # fmt: skip
    return name


def check_stored_name(name: str) -> str:
    """The name of a file that Cleo itself has named: anything but a path, a macro or a control character.

    Raises: SettingFault"""
    if not name or len(name) > _LONGEST or name in (".", "..") or re.search(r"[/\\%\x00-\x1f\x7f]", name):
        raise e.SettingFault(
            "the file name is not safe", system="cleo", field="file name", value=name,
            expected="a plain name without '/', '\\' and '%'", remedy="look at the file in Cleo's portal",
        )  # fmt: skip
    return name


def check_folder(folder: str) -> str:
    """A folder path with `/` between its parts, returned without leading and trailing `/`.

    Raises: SettingFault for `..`, a backslash, a macro, a pattern character, or a part called `autorun`."""
    parts = folder.strip("/").split("/")
    for part in parts:
        if not _SEGMENT.fullmatch(part) or ".." in part or part.lower() == _EXECUTED:
            raise e.SettingFault(
                "the folder is not safe", system="cleo", field="folder", value=folder,
                expected="parts of letters, digits, '-', '_', '.' and blanks, divided by '/', none called autorun",
                remedy="correct the folder in the agreement",
            )  # fmt: skip
    return "/".join(parts)
