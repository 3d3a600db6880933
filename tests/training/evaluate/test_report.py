"""Tables, plots and the card, from a small invented evaluation."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from serving.engine.artefact import ModelConfig
from serving.engine.classifier import Classifier
from serving.settings import RELEASED
from training.card import Card, card_markdown, write_card
from training.corpus import LabelCount, SourceCount
from training.disguise import OBFUSCATIONS
from training.evaluate.exam import EvaluationError, Published
from training.evaluate.metrics import Figures, figures
from training.evaluate.plots import calibration_curves, functionality_bars, precision_recall_curves
from training.evaluate.report import (
    calibration_table,
    disguise_table,
    full_report,
    functionality_table,
    harmless_table,
    insert_between,
    language_table,
    naming_table,
    readme_section,
    sav_table,
    summary_table,
    table,
    tiers_table,
)
from training.evaluate.run import (
    Evaluation,
    ExamResult,
    IntentResult,
    Machine,
    QuestionResult,
)
from training.evaluate.targets import targets_table

RECIPE = Path(__file__).parents[3] / "training" / "recipes" / f"{RELEASED}.toml"


def _figures(hits: int, false_alarms: int, missed: int, left_alone: int) -> Figures:
    gold = np.repeat([1.0, 0.0, 1.0, 0.0], [hits, false_alarms, missed, left_alone])
    scores = np.repeat([0.9, 0.9, 0.1, 0.1], [hits, false_alarms, missed, left_alone])
    return figures(gold, scores >= 0.6, scores)


HATECHECK = ExamResult(
    name="multilingual_hatecheck",
    title="Multilingual HateCheck",
    source="multilingual_hatecheck",
    sha256="cd" * 32,
    rows=40,
    unreadable=0,
    seconds=0.5,
    questions=(
        QuestionResult(
            "hate",
            ("hate", "racism", "sexism"),
            _figures(18, 5, 2, 15),
            {
                "language": {"de": _figures(10, 0, 0, 10), "es": _figures(8, 5, 2, 5)},
                "functionality": {"slur_h": _figures(18, 0, 2, 0), "counter_quote_nh": _figures(0, 5, 0, 15)},
            },
        ),
    ),
    intents=None,
    published=(
        Published("Specialist", "0.841", "A card"),
        Published("Specialist", "0.846", "A card", "es"),
        Published("Perspective", "0.156", "A paper", "counter_quote_nh"),
    ),
    mean_over="language",
)
TWEETS = ExamResult(
    name="neutral_tweets",
    title="Neutral tweets",
    source="umsab_tweet_sentiment",
    sha256="ef" * 32,
    rows=100,
    unreadable=0,
    seconds=0.5,
    questions=(
        QuestionResult(
            "abuse", ("hate", "toxicity"), _figures(0, 3, 0, 97), {"language": {"ar": _figures(0, 3, 0, 97)}}
        ),
        QuestionResult("sav", ("sav",), _figures(0, 0, 0, 100), {}),
    ),
    intents=None,
    published=(),
    mean_over=None,
)
TELECOM = ExamResult(
    name="telecom_fr_test",
    title="Telecom",
    source="telecom_fr",
    sha256="01" * 32,
    rows=20,
    unreadable=0,
    seconds=1.0,
    questions=(QuestionResult("sav", ("sav",), _figures(9, 1, 1, 9), {}),),
    intents=IntentResult(10, 0.7),
    published=(),
    mean_over=None,
)


HARMLESS = ExamResult(
    name="authored_harmless",
    title="Harmless",
    source="vigie_authored",
    sha256="23" * 32,
    rows=300,
    unreadable=0,
    seconds=1.0,
    questions=(
        QuestionResult(
            "abuse",
            ("hate",),
            _figures(0, 8, 0, 292),
            {"naming": {"names a group": _figures(0, 4, 0, 96), "names none": _figures(0, 4, 0, 196)}},
        ),
    ),
    intents=None,
    published=(),
    mean_over=None,
)
DISGUISED = ExamResult(
    name="obfuscation_fr",
    title="Disguised",
    source="vigie_authored",
    sha256="45" * 32,
    rows=60,
    unreadable=0,
    seconds=1.0,
    questions=(
        QuestionResult(
            "abuse",
            ("hate",),
            _figures(48, 0, 12, 0),
            {
                "spelling": {
                    kind: _figures(hits, 0, 10 - hits, 0)
                    for kind, hits in zip((*sorted(OBFUSCATIONS), "plain"), (8, 7, 8, 8, 8, 9), strict=True)
                }
            },
        ),
    ),
    intents=None,
    published=(),
    mean_over=None,
)


@pytest.fixture
def evaluation(engine: Classifier) -> Evaluation:
    return Evaluation(
        model="invented-0.1",
        checksums={"model.onnx": "ab" * 32},
        thresholds=dict(engine.config.thresholds),
        date="2026-11-20T10:00:00+00:00",
        machine=Machine("Invented CPU", 2),
        libraries={"numpy": "2.0"},
        results=(HATECHECK, TWEETS, TELECOM),
        missing=("gahd_test",),
    )


def test_table_escapes_pipes_and_is_nothing_without_rows() -> None:
    assert table(["a", "b"], [["1|2", "3"]]) == "| a | b |\n| --- | --- |\n| 1\\|2 | 3 |"
    assert table(["a"], []) == ""


def test_summary_gives_the_mean_of_the_groups(evaluation: Evaluation) -> None:
    de, es = HATECHECK.questions[0].groups["language"].values()
    assert de.macro_f1 is not None
    assert es.macro_f1 is not None
    mean = (de.macro_f1 + es.macro_f1) / 2

    rows = summary_table(evaluation).splitlines()
    assert rows[2:] == [
        f"| Multilingual HateCheck, mean of de, es | 40 | {mean:.3f} | 0.808 | 0.900 | 25.0 % "
        "| Specialist 0.841 |"
    ]


def test_language_rows_have_intervals_and_their_own_published_figures(evaluation: Evaluation) -> None:
    german, spanish = language_table(evaluation).splitlines()[2:]

    assert german == "| Multilingual HateCheck, de | 20 | 1.000 [1.000, 1.000] | 1.000 | 1.000 | 0.0 % | – |"
    assert spanish.endswith("| 50.0 % | Specialist 0.846 |")


def test_functionality_table(evaluation: Evaluation) -> None:
    assert functionality_table([HATECHECK]).splitlines()[2:] == [
        "| `counter_quote_nh` | not hateful | 0.750 (20) | Perspective 0.156 |",
        "| `slur_h` | hateful | 0.900 (20) | – |",
    ]


def test_harmless_table(evaluation: Evaluation) -> None:
    assert harmless_table(evaluation).splitlines()[2:] == [
        "| Neutral tweets | abuse | 100 | 3.0 % | ar 3.0 % |",
        "| Neutral tweets | sav | 100 | 0.0 % | – |",
    ]


def test_sav_table(evaluation: Evaluation) -> None:
    assert sav_table(evaluation).splitlines()[2:] == [
        "| Telecom | 20 | 0.900 | 0.900 | 0.900 | 0.900 | 0.700 (10) |"
    ]


def test_naming_table_gives_the_ratio_of_false_alarms(evaluation: Evaluation) -> None:
    table = naming_table(replace(evaluation, results=(HARMLESS, TWEETS)))
    assert table.splitlines()[2:] == ["| Harmless | 4.0 % (100) | 2.0 % (200) | 2.000 |"]


def test_disguise_table_begins_with_the_plain_text(evaluation: Evaluation) -> None:
    header, _, *rows = disguise_table(replace(evaluation, results=(DISGUISED, TWEETS))).splitlines()
    assert header == f"| set | messages | plain | {' | '.join(OBFUSCATIONS)} |"
    assert rows == ["| Disguised | 10 | 0.900 | 0.800 | 0.800 | 0.800 | 0.700 | 0.800 |"]


def test_tiers_are_compared_by_each_headline(evaluation: Evaluation) -> None:
    slower = replace(evaluation, results=(HATECHECK, TWEETS, TELECOM, DISGUISED))
    worse = replace(TELECOM, questions=(QuestionResult("sav", ("sav",), _figures(8, 2, 2, 8), {}),))
    faster = replace(evaluation, results=(HATECHECK, TWEETS, worse, DISGUISED))
    cells = [row.split(" | ") for row in tiers_table(slower, faster).splitlines()[2:]]
    assert [row[1] for row in cells] == ["macro-F1", "flagged", "flagged", "F1", "recall"]
    assert cells[3] == ["| Telecom", "F1", "0.900", "0.800", "-10.0 |"]


def test_targets_say_whether_they_are_met_by_either_tier(evaluation: Evaluation) -> None:
    full = replace(evaluation, results=(HARMLESS, DISGUISED, TELECOM))
    better = _figures(0, 4, 0, 96), _figures(0, 8, 0, 192)
    naming = {"naming": dict(zip(("names a group", "names none"), better, strict=True))}
    harmless = replace(HARMLESS, questions=(replace(HARMLESS.questions[0], groups=naming),))
    fast = replace(evaluation, results=(harmless, DISGUISED, TELECOM))
    rows = targets_table(full, fast).splitlines()[2:]
    assert [row.split(" | ")[1:] for row in rows if "ratio" in row or "worst loss" in row] == [
        ["≤ 1.5", "2.000", "no", "1.000", "yes |"],
        ["≤ 0.1", "0.200", "no", "0.200", "no |"],
    ]
    assert "| SAV, telecom tweets: intents | ≥ 0.7 | 0.700 | yes | 0.700 | yes |" in rows


def test_calibration_is_of_single_labels(evaluation: Evaluation) -> None:
    rows = calibration_table(evaluation).splitlines()[2:]

    assert [row.split(" | ")[:2] for row in rows] == [["| Neutral tweets", "sav"], ["| Telecom", "sav"]]


def test_readme_section_is_the_short_report(evaluation: Evaluation) -> None:
    section, report = readme_section(evaluation), full_report(evaluation)

    assert "### Abuse" in section
    assert "Others' figures are theirs, as published: A card; A paper." in section
    assert "2 cores of Invented CPU" in section
    assert "### Calibration" not in section
    assert "### Calibration" in report
    assert "### HatemojiCheck" not in report  # not in this evaluation


def test_insert_between_replaces_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "README.md"
    path.write_text("a\n<!-- vigie:evaluation -->\nold\n<!-- /vigie:evaluation -->\nb\n")
    insert_between(path, "evaluation", "new\n")
    insert_between(path, "evaluation", "new\n")

    assert path.read_text() == "a\n<!-- vigie:evaluation -->\nnew\n<!-- /vigie:evaluation -->\nb\n"


@pytest.mark.parametrize(
    "text",
    [
        "nothing",
        "<!-- vigie:x -->",
        "<!-- /vigie:x --><!-- vigie:x -->",
        "<!-- vigie:x --><!-- vigie:x --><!-- /vigie:x -->",
    ],
)
def test_insert_between_needs_both_markers(tmp_path: Path, text: str) -> None:
    path = tmp_path / "README.md"
    path.write_text(text)
    with pytest.raises(EvaluationError, match="once each"):
        insert_between(path, "x", "new")
    assert path.read_text() == text


def test_plots_are_small_png_files(tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    scores = generator.random(5000)
    labels = {name: (scores, (generator.random(5000) < scores).astype(float)) for name in ("hate", "sav")}
    functionality_bars({f"functionality_{n}": n / 29 for n in range(29)}, tmp_path / "bars.png")
    calibration_curves(labels, tmp_path / "calibration.png")
    precision_recall_curves({**labels, "none": (scores, np.zeros(5000))}, tmp_path / "curves.png")

    for path in tmp_path.iterdir():
        assert path.read_bytes().startswith(b"\x89PNG")
        assert path.stat().st_size < 150_000


def _card(config: ModelConfig, evaluation: Evaluation) -> Card:
    return Card(
        config=config,
        recipe=RECIPE,
        sources=[
            SourceCount("davidson_en", 100, 52, 2, 3, 1, 1, 45),
            SourceCount("mlma", 10, 5, 0, 5, 0, 0, 0),
        ],
        labels=[LabelCount("hate", "en", 20, 1000, 7), LabelCount("sav", "fr", 3, 4, 0)],
        evaluation=evaluation,
        fast=evaluation,
        facts={"time": "59 min"},
        weaknesses="Irony.\n",
        plots={"bars.png": "Functionalities"},
    )


def test_card_opens_with_front_matter(engine: Classifier, evaluation: Evaluation) -> None:
    front = card_markdown(_card(engine.config, evaluation)).split("---\n")[1]

    assert 'language:\n- "fr"\n- "no"\n' in front
    assert 'base_model: "intfloat/multilingual-e5-small"\n' in front
    assert "pipeline_tag: text-classification\n" in front
    assert "datasets:\n- " in front


def test_card_tells_data_recipe_figures_and_credits(
    engine: Classifier, evaluation: Evaluation, tmp_path: Path
) -> None:
    card = write_card(_card(engine.config, evaluation), tmp_path).read_text()

    assert "45 messages." in card
    assert "| en | – | – | 20 / 1,000 (7) | – | – |" in card
    assert RECIPE.read_text().strip() in card
    assert f"vigie train {RECIPE}" in card
    assert "| time | 59 min |" in card
    assert "![Functionalities](bars.png)" in card
    assert "## Known weaknesses\n\nIrony." in card
    assert "- Multilingual HateCheck: Röttger et al. 2022" in card
    trained, judged = card.split("## Attribution")[1].split("Judged by")
    assert "Davidson" in trained
    assert "Multi-Aspect" not in trained + judged  # no row of it was kept
