"""The datasets of an event: what a run read, and what it made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from openlineage.client.event_v2 import InputDataset, OutputDataset
from openlineage.client.facet_v2 import DatasetFacet, InputDatasetFacet, OutputDatasetFacet
from openlineage.client.generated.data_quality_metrics_input_dataset import (
    DataQualityMetricsInputDatasetFacet,
)
from openlineage.client.generated.dataset_type_dataset import DatasetTypeDatasetFacet
from openlineage.client.generated.dataset_version_dataset import DatasetVersionDatasetFacet
from openlineage.client.generated.documentation_dataset import DocumentationDatasetFacet
from openlineage.client.generated.input_statistics_input_dataset import (
    InputStatisticsInputDatasetFacet,
)
from openlineage.client.generated.lifecycle_state_change_dataset import (
    LifecycleStateChange,
    LifecycleStateChangeDatasetFacet,
)
from openlineage.client.generated.output_statistics_output_dataset import (
    OutputStatisticsOutputDatasetFacet,
)
from openlineage.client.generated.storage_dataset import StorageDatasetFacet

from cleanhold.core.account import Account
from cleanhold.core.finding import HELD_SCHEMA, REFUSED_FILE_SCHEMA
from cleanhold.core.run import InputKind, RunState
from cleanhold.tracing import facets, table_facets
from cleanhold.tracing.column_lineage import column_lineage
from cleanhold.tracing.naming import Name, Naming
from cleanhold.tracing.trace import RunTrace, TracedInput, TracedOutput


def read(one: TracedInput, trace: RunTrace, naming: Naming, *, ended: bool) -> InputDataset:
    """One input. At START only its name and version are told, which never change."""
    by = facets.producer(trace.code)
    delivered = one.kind is InputKind.EXTRACT
    version = str(one.number) if one.kind is InputKind.SNAPSHOT else one.sha256
    name = naming.source(one.name) if delivered else naming.dataset(one.name)
    if one.kind is InputKind.REPLAY:
        name = naming.quarantine(trace.dataset)
    about: dict[str, DatasetFacet] = {
        "version": DatasetVersionDatasetFacet(datasetVersion=version, producer=by),
        "datasetType": DatasetTypeDatasetFacet(
            datasetType="FILE" if delivered else "TABLE", producer=by
        ),
    }
    if one.file:
        about["documentation"] = DocumentationDatasetFacet(
            description=f"Delivered as {one.file}", producer=by
        )
    if delivered:
        about["dataSource"] = table_facets.data_source(one.name, naming.uri(one.name), by)
    if not ended:
        return InputDataset(*name, facets=about, inputFacets={})

    if one.schema:
        about["schema"] = facets.schema(one.schema, by)
    found: dict[str, InputDatasetFacet] = {}
    if one.rows is not None:
        found["inputStatistics"] = InputStatisticsInputDatasetFacet(
            rowCount=one.rows, size=one.size, fileCount=1 if delivered else None, producer=by
        )
        found["dataQualityMetrics"] = DataQualityMetricsInputDatasetFacet(
            columnMetrics={}, rowCount=one.rows, bytes=one.size, producer=by
        )
    if trace.checks and one is trace.extract:
        found["dataQualityAssertions"] = facets.quality(
            trace.checks, trace.judged, trace.columns, by
        )
    return InputDataset(*name, facets=about, inputFacets=found)


def made(trace: RunTrace, naming: Naming) -> list[OutputDataset]:
    """The table or its candidate, its quarantine, and what was refused, if anything was."""
    if trace.output is None or trace.account is None:
        return []  # a trace of a finished run has both
    outputs = [_table(trace, trace.output, naming), _held(trace, trace.account, naming)]
    if trace.account.refused:
        outputs.append(_refused(trace, trace.account, naming))
    return outputs


def _table(trace: RunTrace, output: TracedOutput, naming: Naming) -> OutputDataset:
    """The snapshot: under the dataset's name if readers get it, else as pilot or candidate."""
    by = facets.producer(trace.code)
    published = trace.state is RunState.PUBLISHED and not output.waits
    name = naming.dataset(trace.dataset) if published else naming.candidate(trace.dataset)
    if trace.state is RunState.PUBLISHED and output.waits:
        name = naming.pilot(trace.dataset)
    about = _parquet(trace, naming, output.schema, trace.description)
    if published:  # for readers; others change nothing for them
        about["lifecycleStateChange"] = LifecycleStateChangeDatasetFacet(
            lifecycleStateChange=(
                LifecycleStateChange.CREATE
                if output.replaces is None
                else LifecycleStateChange.OVERWRITE
            ),
            producer=by,
        )
    about |= {
        "version": DatasetVersionDatasetFacet(datasetVersion=str(output.number), producer=by),
        "cleanhold_contract": facets.CleanholdContractDatasetFacet(
            dataset=trace.dataset,
            version=trace.contract_version,
            fingerprint=trace.contract_fingerprint,
            producer=by,
        ),
    }
    about |= _around(trace, output, naming)
    if trace.lineage is not None:
        about["columnLineage"] = column_lineage(trace.lineage, trace, naming, by)
    if trace.checks and trace.extract is None:
        # Built, not delivered: no input has these columns, so the results are told here. The
        # client types this facet for inputs only; the spec lets it stand on any dataset.
        results = facets.quality(trace.checks, trace.judged, {}, by)
        about["dataQualityAssertions"] = cast(DatasetFacet, results)
    written: dict[str, OutputDatasetFacet] = {
        "outputStatistics": OutputStatisticsOutputDatasetFacet(
            rowCount=output.rows, size=output.size, fileCount=output.files, producer=by
        )
    }
    return OutputDataset(*name, facets=about, outputFacets=written)


def _around(trace: RunTrace, output: TracedOutput, naming: Naming) -> dict[str, DatasetFacet]:
    """Where the table is, who may read it, and what its columns hold."""
    by, told = facets.producer(trace.code), trace.told
    about: dict[str, DatasetFacet] = {}
    if told.path:
        about["symlinks"] = table_facets.symlinks(told.path, naming, by)
    if tags := table_facets.tags(told, by):
        about["tags"] = tags
    if told.measures:
        about["dataQualityMetrics"] = table_facets.measures(
            told.measures, output.rows, output.size, output.files, by
        )
    return about


def _held(trace: RunTrace, account: Account, naming: Naming) -> OutputDataset:
    described = f"Held rows of {trace.dataset}, with the findings that hold them"
    schema = {column: str(dtype) for column, dtype in HELD_SCHEMA.items()}
    about = _parquet(trace, naming, schema, described)
    return _kept(naming.quarantine(trace.dataset), about, account.held, trace)


def _refused(trace: RunTrace, account: Account, naming: Naming) -> OutputDataset:
    described = f"Records for {trace.dataset} that could not become rows, with their bytes"
    schema = {column: str(dtype) for column, dtype in REFUSED_FILE_SCHEMA.items()}
    about = _parquet(trace, naming, schema, described)
    return _kept(naming.refused(trace.dataset), about, account.refused, trace)


def _kept(name: Name, about: dict[str, DatasetFacet], rows: int, trace: RunTrace) -> OutputDataset:
    statistics = OutputStatisticsOutputDatasetFacet(
        rowCount=rows, producer=facets.producer(trace.code)
    )
    return OutputDataset(*name, facets=about, outputFacets={"outputStatistics": statistics})


def _parquet(
    trace: RunTrace, naming: Naming, schema: Mapping[str, str], description: str
) -> dict[str, DatasetFacet]:
    """What all tables have in common."""
    by = facets.producer(trace.code)
    about: dict[str, DatasetFacet] = {
        "datasetType": DatasetTypeDatasetFacet(datasetType="TABLE", producer=by),
        "storage": StorageDatasetFacet(storageLayer="file", fileFormat="parquet", producer=by),
    }
    if schema:
        about["schema"] = facets.schema(schema, by)
    if description:
        about["documentation"] = DocumentationDatasetFacet(description=description, producer=by)
    if owners := naming.owners_of(trace.dataset, trace.owner):
        about["ownership"] = facets.owners(owners, by)
    return about
