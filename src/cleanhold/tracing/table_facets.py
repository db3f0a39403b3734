"""Facets of tables and jobs that do not change their counts: where they are, what is in them.

Like `facets` it imports the OpenLineage client; import it only where an event is made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import quote

from openlineage.client.facet_v2 import DatasetFacet, JobFacet
from openlineage.client.generated import (
    data_quality_metrics_dataset as metrics,
)
from openlineage.client.generated import (
    datasource_dataset,
    source_code_location_job,
    sql_job,
    symlinks_dataset,
    tags_dataset,
    test_run,
)

from cleanhold.tracing.naming import Naming
from cleanhold.tracing.told import Told, TracedAudit, TracedCode, TracedMeasure, TracedQuery


class _Metrics(metrics.DataQualityMetricsDatasetFacet):
    """As version 1-0-0 has it: what 1-0-1 adds, when it was measured, the event itself tells."""

    @staticmethod
    def _get_schema() -> str:
        facet = "DataQualityMetricsDatasetFacet"
        return f"https://openlineage.io/spec/facets/1-0-0/{facet}.json#/$defs/{facet}"


def measures(
    found: Mapping[str, TracedMeasure], rows: int, size: int, files: int, by: str
) -> DatasetFacet:
    """Per column: rows without a value; the smallest and largest number where it may be told."""
    return _Metrics(
        columnMetrics={
            name: metrics.ColumnMetrics(
                nullCount=one.nulls,
                count=rows - one.nulls,
                min=one.lowest,
                max=one.highest,
                quantiles=None,
            )
            for name, one in found.items()
        },
        rowCount=rows,
        bytes=size,
        fileCount=files,
        producer=by,
    )


def tags(told: Told, by: str) -> DatasetFacet | None:
    """Who reads the table, and how personal its columns are; None if there is nothing to say."""
    found = [("channel", told.channel, None)] if told.channel else []
    listed = [*found, *(("privacy", kind, column) for column, kind in told.personal.items())]
    if not listed:
        return None
    return tags_dataset.TagsDatasetFacet(
        tags=[
            tags_dataset.TagsDatasetFacetFields(key=key, value=value, source="CLEANHOLD", field=of)
            for key, value, of in listed
        ],
        producer=by,
    )


def symlinks(path: str, naming: Naming, by: str) -> DatasetFacet:
    """The folder in which readers of other tools find the files of the table."""
    place = naming.local(path)
    identifier = symlinks_dataset.Identifier(*place, type="LOCATION")
    return symlinks_dataset.SymlinksDatasetFacet(identifiers=[identifier], producer=by)


def data_source(name: str, uri: str, by: str) -> DatasetFacet:
    """The system that a dataset is in."""
    return datasource_dataset.DatasourceDatasetFacet(name=name, uri=uri, producer=by)


def code(of: TracedCode, by: str) -> JobFacet:
    """The file and commit of the code that runs. A repository without an origin has no URL of its
    own, so the commit is named."""
    web = of.repository.removesuffix(".git")
    at = f"blob/{of.commit}/{quote(of.path)}"
    url = f"{web}/{at}" if web.startswith("http") else f"urn:git:{of.commit}:{quote(of.path)}"
    return source_code_location_job.SourceCodeLocationJobFacet(
        type="git",
        url=url,
        repoUrl=of.repository or None,
        path=of.path,
        version=f"{of.commit}-dirty" if of.changed else of.commit,
        producer=by,
    )


def sql(of: TracedQuery, by: str) -> JobFacet:
    """What the source asks its database."""
    return sql_job.SQLJobFacet(query=of.text, dialect=of.dialect, producer=by)


def audits(found: Iterable[TracedAudit]) -> list[test_run.TestExecution]:
    """Each audit as a test: one that stops is an error, unless a person overruled it."""
    return [
        test_run.TestExecution(
            name=audit.name,
            status="pass" if audit.verdict == "pass" else "fail",
            severity="error" if audit.verdict == "stop" and not audit.overruled else "warn",
            type="audit",
            description=audit.what or None,
            expected=audit.expected or None,
            actual=audit.measured or None,
        )
        for audit in found
    ]
