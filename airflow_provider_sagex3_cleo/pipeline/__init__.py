"""The steps as plain functions over the rooms: extract, transform, deliver, acknowledge, report.

The only place that joins rooms."""

from airflow_provider_sagex3_cleo.pipeline.acknowledge import (
    FoldersUnread,
    FoldersUnreadable,
    acknowledge,
    acknowledgments_report,
)
from airflow_provider_sagex3_cleo.pipeline.baseline import baseline
from airflow_provider_sagex3_cleo.pipeline.deliver import DeliveryIncomplete, DeliveryRefused, deliver, lane_parts
from airflow_provider_sagex3_cleo.pipeline.extract import extract
from airflow_provider_sagex3_cleo.pipeline.reference import keep, latest_records
from airflow_provider_sagex3_cleo.pipeline.report import RunWasRed, report
from airflow_provider_sagex3_cleo.pipeline.run import PipelineSettings, Run, WatermarkStore
from airflow_provider_sagex3_cleo.pipeline.transform import transform

__all__ = [
    "DeliveryIncomplete",
    "DeliveryRefused",
    "FoldersUnread",
    "FoldersUnreadable",
    "PipelineSettings",
    "Run",
    "RunWasRed",
    "WatermarkStore",
    "acknowledge",
    "acknowledgments_report",
    "baseline",
    "deliver",
    "extract",
    "keep",
    "lane_parts",
    "latest_records",
    "report",
    "transform",
]
