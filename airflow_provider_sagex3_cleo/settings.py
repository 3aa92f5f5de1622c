"""Section [sagex3_cleo] of the Airflow configuration: one accessor, one default each (from the provider info).

Airflow's own parser is asked first (environment `AIRFLOW__SAGEX3_CLEO__<NAME>`, then airflow.cfg). Outside its command
line Airflow 2.11 does not know the defaults of providers, so ours are handed in as the fallback.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

from airflow.providers.common.compat.sdk import conf

from airflow_provider_sagex3_cleo import compat
from airflow_provider_sagex3_cleo.errors import SettingFault
from airflow_provider_sagex3_cleo.get_provider_info import SECTION, SETTINGS

if TYPE_CHECKING:
    from airflow_provider_sagex3_cleo.cleo.settings import CleoSettings
    from airflow_provider_sagex3_cleo.pipeline import PipelineSettings
    from airflow_provider_sagex3_cleo.sagex3.settings import SageX3Settings

__all__ = [
    "agreements_folder",
    "choice",
    "entities_file",
    "flag",
    "names",
    "number",
    "pipeline_settings",
    "schedule",
    "text",
    "whole",
]

_TRUE, _FALSE = frozenset({"true", "t", "yes", "on", "1"}), frozenset({"false", "f", "no", "off", "0"})

#: Smallest and largest number allowed; a number not listed must be 0 or more.
_LIMITS: dict[str, tuple[float, float]] = {
    "part_size": (1, math.inf),
    "max_parts": (1, 16),
    "lanes_per_part": (1, math.inf),
    "lease_s": (1, math.inf),
    "upload_deadline_s": (0.1, math.inf),
    "certificate_passes": (1, math.inf),
    "retry_delay_s": (0.1, math.inf),
    "max_retry_delay_s": (0.1, math.inf),
    "task_timeout_s": (1, math.inf),
    "dagrun_timeout_s": (1, math.inf),
    "ack_max_bytes": (1_000, math.inf),
}


def text(name: str) -> str:
    """The setting as text, `{AIRFLOW_HOME}` filled in; an unknown name is a KeyError."""
    found = conf.get(SECTION, name, fallback=SETTINGS[name]["default"])
    return str(found).strip().replace("{AIRFLOW_HOME}", str(compat.airflow_home()))


def whole(name: str) -> int:
    """The setting as a whole number. Raises: SettingFault."""
    value = number(name)
    if value != int(value):
        raise _fault(name, "a whole number")
    return int(value)


def number(name: str) -> float:
    """The setting as a number. Raises: SettingFault."""
    least, most = _LIMITS.get(name, (0, math.inf))
    try:
        value = float(text(name))
    except ValueError:
        raise _fault(name, "a number") from None
    if not math.isfinite(value) or not least <= value <= most:
        raise _fault(name, f"a number from {least:g} to {most:g}" if most < math.inf else f"at least {least:g}")
    return value


def flag(name: str) -> bool:
    """The setting as a truth value. Raises: SettingFault."""
    word = text(name).lower()
    if word not in _TRUE | _FALSE:
        raise _fault(name, "True or False")
    return word in _TRUE


def choice(name: str, words: tuple[str, ...]) -> str:
    """The setting as one of these words. Raises: SettingFault."""
    found = text(name).lower()
    if found not in words:
        raise _fault(name, " or ".join(words))
    return found


def names(name: str) -> tuple[str, ...]:
    """The setting as a list of names, apart by commas."""
    return tuple(part.strip() for part in text(name).split(",") if part.strip())


def schedule(entity: str, *, daily: bool = False) -> str:
    """The cron expression of an entity's polling DAG, or of its daily DAG. Raises: SettingFault."""
    name = f"{entity}_daily_schedule" if daily else f"{entity}_schedule"
    if name not in SETTINGS:
        known = sorted(key.removesuffix("_daily_schedule") for key in SETTINGS if key.endswith("_daily_schedule"))
        raise SettingFault("unknown entity", field="entity", value=entity, expected=", ".join(known))
    cron = text(name)
    if len(cron.split()) != 5 and not cron.startswith("@"):
        raise _fault(name, "a cron expression of five fields")
    return cron


def agreements_folder() -> Path:
    """The folder of identities, tables and agreements."""
    return Path(text("agreements_folder")).expanduser()


def entities_file() -> Path | None:
    """The file of entity overrides, or None."""
    name = text("entities_file")
    return Path(name).expanduser() if name else None


def pipeline_settings(sagex3: SageX3Settings, cleo: CleoSettings) -> PipelineSettings:
    """What the steps of the pipeline need, from this section and the two connections. Raises: SettingFault."""
    from airflow_provider_sagex3_cleo.mapping.reference_rows import SCHEMAS
    from airflow_provider_sagex3_cleo.partners.alignment import MATCHES
    from airflow_provider_sagex3_cleo.pipeline import PipelineSettings
    from airflow_provider_sagex3_cleo.pipeline.reference_files import FORMATS

    lease_s, upload_deadline_s = number("lease_s"), number("upload_deadline_s")
    if upload_deadline_s >= lease_s:
        raise _fault("upload_deadline_s", f"less than lease_s ({lease_s:g})")
    return PipelineSettings(
        source=sagex3.source,
        target=cleo.base_url.partition("://")[2],
        environment_source=sagex3.environment,
        environment_target=cleo.environment,
        agreements=agreements_folder(),
        conn_id=sagex3.conn_id,
        lookback_s=number("lookback_s"),
        safety_lag_s=number("safety_lag_s"),
        settle_s=number("settle_s"),
        part_size=whole("part_size"),
        max_parts=whole("max_parts"),
        lanes_per_part=whole("lanes_per_part"),
        lease_s=lease_s,
        upload_deadline_s=upload_deadline_s,
        read_back=flag("read_back"),
        second_opinion_first=whole("second_opinion_first"),
        second_opinion_every=whole("second_opinion_every"),
        certificate_passes=whole("certificate_passes"),
        ack_folders=names("ack_folders"),
        ack_max_bytes=whole("ack_max_bytes"),
        ack_delete=flag("ack_delete"),
        ack_read_again=flag("ack_read_again"),
        cleo_envelope=choice("cleo_envelope", ("file", "sets")),
        freshness_h=number("freshness_h"),
        partner_entities=names("partner_entities"),
        align_match=_known("align_match", MATCHES),
        align_ignore=names("align_ignore"),
        align_folders=flag("align_folders"),
        align_csv_folder=Path(text("align_csv_folder")).expanduser() if text("align_csv_folder") else None,
        reference_folder=text("reference_folder"),
        reference_entities=_known("reference_entities", tuple(SCHEMAS)),
        reference_formats=_known("reference_formats", tuple(FORMATS)),
        reference_pickup=choice("reference_pickup", ("never", "may")),
        reference_guard=flag("reference_guard"),
    )


def _known(name: str, known: tuple[str, ...]) -> tuple[str, ...]:
    """The setting as a list of known names. Raises: SettingFault."""
    found = names(name)
    if set(found) - set(known):
        raise _fault(name, f"names out of {', '.join(known)}, apart by commas")
    return found


def _fault(name: str, expected: str) -> SettingFault:
    return SettingFault(
        "cannot be used",
        system=f"[{SECTION}]",
        field=name,
        value=text(name),
        expected=expected,
        remedy=f"correct it in airflow.cfg or in AIRFLOW__{SECTION.upper()}__{name.upper()}",
    )
