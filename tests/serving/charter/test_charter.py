import pytest

from labels.taxonomy import LABEL_NAMES, LabelName
from serving.charter.charter import Charter, CharterError, judge, read_charter

DEFAULTS: dict[LabelName, float] = {label: 0.5 if label == "sav" else 0.6 for label in LABEL_NAMES}


def scores(**given: float) -> dict[LabelName, float]:
    return {label: given.get(label, 0.01) for label in LABEL_NAMES}


def test_nothing_flagged_gives_none() -> None:
    verdict = judge(scores(), Charter(), DEFAULTS)
    assert (verdict.action, verdict.reasons, verdict.review) == ("none", (), False)
    assert verdict.priority == 0.01


def test_sav_is_routed_with_its_reason_and_weight() -> None:
    verdict = judge(scores(sav=0.97), Charter(), DEFAULTS)
    assert (verdict.action, verdict.reasons, verdict.priority) == ("route", ("sav>=0.50",), 0.73)


@pytest.mark.parametrize("label", ["sexism", "racism", "hate", "toxicity"])
def test_abuse_is_hidden_even_in_a_customers_case(label: LabelName) -> None:
    verdict = judge(scores(**{label: 0.9, "sav": 0.9}), Charter(), DEFAULTS)
    assert verdict.action == "hide"
    assert verdict.reasons == (f"{label}>=0.60", "sav>=0.50")


def test_a_score_at_its_threshold_is_flagged() -> None:
    assert judge(scores(sav=0.5), Charter(), DEFAULTS).flags["sav"]


@pytest.mark.parametrize(("score", "review"), [(0.49, False), (0.5, True), (0.7, True), (0.71, False)])
def test_review_within_the_margin(score: float, review: bool) -> None:
    assert judge(scores(hate=score), Charter(), DEFAULTS).review is review


def test_client_thresholds_and_actions() -> None:
    charter = read_charter({"thresholds": {"sav": 0.99, "hate": None}, "actions": {"hate": "route"}})
    thresholds = charter.resolve(DEFAULTS)
    assert (thresholds["sav"], thresholds["hate"]) == (0.99, 0.6)
    verdict = judge(scores(sav=0.97, hate=0.6, toxicity=0.9), charter, thresholds)
    assert verdict.flags["hate"]
    assert not verdict.flags["sav"]
    assert verdict.action == "route"


def test_the_thresholds_given_rule() -> None:
    charter = Charter(thresholds={"sav": 0.99})
    assert judge(scores(sav=0.97), charter, DEFAULTS).flags["sav"]


def test_an_unread_script_flags_nothing_and_wants_a_look() -> None:
    verdict = judge(None, Charter(), DEFAULTS)
    assert not any(verdict.flags.values())
    assert (verdict.action, verdict.reasons, verdict.review) == ("none", ("unsupported_script",), True)


@pytest.mark.parametrize(
    ("stored", "key"),
    [
        ({"thresholds": {"sav": 2}}, "thresholds.sav"),
        ({"thresholds": {"spam": 0.5}}, "thresholds.spam"),
        ({"treshold": {}}, "treshold"),
        ({"actions": {"sav": "explode"}}, "actions.sav"),
    ],
)
def test_a_broken_charter_names_the_key(stored: dict[str, object], key: str) -> None:
    with pytest.raises(CharterError, match=key):
        read_charter(stored)
