"""The connection forms of Airflow before 3.2, built from the data that later releases read from the provider info."""

from __future__ import annotations

from typing import Any

from airflow_provider_sagex3_cleo.get_provider_info import get_provider_info

__all__ = ["behaviour", "widgets"]


def _connection_type(name: str) -> dict[str, Any]:
    (found,) = (row for row in get_provider_info()["connection-types"] if row["connection-type"] == name)
    return dict(found)


def widgets(connection_type: str) -> dict[str, Any]:
    """One form field per extra of the connection type."""
    from flask_appbuilder.fieldwidgets import BS3PasswordFieldWidget, BS3TextFieldWidget
    from wtforms import IntegerField, PasswordField, StringField
    from wtforms.validators import AnyOf, Optional

    fields: dict[str, Any] = {}
    for name, field in _connection_type(connection_type)["conn-fields"].items():
        schema, checks = field["schema"], [Optional()]
        if "enum" in schema:
            checks.append(AnyOf([word for word in schema["enum"] if word]))
        common = {"label": field["label"], "description": field["description"], "validators": checks}
        if schema.get("format") == "password":
            fields[name] = PasswordField(widget=BS3PasswordFieldWidget(), **common)
        elif "integer" in schema["type"]:
            fields[name] = IntegerField(widget=BS3TextFieldWidget(), **common)
        else:
            fields[name] = StringField(widget=BS3TextFieldWidget(), **common)
    return fields


def behaviour(connection_type: str) -> dict[str, Any]:
    """Labels and placeholders of the standard fields."""
    found: dict[str, Any] = _connection_type(connection_type)["ui-field-behaviour"]
    return found
