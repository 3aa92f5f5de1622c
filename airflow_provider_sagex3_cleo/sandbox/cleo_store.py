"""The fake Cleo's folders: existing names, rights, pick-up, lag, and a journal that forgets nothing."""

from __future__ import annotations

import fnmatch
import hashlib
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any, Final

from airflow_provider_sagex3_cleo.sandbox.clock import Clock

__all__ = ["CleoStore", "Folder", "JournalRow", "Refusal", "StoredFile"]

EXISTING: Final = ("overwrite", "refuse", "keep_old", "rename")
PICKUP: Final = ("never", "at_once", "after")


@dataclass(frozen=True)
class StoredFile:
    """A file that lies in a folder now."""

    name: str
    data: bytes
    stored_at: datetime


@dataclass(frozen=True)
class JournalRow:
    """One storing of bytes, kept for ever: also for files that were picked up, replaced or deleted since.

    `asked_name` is the name the client gave, `name` the one it was stored under."""

    number: int
    folder: str
    name: str
    asked_name: str
    data: bytes
    at: datetime

    @property
    def sha256(self) -> str:
        """SHA-256 of the bytes, hex."""
        return hashlib.sha256(self.data).hexdigest()


@dataclass
class Folder:
    """One folder and its manners.

    Attributes:
        existing: what an upload under an existing name does: overwrite, refuse (409), keep_old (told as success),
            rename (to a free name).
        pickup: never, at_once, or after `pickup_after_s` seconds; then the file is gone.
        list_lag_s: a listing shows a file so many seconds after it was stored; reading finds it at once.
        readable, writable: rights of the user; without one the answer is 403.
        pattern: allowed names, with `*` and `?`.
    """

    name: str
    existing: str = "overwrite"
    pickup: str = "never"
    pickup_after_s: float = 0.0
    list_lag_s: float = 0.0
    readable: bool = True
    writable: bool = True
    pattern: str = "*"
    files: dict[str, StoredFile] = field(default_factory=dict, repr=False)

    def change(self, settings: dict[str, Any]) -> None:
        """Set attributes by name. Raises: ValueError"""
        known = {f.name for f in fields(self)} - {"name", "files"}
        if settings.keys() - known:
            raise ValueError(f"unknown folder setting; known are {', '.join(sorted(known))}")
        if settings.get("existing", "refuse") not in EXISTING or settings.get("pickup", "never") not in PICKUP:
            raise ValueError(f"existing is one of {', '.join(EXISTING)}; pickup one of {', '.join(PICKUP)}")
        for name, value in settings.items():
            setattr(self, name, value)


class Refusal(Exception):
    """The fake refuses a file call, with this status and message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


@dataclass
class _Truncation:
    path: str
    times: int
    keep: float


class CleoStore:
    """All folders of one fake. Safe between threads; times are the sandbox clock's."""

    def __init__(self, clock: Clock, *, max_bytes: int = 10_000_000) -> None:
        self.max_bytes = max_bytes
        self._clock, self._lock = clock, threading.RLock()
        self._folders: dict[str, Folder] = {}
        self._journal: list[JournalRow] = []
        self._truncations: list[_Truncation] = []

    def folder(self, name: str, **settings: Any) -> Folder:
        """The folder of this name, created where missing, with these settings changed. Raises: ValueError"""
        with self._lock:
            found = self._folders.get(name) or Folder(name)
            found.change(settings)
            self._folders[name] = found
            return found

    def remove_folder(self, name: str) -> None:
        """Remove a folder with its files; the journal keeps them."""
        with self._lock:
            self._folders.pop(name, None)

    def has_folder(self, name: str) -> bool:
        """Whether there is a folder of this name."""
        return name in self._folders

    def folder_names(self) -> list[str]:
        """All folders, sorted."""
        return sorted(self._folders)

    def truncate(self, path: str = "", *, times: int = 1, keep: float = 0.5) -> None:
        """Store only a part of the next uploads whose folder/name fits the regular expression."""
        with self._lock:
            self._truncations.append(_Truncation(path, times, keep))

    def put(self, folder_name: str, name: str, data: bytes) -> str:
        """Store a user's upload as the folder's manners say. Returns the name it was stored under.

        Raises: Refusal"""
        with self._lock:
            folder = self._open(folder_name)
            if not folder.writable:
                raise Refusal(403, "No right to write into this folder")
            if not fnmatch.fnmatchcase(name, folder.pattern):
                raise Refusal(400, "File name does not match the allowed pattern")
            if len(data) > self.max_bytes:
                raise Refusal(413, "File is too large")
            stored_as = name
            if name in folder.files:
                if folder.existing == "refuse":
                    raise Refusal(409, "File already exists")
                if folder.existing == "keep_old":
                    return name
                if folder.existing == "rename":
                    stored_as = next(free for free in _numbered(name) if free not in folder.files)
            self._keep(folder, stored_as, name, self._cut(f"{folder_name}/{name}", data))
            return stored_as

    def place(self, folder_name: str, name: str, data: bytes) -> None:
        """Put a file there as Cleo itself does (an acknowledgment that came in): no manners, no journal."""
        with self._lock:
            folder = self._folders.setdefault(folder_name, Folder(folder_name))
            folder.files[name] = StoredFile(name, data, self._clock.now())

    def listing(self, folder_name: str) -> list[StoredFile]:
        """What a user's listing shows, by name. Raises: Refusal"""
        with self._lock:
            folder = self._open(folder_name)
            if not folder.readable:
                raise Refusal(403, "No right to read this folder")
            shown_until = self._clock.now() - timedelta(seconds=folder.list_lag_s)
            return [file for _, file in sorted(folder.files.items()) if file.stored_at <= shown_until]

    def read(self, folder_name: str, name: str) -> bytes:
        """A file's content for a user. Raises: Refusal"""
        with self._lock:
            folder = self._open(folder_name)
            if not folder.readable:
                raise Refusal(403, "No right to read this folder")
            if name not in folder.files:
                raise Refusal(404, "File not found")
            return folder.files[name].data

    def delete(self, folder_name: str, name: str) -> None:
        """Delete a file for a user. Raises: Refusal"""
        with self._lock:
            folder = self._open(folder_name)
            if not folder.writable:
                raise Refusal(403, "No right to write into this folder")
            if folder.files.pop(name, None) is None:
                raise Refusal(404, "File not found")

    def pick_up(self, folder_name: str, name: str | None = None) -> list[str]:
        """Take one file or all files away, as Cleo's actions do. Returns the names taken."""
        with self._lock:
            folder = self._folders[folder_name]
            names = sorted(folder.files) if name is None else [name]
            return [taken for taken in names if folder.files.pop(taken, None) is not None]

    def files(self, folder_name: str) -> dict[str, bytes]:
        """What lies in a folder now, whatever the rights and lags."""
        with self._lock:
            return {name: file.data for name, file in sorted(self._open(folder_name).files.items())}

    def journal(self, folder_name: str | None = None, *, after: int = 0) -> list[JournalRow]:
        """Every storing so far, oldest first, of one folder or of all; only those numbered above `after`."""
        with self._lock:
            return [row for row in self._journal[after:] if folder_name is None or row.folder == folder_name]

    def _open(self, name: str) -> Folder:
        """The folder after its pick-ups that are due."""
        folder = self._folders.get(name)
        if folder is None:
            raise Refusal(404, "Folder not found")
        if folder.pickup == "after":
            due = self._clock.now() - timedelta(seconds=folder.pickup_after_s)
            folder.files = {n: file for n, file in folder.files.items() if file.stored_at > due}
        return folder

    def _keep(self, folder: Folder, name: str, asked_name: str, data: bytes) -> None:
        now = self._clock.now()
        self._journal.append(JournalRow(len(self._journal) + 1, folder.name, name, asked_name, data, now))
        if folder.pickup == "at_once":
            folder.files.pop(name, None)
        else:
            folder.files[name] = StoredFile(name, data, now)

    def _cut(self, path: str, data: bytes) -> bytes:
        for cut in self._truncations:
            if cut.times > 0 and re.search(cut.path, path):
                cut.times -= 1
                return data[: int(len(data) * cut.keep)]
        return data


def _numbered(name: str) -> Iterator[str]:
    """Free-name candidates: a.edi -> a_1.edi, a_2.edi ..."""
    stem, dot, ending = name.rpartition(".")
    if not stem:
        stem, dot, ending = name, "", ""
    number = 0
    while True:
        number += 1
        yield f"{stem}_{number}{dot}{ending}"
