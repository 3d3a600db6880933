"""A corpus in two Markdown tables: what each source gave, and the known labels by language."""

from collections.abc import Sequence

from labels.taxonomy import LABEL_NAMES
from training.corpus import LabelCount, SourceCount
from training.evaluate.report import NOTHING, table
from training.sources import get_source


def corpus_tables(sources: Sequence[SourceCount], labels: Sequence[LabelCount]) -> str:
    """Both tables, with what their cells mean."""
    return f"{_source_table(sources)}\n\n{_label_table(labels)}"


def _source_table(counts: Sequence[SourceCount]) -> str:
    rows = [
        [
            f"{source.title} (`{source.name}`)",
            ", ".join(source.languages),
            source.licence,
            *(
                f"{number:,}"
                for number in (
                    count.available,
                    count.sampled,
                    count.votes,
                    count.held_out,
                    count.duplicates,
                    count.nothing_known,
                    count.kept,
                )
            ),
        ]
        for source, count in ((get_source(count.source), count) for count in counts)
    ]
    header = [
        "source",
        "languages",
        "licence",
        "rows",
        "drawn",
        "joined as votes",
        "like a held-out one",
        "duplicates",
        "nothing known",
        "used",
    ]
    total = sum(count.kept for count in counts)
    return f"{total:,} messages.\n\n{table(header, rows)}"


def _label_table(counts: Sequence[LabelCount]) -> str:
    cells = {(count.language, count.label): count for count in counts}
    languages = sorted({count.language for count in counts})
    rows = [
        [language, *(_label_cell(cells.get((language, name))) for name in LABEL_NAMES)]
        for language in languages
    ]
    return (
        "Known labels by language, carried / not carried; in brackets, negatives masked so that no language "
        f"stands for a label. What a source does not say is unknown, not negative.\n\n"
        f"{table(['language', *LABEL_NAMES], rows)}"
    )


def _label_cell(count: LabelCount | None) -> str:
    if count is None:
        return NOTHING
    masked = f" ({count.masked_negatives:,})" if count.masked_negatives else ""
    return f"{count.positives:,} / {count.negatives:,}{masked}"
