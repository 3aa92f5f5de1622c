"""What Airflow is told about this provider: connection forms, settings, hooks, operators. Plain data, no imports.

The forms live here (read by Airflow 3.2 and later as they are); `hooks/forms.py` turns the same data into the form
widgets of Airflow 2.11. The settings live here with their one default each; `settings.py` reads them.
"""

from __future__ import annotations

from typing import Any

__all__ = ["CLEO_FIELDS", "LEDGER_FIELDS", "SAGEX3_FIELDS", "SECTION", "SETTINGS", "get_provider_info"]

PACKAGE = "airflow_provider_sagex3_cleo"
SECTION = "sagex3_cleo"


def _field(
    label: str, description: str, kind: str = "string", *, enum: tuple[str, ...] = (), format: str = ""
) -> dict[str, Any]:
    """One form field that may stay empty; `kind` is a JSON type. No booleans: an empty box would read as false."""
    schema: dict[str, Any] = {"type": [kind, "null"]}
    if enum:
        schema["enum"] = [*enum, None]
    if format:
        schema["format"] = format
    return {"label": label, "description": description, "schema": schema}


SAGEX3_FIELDS: dict[str, dict[str, Any]] = {
    "environment": _field("Environment", "which X3 this is; must be given", enum=("test", "production")),
    "transport": _field("Transport", "the API to read by (default rest)", enum=("rest", "graphql")),
    "folder": _field("Folder", "X3 folder, sent as x-xtrem-endpoint; must be given"),
    "endpoint": _field("Endpoint", "Syracuse endpoint in REST paths; the folder's name where empty"),
    "auth": _field("Authentication", "how to log in (default basic)", enum=("basic", "connected_app", "oauth2")),
    "client_id": _field("Client id", "connected app: client id (claim iss); oauth2: client id"),
    "client_secret": _field(
        "Client secret", "connected app: secret that signs the token; oauth2: client secret", format="password"
    ),
    "subject": _field("Subject", "connected app: X3 user (claim sub); the login where empty"),
    "audience": _field("Audience", "connected app: the URL registered on the app (claim aud)"),
    "token_life": _field("Token life", "seconds, at most 3600 (default 300)", "integer"),
    "auth_url": _field("Authentication URL", "oauth2: URL of the token endpoint"),
    "grant": _field(
        "Grant", "oauth2: how a token is got (default refresh_token)", enum=("refresh_token", "client_credentials")
    ),
    "refresh_token": _field(
        "Refresh token", "oauth2: a person's refresh token; later ones are kept in the ledger", format="password"
    ),
    "scope": _field("Scope", "oauth2: sent where given"),
    "auth_body": _field("Body of the token call", "oauth2: default json", enum=("json", "form")),
    "verify": _field("Verify certificate", "true (default), the path of a CA bundle, or false"),
    "language": _field("Language", "sent as Accept-Language where given"),
    "timeout": _field("Time-out", "seconds without an answer (default 120)", "integer"),
    "deadline": _field("Deadline", "seconds for one call with all its repeats (default 600)", "integer"),
    "page_size": _field("Page size", "rows asked for in one list, 1 to 10000 (default 500)", "integer"),
    "details_size": _field("Details size", "GraphQL: records in one query, 1 to 200 (default 20)", "integer"),
    "rate_limit": _field("Rate limit", "calls a second; no limit where empty", "number"),
    "sessions": _field("Sessions", "HTTP sessions, each takes a web session of X3, 1 to 3 (default 1)", "integer"),
    "paging": _field("Paging", "REST: own filter, or X3's next-links (default keyset)", enum=("keyset", "next")),
    "page_cap": _field("Page cap", "pages of one list before reading stops (default 100000)", "integer"),
    "rewrite_links": _field("Rewrite links", "put the configured host into next-links: true (default) or false"),
    "rest_path": _field("REST path", "default /api1/x3/erp"),
    "graphql_path": _field("GraphQL path", "default /xtrem/api"),
}

#: The extras a site sets first; the many that describe one site's REST calls stay in the JSON field "Extra".
CLEO_FIELDS: dict[str, dict[str, Any]] = {
    "environment": _field("Environment", "which Cleo this is; must be given", enum=("test", "production")),
    "dialect": _field("Dialect", "how the file calls look (default rest)", enum=("rest", "template", "server")),
    "verify": _field("Verify certificate", "true (default), the path of a CA bundle, or false"),
    "timeout": _field("Time-out", "seconds without an answer (default 60)", "number"),
    "deadline_s": _field("Deadline", "seconds for one call with all its attempts (default 300)", "number"),
    "rate_limit": _field("Rate limit", "calls a second; no limit where empty", "number"),
    "auth": _field(
        "Authentication",
        "token, or Basic on each call (default password; basic for dialect server)",
        enum=("password", "basic"),
    ),
    "api_prefix": _field("API prefix", "resource path of the REST API (default /api)"),
    "upload_method": _field("Upload method", "default PUT", enum=("PUT", "POST")),
    "upload_path": _field("Upload path", "default {prefix}/files/{folder}/{name}"),
}

LEDGER_FIELDS: dict[str, dict[str, Any]] = {
    "url": _field(
        "Database URL",
        "SQLAlchemy URL with its driver and without password, e.g. postgresql+psycopg2://edi@db.example.com/edi; "
        "empty: built from host, port, schema (database), login and password",
    ),
}


def _option(kind: str, default: str, description: str, *, example: str | None = None) -> dict[str, Any]:
    return {
        "description": description,
        "version_added": "0.1.0",
        "type": kind,
        "example": example,
        "default": default,
    }


SETTINGS: dict[str, dict[str, Any]] = {
    "agreements_folder": _option(
        "string", "{AIRFLOW_HOME}/edi_agreements", "Folder of identities, tables and partner agreements (YAML)."
    ),
    "entities_file": _option(
        "string", "", "YAML file that overrides the entity specifications (class and field names of a site).",
        example="/opt/airflow/edi/entities.yaml",
    ),
    "purchase_orders_schedule": _option(
        "string", "*/15 * * * *", "Cron expression (UTC) of the DAG sagex3_purchase_orders_to_cleo.",
        example="* * * * *",
    ),
    "purchase_orders_daily_schedule": _option(
        "string", "0 0 * * *", "Cron expression (UTC) of the DAG sagex3_purchase_orders_daily."
    ),
    "sales_invoices_schedule": _option(
        "string", "*/15 * * * *", "Cron expression (UTC) of the DAG sagex3_sales_invoices_to_cleo."
    ),
    "sales_invoices_daily_schedule": _option(
        "string", "30 0 * * *", "Cron expression (UTC) of the DAG sagex3_sales_invoices_daily."
    ),
    "deliveries_schedule": _option(
        "string", "*/15 * * * *", "Cron expression (UTC) of the DAG sagex3_shipments_to_cleo."
    ),
    "deliveries_daily_schedule": _option(
        "string", "45 0 * * *", "Cron expression (UTC) of the DAG sagex3_shipments_daily."
    ),
    "products_schedule": _option(
        "string", "0 * * * *", "Cron expression (UTC) of a DAG of yours that keeps products."
    ),
    "products_daily_schedule": _option(
        "string", "0 1 * * *", "Cron expression (UTC) of a daily DAG of yours that keeps products."
    ),
    "gl_accounts_schedule": _option(
        "string", "0 * * * *", "Cron expression (UTC) of a DAG of yours that keeps accounts."
    ),
    "gl_accounts_daily_schedule": _option(
        "string", "0 1 * * *", "Cron expression (UTC) of a daily DAG of yours that keeps accounts."
    ),
    "supplier_invoices_schedule": _option(
        "string", "0 * * * *", "Cron expression (UTC) of a DAG of yours that keeps supplier invoices."
    ),
    "supplier_invoices_daily_schedule": _option(
        "string", "0 1 * * *", "Cron expression (UTC) of a daily DAG of yours that keeps supplier invoices."
    ),
    "lookback_s": _option("float", "900", "Seconds that each poll reads again before the watermark."),
    "safety_lag_s": _option("float", "60", "Seconds that a poll stays behind the clock of Sage X3."),
    "settle_s": _option("float", "600", "Seconds a document must be unchanged in Sage X3 before it is mapped."),
    "part_size": _option("integer", "500", "Due records per mapped transform task; parts grow beyond max_parts."),
    "max_parts": _option("integer", "16", "Mapped tasks of one step at most, 1 to 16."),
    "lanes_per_part": _option("integer", "50", "Lanes with something to send per mapped deliver task."),
    "lease_s": _option("float", "300", "Seconds a task holds a lane without renewing."),
    "upload_deadline_s": _option("float", "120", "Seconds for one upload in all; must be shorter than lease_s."),
    "read_back": _option("boolean", "False", "Read each file back after a successful upload and compare it."),
    "second_opinion_first": _option(
        "integer", "20", "Documents of a new agreement version that the independent parser reads too."
    ),
    "second_opinion_every": _option(
        "integer", "100", "After those, every n-th document is read by that parser too; 1 for all, 0 for none."
    ),
    "certificate_passes": _option(
        "integer", "3", "Passes over the keys of a window before it counts as changing too fast to be certified."
    ),
    "retries": _option("integer", "4", "Retries of a task after an error that may go away."),
    "retry_delay_s": _option("float", "120", "Seconds before the first retry; doubled for each further one."),
    "max_retry_delay_s": _option("float", "1800", "Longest pause between two retries, in seconds."),
    "task_timeout_s": _option("float", "7200", "Seconds one task may run."),
    "dagrun_timeout_s": _option("float", "21600", "Seconds one DAG run may take, retries included."),
    "extract_pool": _option("string", "default_pool", "Airflow pool of the tasks that talk to Sage X3."),
    "transform_pool": _option("string", "default_pool", "Airflow pool of the tasks that map and write X12."),
    "deliver_pool": _option("string", "default_pool", "Airflow pool of the tasks that talk to Cleo."),
    "acknowledgements_schedule": _option(
        "string", "*/15 * * * *", "Cron expression (UTC) of the DAG cleo_acknowledgements."
    ),
    "ack_folders": _option(
        "string", "", "Inbound folders of Cleo to read acknowledgments from, apart by commas, beside those that"
        " agreements name (`ack_folder`).", example="inbound/997, inbound/824",
    ),
    "ack_max_bytes": _option("integer", "10000000", "Largest acknowledgment file that is read, in bytes."),
    "ack_delete": _option(
        "boolean", "False", "Delete a file from its inbound folder once it is recorded (the connection must allow it)."
    ),
    "ack_read_again": _option(
        "boolean", "False", "Read files whose name and size are recorded again, where senders use names again."
    ),
    "cleo_envelope": _option(
        "string", "file", "What Cleo gets under agreements with `envelope: cleo`: `file`, an interchange whose control"
        " numbers Cleo replaces, or `sets`, ST to SE alone.",
    ),
    "freshness_h": _option(
        "float", "24", "Hours after the end of an entity's last poll from which every report and `check` warn that it"
        " stands still; 0 switches this off.",
    ),
    "partners_schedule": _option("string", "20 * * * *", "Cron expression (UTC) of the DAG sagex3_partners_to_cleo."),
    "partner_entities": _option(
        "string", "suppliers, customers, addresses, products", "Reference entities that the DAG sagex3_partners_to_cleo"
        " reads, apart by commas; the alignment needs suppliers and customers.",
    ),
    "align_match": _option(
        "string", "code, name, id", "What a name of Cleo's connections and users is compared with where an agreement"
        " names none: code, name, id, folder, apart by commas.",
    ),
    "align_ignore": _option(
        "string", "", "Connections and users of Cleo that belong to no partner, apart by commas, with * and ?.",
        example="edi-*, Local FTP",
    ),
    "align_folders": _option("boolean", "True", "Ask Cleo whether the folders of agreements are there."),
    "align_csv_folder": _option(
        "string", "", "Folder for alignment.csv, the findings of the last run; none where empty.",
        example="{AIRFLOW_HOME}/edi_reports",
    ),
    "reference_folder": _option(
        "string", "", "Folder of Cleo for reference files (suppliers, customers, products); none are sent where empty.",
        example="reference",
    ),
    "reference_entities": _option(
        "string", "suppliers, customers, products", "Entities that reference files are made of, apart by commas."
    ),
    "reference_formats": _option("string", "csv, jsonl", "Formats of reference files: csv, jsonl, apart by commas."),
    "reference_pickup": _option(
        "string", "may", "never: nobody takes files out of reference_folder, so a missing one did not arrive; may: a"
        " missing one proves nothing.",
    ),
    "reference_guard": _option(
        "boolean", "True", "In reference files in CSV, put an apostrophe before a text that a spreadsheet would run as"
        " a formula.",
    ),
}  # fmt: skip


def get_provider_info() -> dict[str, Any]:
    """The provider's metadata in Airflow's provider-info format."""
    integration = "Sage X3 and Cleo"
    return {
        "package-name": "airflow-provider-sagex3-cleo",
        "name": "Sage X3 to Cleo",
        "description": "Business documents from Sage X3 to trading partners through Cleo, as X12 EDI.",
        "integrations": [
            {"integration-name": integration, "external-doc-url": "https://www.cleo.com/", "tags": ["protocol"]}
        ],
        "hooks": [
            {
                "integration-name": integration,
                "python-modules": [f"{PACKAGE}.hooks.{name}" for name in ("sagex3", "cleo", "ledger")],
            }
        ],
        "operators": [
            {
                "integration-name": integration,
                "python-modules": [
                    f"{PACKAGE}.operators.{name}"
                    for name in ("extract", "transform", "deliver", "report", "acknowledge", "partners")
                ],
            }
        ],
        "connection-types": [
            {
                "connection-type": "sagex3",
                "hook-name": "Sage X3",
                "hook-class-name": f"{PACKAGE}.hooks.sagex3.SageX3Hook",
                "ui-field-behaviour": {
                    "hidden-fields": [],
                    "relabeling": {"schema": "Scheme (http or https)", "login": "X3 user"},
                    "placeholders": {"host": "x3.example.com", "schema": "https", "port": "8124"},
                },
                "conn-fields": SAGEX3_FIELDS,
            },
            {
                "connection-type": "cleo",
                "hook-name": "Cleo",
                "hook-class-name": f"{PACKAGE}.hooks.cleo.CleoHook",
                "ui-field-behaviour": {
                    "hidden-fields": [],
                    "relabeling": {"schema": "Scheme (http or https)"},
                    "placeholders": {"host": "cleo.example.com", "schema": "https", "port": "443"},
                },
                "conn-fields": CLEO_FIELDS,
            },
            {
                "connection-type": "edi_ledger",
                "hook-name": "EDI ledger",
                "hook-class-name": f"{PACKAGE}.hooks.ledger.LedgerHook",
                "ui-field-behaviour": {
                    "hidden-fields": [],
                    "relabeling": {"schema": "Database"},
                    "placeholders": {"host": "db.example.com", "schema": "edi", "port": "5432"},
                },
                "conn-fields": LEDGER_FIELDS,
            },
        ],
        "config": {
            SECTION: {
                "description": "Sage X3 to Cleo: what runs when, and how carefully.",
                "options": SETTINGS,
            }
        },
    }
