"""From plain data with lines to a model: each fault at its line, in the words of the file."""

from __future__ import annotations

import difflib
import types
import typing
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from airflow_provider_sagex3_cleo.partners.marks import Loc, Marked

__all__ = ["validated"]

M = TypeVar("M", bound=BaseModel)


def validated(model: type[M], data: Any, marked: Marked, loc: Loc, own: tuple[str, ...] = ()) -> M | None:
    """The model, or None with each fault noted at its line. Keys shared by several agreements stand at the top."""
    try:
        return model.model_validate(data)
    except ValidationError as exc:
        seen = set()
        for error in exc.errors(include_url=False):
            at = (*loc, *error["loc"]) if (*loc, *error["loc"][:1]) in marked.lines else tuple(error["loc"])
            message = _sentence(model, error, own)
            if (at, message) not in seen:
                seen.add((at, message))
                marked.fault(at if error["type"] != "missing" else loc or at, message)
        return None


def _sentence(model: type[BaseModel], error: Any, own: tuple[str, ...]) -> str:
    path = tuple(part for part in error["loc"] if part != "[key]")
    name = ".".join(map(str, path))
    kind, found = error["type"], error.get("input")
    if kind == "extra_forbidden":
        known = [key for key in _known_keys(model, path[:-1]) if key not in own]
        near = difflib.get_close_matches(str(path[-1]), known, n=1, cutoff=0.5)
        hint = f"did you mean '{near[0]}'? " if near else ""
        return f"{name}: unknown key '{path[-1]}'; {hint}known keys: {', '.join(known)}"
    if kind == "missing":
        return f"{name}: is missing"
    if found is None:
        return f"{name}: is empty"
    text = error["msg"].removeprefix("Value error, ")
    shown = (
        f" (found {str(found)[:60]!r})"
        if isinstance(found, str) and repr(found) not in text and found not in text
        else ""
    )
    return f"{name}: {text[:1].lower()}{text[1:]}{shown}"


def _known_keys(model: type[BaseModel], path: Loc) -> list[str]:
    """Keys that the model at the end of `path` takes, in the words of the file."""
    current: Any = model
    parts = iter(path)
    for part in parts:
        annotation = next((i.annotation for name, i in current.model_fields.items() if part in (name, i.alias)), None)
        current = _model_in(annotation)
        if current is None:
            return []
        if typing.get_origin(annotation) in (dict, tuple):
            next(parts, None)  # the key or the index of an entry
    return [info.alias or name for name, info in current.model_fields.items()]


def _model_in(annotation: Any) -> Any:
    """The one settings model inside an annotation such as `dict[str, Site]` or `Address | None`."""
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        return annotation if issubclass(annotation, BaseModel) else None
    return next((m for arg in typing.get_args(annotation) if (m := _model_in(arg)) is not None), None)
