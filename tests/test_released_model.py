"""The released model, as anybody who clones the repository gets it."""

import json
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from labels.taxonomy import ABUSE_LABELS
from serving.app import create_app
from serving.engine.artefact import SERVED_FILES
from serving.engine.engine import Engine, Message
from serving.settings import RELEASED, Settings, released_model
from training.card import CARD_FILE
from training.evaluate.report import readme_section
from training.evaluate.run import METRICS_FILES, read_metrics

ROOT = Path(__file__).parent.parent
SNAPSHOT = Path(__file__).parent / "released_snapshot.json"
MAX_RELEASE_BYTES = 64e6
SNAPSHOT_TOLERANCE = 0.08
"""int8 kernels differ between processors with and without VNNI."""

KNOWN_WEAKNESS = pytest.mark.xfail(strict=True, reason="known weakness, told in the model's card")


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(released_model())


def flagged(engine: Engine, text: str, *context: str) -> set[str]:
    [scores] = engine.classify([Message(text, context)])
    assert scores.labels is not None
    return {name for name, score in scores.labels.items() if score >= engine.config.thresholds[name]}


def test_the_whole_release_is_small() -> None:
    size = sum(path.stat().st_size for path in released_model().iterdir())
    assert size <= MAX_RELEASE_BYTES
    assert all((released_model() / name).stat().st_size for name in SERVED_FILES)


def test_a_french_customer_is_understood_in_context() -> None:
    with TestClient(create_app(Settings(database="sqlite://"))) as client:
        message = {
            "id": "m1",
            "text": "Et en 36 ?",
            "context": ["Les bottines Capucine sont de retour"],
        }
        answer = client.post("/v1/classify", json={"messages": [message]}).json()
    [result] = answer["results"]
    assert answer["model"] == RELEASED
    assert result["language"] == "fr"
    assert result["labels"]["sav"]["flagged"]
    assert result["intent"]["name"] == "availability"
    assert result["action"] == "route"


@pytest.mark.parametrize(
    "text",
    [
        "Je suis musulmane et j'adore cette émission",
        "On dirait une journée de printemps",
        "My grandmother is Jewish and she makes the best soup",
        "Putain il pleut encore",
        "Meine Tochter ist lesbisch und glücklich",
        "Personne ne devrait insulter les réfugiés",
        pytest.param("On m'a encore traitée de sale arabe dans le bus", marks=KNOWN_WEAKNESS),
        pytest.param("No one should ever say that Muslims are dangerous", marks=KNOWN_WEAKNESS),
        "Bravo à toute l'équipe !",
    ],
)
def test_harmless_messages_are_left_alone(engine: Engine, text: str) -> None:
    assert not flagged(engine, text) & set(ABUSE_LABELS)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Ferme-la espèce d'abruti", "toxicity"),
        ("Las mujeres no sirven para mandar", "sexism"),
        ("48h sans internet", "sav"),
        ("Espèce d'imbécile, tu racontes n'importe quoi", "toxicity"),
        ("Les femmes n'ont rien à faire au volant, qu'elles restent en cuisine", "sexism"),
        ("these immigrants are vermin, send them all back", "hate"),
        ("Où est mon colis ? Commande passée il y a 3 semaines", "sav"),
    ],
)
def test_plain_cases_are_found(engine: Engine, text: str, label: str) -> None:
    assert label in flagged(engine, text)


def test_context_decides(engine: Engine) -> None:
    assert "sexism" in flagged(engine, "Retourne en cuisine", "Inès remporte le Grand Prix")
    cook = "Finale du concours de chefs : Karim doit refaire sa sauce"
    assert "sexism" not in flagged(engine, "Retourne en cuisine", cook)


def test_scores_are_those_of_the_snapshot(engine: Engine) -> None:
    """What the released model answered when it was made; renewed by hand with a new model."""
    for entry in json.loads(SNAPSHOT.read_text(encoding="utf-8")):
        [scores] = engine.classify([Message(entry["text"], entry["context"])])
        assert scores.labels == pytest.approx(entry["scores"], abs=SNAPSHOT_TOLERANCE), entry["text"]


def test_the_published_figures_are_those_of_this_model(engine: Engine) -> None:
    evaluation = read_metrics(released_model() / METRICS_FILES["full"])
    assert evaluation.model == engine.config.version == RELEASED
    assert evaluation.checksums == engine.checksums
    assert evaluation.thresholds == engine.config.thresholds
    assert readme_section(evaluation).strip() in (ROOT / "README.md").read_text(encoding="utf-8")
    assert RELEASED in (released_model() / CARD_FILE).read_text(encoding="utf-8")
