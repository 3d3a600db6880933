"""Perspective's analysis, by Google's own client and by hand."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import httplib2
import pytest
from fastapi.testclient import TestClient
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

from labels.store.scopes import Scope
from labels.store.store import Store
from labels.taxonomy import LABEL_NAMES
from serving.api.dialects.perspective import ATTRIBUTES
from serving.api.dialects.perspective_discovery import discovery_document
from serving.engine.engine import Message, Prepared
from tests.serving.api.dialects.conftest import KEY
from tests.serving.conftest import WeightlessEngine
from tests.serving.test_documentation import DOCS

PATH = "/v1alpha1/comments:analyze"
JSON = {"content-type": "application/json"}
TOXICITY: dict[str, Any] = {"TOXICITY": {}}


def official(address: str, key: str | None = None) -> Any:
    return build(
        "commentanalyzer",
        "v1alpha1",
        developerKey=key,
        http=httplib2.Http(proxy_info=None),
        discoveryServiceUrl=f"http://{address}/$discovery/rest?version=v1alpha1",
        static_discovery=False,
    )


@pytest.fixture
def client_of_google(address: str) -> Iterator[Any]:
    with official(address) as client:
        yield client


def asked(text: str = "bonjour", **fields: Any) -> dict[str, Any]:
    return {"comment": {"text": text}, "requestedAttributes": TOXICITY, **fields}


def analyze(client: TestClient, text: str = "bonjour", **fields: Any) -> Any:
    response = client.post(PATH, json=asked(text, **fields))
    assert response.status_code == 200, response.text
    return response.json()


def refused(client: TestClient, status: int = 400, **request: Any) -> Any:
    response = client.post(PATH, **request)
    assert (response.status_code, response.headers["content-type"]) == (status, "application/json")
    error = response.json()["error"]
    assert error["code"] == status
    return error


def test_the_official_client_analyzes(client_of_google: Any, engine: WeightlessEngine) -> None:
    body = {
        "comment": {"text": "quelle toxicity !"},
        "context": {"entries": [{"text": "l'article"}, {"text": "un commentaire"}]},
        "requestedAttributes": {"TOXICITY": {"scoreType": "PROBABILITY"}, "IDENTITY_ATTACK": {}},
        "doNotStore": True,
        "clientToken": "c1",
        "sessionId": "s1",
        "communityId": "/forum/films",
    }
    answer = client_of_google.comments().analyze(body=body).execute()

    def scores(value: float) -> dict[str, Any]:
        score = {"value": value, "type": "PROBABILITY"}
        return {"summaryScore": score, "spanScores": [{"begin": 0, "end": 17, "score": score}]}

    assert answer == {
        "attributeScores": {"TOXICITY": scores(0.9), "IDENTITY_ATTACK": scores(0.02)},
        "languages": ["fr"],
        "detectedLanguages": ["fr"],
        "clientToken": "c1",
    }
    assert engine.seen[0].context == ("l'article", "un commentaire")


def test_the_official_client_raises_its_own_errors(client_of_google: Any) -> None:
    call = client_of_google.comments().analyze(body=asked(requestedAttributes={"THREAT": {}}))
    with pytest.raises(HttpError, match="Unknown requested attribute: THREAT") as caught:
        call.execute()
    assert caught.value.status_code == 400
    assert caught.value.error_details == [
        {
            "@type": "type.googleapis.com/google.commentanalyzer.v1alpha1.Error",
            "errorType": "INVALID_REQUEST",
        }
    ]


def test_the_official_client_gives_the_key_in_the_query(locked_address: str) -> None:
    with official(locked_address, KEY) as client:
        assert client.comments().analyze(body=asked()).execute()["attributeScores"]
    with official(locked_address, "wrong") as client, pytest.raises(HttpError) as caught:
        client.comments().analyze(body=asked()).execute()
    assert caught.value.status_code == 401


@pytest.mark.parametrize(
    "given",
    [
        {"params": {"key": KEY}},
        {"headers": {b"x-goog-api-key": KEY.encode()}},
        {"headers": {b"authorization": f"Bearer {KEY}".encode()}},
    ],
)
def test_the_key_opens(locked: TestClient, given: dict[str, Any]) -> None:
    assert locked.post(PATH, json=asked(), **given).status_code == 200


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"params": {"key": ""}},
        {"params": {"key": f"{KEY}x"}},
        {"params": {"key": KEY}, "headers": {"authorization": "Bearer wrong"}},
    ],
)
def test_anything_else_does_not(locked: TestClient, given: dict[str, Any]) -> None:
    error = refused(locked, 401, json=asked(), **given)
    assert error["status"] == "UNAUTHENTICATED"
    assert KEY not in json.dumps(error)


def test_the_key_in_the_query_is_of_this_dialect_alone(locked: TestClient) -> None:
    body = {"messages": [{"id": "1", "text": "a"}]}
    assert locked.post("/v1/classify", params={"key": KEY}, json=body).status_code == 401


def test_each_attribute_is_its_labels_score(client: TestClient) -> None:
    for label in LABEL_NAMES:
        answer = analyze(client, label, requestedAttributes={name: {} for name in ATTRIBUTES})
        scores = {name: told["summaryScore"]["value"] for name, told in answer["attributeScores"].items()}
        assert scores == {name: 0.9 if of == label else 0.02 for name, of in ATTRIBUTES.items()}


@pytest.mark.parametrize(
    "name", ["SEVERE_TOXICITY", "INSULT", "PROFANITY", "THREAT", "SEXUALLY_EXPLICIT", "toxicity", "\ud800"]
)
def test_what_is_not_measured_is_refused(client: TestClient, name: str) -> None:
    body = asked(requestedAttributes={"TOXICITY": {}, name: {}})
    error = refused(client, content=json.dumps(body), headers=JSON)
    assert error["message"].startswith("Unknown requested attribute: ")
    assert error["message"].endswith(f"(Vigie measures {', '.join(ATTRIBUTES)})")


def test_scores_below_their_threshold_are_left_out(client: TestClient) -> None:
    wanted = {
        "TOXICITY": {"scoreThreshold": 0.9},
        "IDENTITY_ATTACK": {"scoreThreshold": 0.021},
        "VIGIE_SAV": {"scoreThreshold": 0},
    }
    answer = analyze(client, "Salut. De la toxicity.", requestedAttributes=wanted, spanAnnotations=True)
    assert set(answer["attributeScores"]) == {"TOXICITY", "VIGIE_SAV"}
    assert [span["begin"] for span in answer["attributeScores"]["TOXICITY"]["spanScores"]] == [7]
    assert len(answer["attributeScores"]["VIGIE_SAV"]["spanScores"]) == 2


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Salut 😀 ! Quelle toxicity… Non ?", ["Salut 😀 !", "Quelle toxicity…", "Non ?"]),
        ("  un\r\ndeux  \n\n trois. ", ["un", "deux", "trois."]),
        ("« Ah ?! » Oui, 3.5 km (fini.) Voilà", ["« Ah ?! »", "Oui, 3.5 km (fini.)", "Voilà"]),
        ("Oui. \u200b. Non.", ["Oui.", "\u200b.", "Non."]),
        ("Oui.\n\u200b\nNon.", ["Oui.", "Non."]),
        ("😀. 😀.", ["😀.", "😀."]),
    ],
)
def test_sentences_are_scored_each(
    client: TestClient, engine: WeightlessEngine, text: str, sentences: list[str]
) -> None:
    context = {"entries": [{"text": "avant"}]}
    answer = analyze(client, text, spanAnnotations=True, context=context)
    units = text.encode("utf-16-le")
    spans = answer["attributeScores"]["TOXICITY"]["spanScores"]
    told = [units[2 * span["begin"] : 2 * span["end"]].decode("utf-16-le") for span in spans]
    assert told == sentences
    assert [message.text for message in engine.seen] == [text, *sentences]
    assert {message.context for message in engine.seen} == {("avant",)}
    for span, sentence in zip(spans, sentences, strict=True):
        assert span["score"]["value"] == (0.9 if "toxicity" in sentence else 0.02)


def test_a_single_sentence_is_classified_once(client: TestClient, engine: WeightlessEngine) -> None:
    answer = analyze(client, "Une toxicity.", spanAnnotations=True)
    assert len(engine.seen) == 1
    assert len(answer["attributeScores"]["TOXICITY"]["spanScores"]) == 1


def test_a_sentence_that_is_not_read_has_no_span(
    client: TestClient, engine: WeightlessEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare = engine.prepare

    def last_unread(messages: Sequence[Message]) -> list[Prepared]:
        return [*prepare(messages)[:-1], Prepared("zh", ())]

    monkeypatch.setattr(engine, "prepare", last_unread)
    answer = analyze(client, "Bonjour. Merci.", spanAnnotations=True)
    assert [span["begin"] for span in answer["attributeScores"]["TOXICITY"]["spanScores"]] == [0]


def test_the_article_comes_before_the_parent_comment(client: TestClient, engine: WeightlessEngine) -> None:
    both = {"article": {"text": "l'article"}, "parentComment": {"text": "un commentaire"}}
    analyze(client, context={"articleAndParentComment": both})
    assert engine.seen[0].context == ("l'article", "un commentaire")


def test_the_fields_own_names_are_read_too(client: TestClient) -> None:
    body = {"comment": {"text": "a"}, "requested_attributes": {"TOXICITY": {"score_threshold": 0.5}}}
    assert client.post(PATH, json=body).json()["attributeScores"] == {}


def test_a_null_is_as_good_as_nothing(client: TestClient) -> None:
    fields = ("context", "languages", "spanAnnotations", "clientToken", "doNotStore", "sessionId")
    nulls: dict[str, Any] = dict.fromkeys(fields)
    assert analyze(client, **nulls) == analyze(client)


def test_languages_named_come_back_beside_those_found(client: TestClient) -> None:
    answer = analyze(client, languages=["zh", "en-GB"])
    assert (answer["languages"], answer["detectedLanguages"]) == (["zh", "en-GB"], ["fr"])


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"languages": ["zh", "ja"]}, {"requestedLanguages": ["zh", "ja"], "attribute": "TOXICITY"}),
        ({"comment": {"text": "你好"}}, {"detectedLanguages": ["zh"], "attribute": "TOXICITY"}),
        (
            {"comment": {"text": "你好"}, "languages": ["fr"]},
            {"detectedLanguages": ["zh"], "attribute": "TOXICITY"},
        ),
    ],
)
def test_languages_that_are_not_read(client: TestClient, fields: Any, told: Any) -> None:
    [detail] = refused(client, json=asked() | fields)["details"]
    assert detail["errorType"] == "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE"
    assert detail["languageNotSupportedByAttributeError"] == told


@pytest.mark.parametrize(
    ("fields", "message", "kind"),
    [
        ({"comment": {"text": " \u200b"}}, "Comment must be non-empty.", "COMMENT_EMPTY"),
        ({"comment": {}}, "Comment must be non-empty.", "COMMENT_EMPTY"),
        ({"comment": {"text": "a" * 20_001}}, "Comment text too long.", "COMMENT_TOO_LONG"),
        ({"requestedAttributes": {}}, "Missing requested_attributes", "NO_REQUESTED_ATTRIBUTES"),
        ({"requestedAttributes": None}, "Missing requested_attributes", "NO_REQUESTED_ATTRIBUTES"),
        (
            {"requestedAttributes": {"TOXICITY": {"scoreType": "RAW"}}},
            "Requested score type RAW is not supported by attribute TOXICITY",
            "INVALID_REQUEST",
        ),
        (
            {"requestedAttributes": {"TOXICITY": {"scoreThreshold": float("nan")}}},
            "requestedAttributes.TOXICITY.scoreThreshold: ",
            "INVALID_REQUEST",
        ),
        ({"comment": {"text": "a", "type": "HTML"}}, "Currently, only 'PLAIN_TEXT'", "INVALID_REQUEST"),
        (
            {"context": {"entries": [{"text": "a", "type": "HTML"}]}},
            "Currently, only 'PLAIN_TEXT'",
            "INVALID_REQUEST",
        ),
        (
            {"context": {"entries": [{}], "articleAndParentComment": {}}},
            "Context can have either entries",
            "INVALID_REQUEST",
        ),
        ({"comment": {"text": "\ud800"}}, "comment.text: ", "INVALID_REQUEST"),
        ({"comment": {"text": "a\0"}}, "comment.text: ", "INVALID_REQUEST"),
        ({"clientToken": "\ud800"}, "clientToken: ", "INVALID_REQUEST"),
        ({"languages": ["\ud800"]}, "languages.0: ", "INVALID_REQUEST"),
        ({"comment": None}, "comment: ", "INVALID_REQUEST"),
        ({"unknown": 1}, "unknown: is not a known field", "INVALID_REQUEST"),
        ({"context": {"entries": [{"text": "a"}] * 51}}, "context.entries: ", "INVALID_REQUEST"),
        (
            {"context": {"entries": [{"text": "a" * 20_001}]}},
            "context.entries.0.text: holds more than 20000 characters",
            "INVALID_REQUEST",
        ),
        (
            {"context": {"entries": [{"text": "a" * 20_000}] * 10}},
            "comment and context, again for each sentence: hold 200007 characters",
            "INVALID_REQUEST",
        ),
        (
            {"comment": {"text": "a. " * 256}, "spanAnnotations": True},
            "The comment holds 256 sentences, 255 at most",
            "INVALID_REQUEST",
        ),
    ],
)
def test_what_is_wrong_is_told(client: TestClient, fields: Any, message: str, kind: str) -> None:
    error = refused(client, content=json.dumps(asked() | fields), headers=JSON)
    assert error["message"].startswith(message)
    assert error["status"] == "INVALID_ARGUMENT"
    assert error["details"][0]["errorType"] == kind


def test_the_most_sentences_are_answered(client: TestClient) -> None:
    answer = analyze(client, "a. " * 255, spanAnnotations=True)
    assert len(answer["attributeScores"]["TOXICITY"]["spanScores"]) == 255


@pytest.mark.parametrize(
    ("status", "told", "request_"),
    [
        (400, "INVALID_ARGUMENT", {"content": b"{", "headers": JSON}),
        (413, "INVALID_ARGUMENT", {"json": asked("a" * 3 * 2**20)}),
        (415, "INVALID_ARGUMENT", {"content": b"a"}),
        (500, "INTERNAL", {"json": asked("boom")}),
    ],
)
def test_limits_of_the_other_routes_hold(
    client: TestClient, status: int, told: str, request_: dict[str, Any]
) -> None:
    assert refused(client, status, **request_)["status"] == told


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", PATH, 405),
        ("POST", "/v1alpha1/comments:nothing", 404),
        ("GET", "/$discovery/rest?version=v1", 404),
    ],
)
def test_what_is_not_there(client: TestClient, method: str, path: str, status: int) -> None:
    response = client.request(method, path)
    assert response.status_code == status
    assert response.json()["error"]["code"] == status


def test_the_discovery_document_describes_the_route(client: TestClient) -> None:
    told = discovery_document("http://testserver/")
    assert client.get("/$discovery/rest").json() == told
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    for name, schema in told["schemas"].items():
        assert set(schema["properties"]) == set(schemas[name]["properties"]), name


def test_every_attribute_is_documented() -> None:
    page = (DOCS / "migrate-from-perspective.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in page for name in ATTRIBUTES)


SUGGESTION = {
    "comment": {"text": "Quel clown, ce maire"},
    "context": {"entries": [{"text": "Le maire inaugure la piscine"}]},
    "attributeScores": {
        "TOXICITY": {"summaryScore": {"value": 1}},
        "VIGIE_SAV": {"summaryScore": {"value": 0}},
    },
    "languages": ["fr"],
    "communityId": "acme",
    "clientToken": "c1",
}


def test_the_official_clients_suggestion_becomes_a_decision_once(client_of_google: Any, store: Store) -> None:
    store.add_client("acme")
    for _ in range(2):
        answer = client_of_google.comments().suggestscore(body=SUGGESTION).execute()
        assert answer == {"clientToken": "c1", "requestedLanguages": ["fr"]}
    [decision] = store.decisions.of_client("acme")
    assert decision.labels == {"toxicity": True, "sav": False}
    assert decision.message.text == "Quel clown, ce maire"
    assert [entry["text"] for entry in decision.message.context] == ["Le maire inaugure la piscine"]
    assert decision.tool == "perspective"


@pytest.mark.parametrize(
    ("change", "status", "told"),
    [
        ({"communityId": None}, 400, "client: is required"),
        ({"communityId": "nobody"}, 404, "there is no client 'nobody'"),
        ({"attributeScores": {"THREAT": {"summaryScore": {"value": 1}}}}, 400, "Unknown attribute: THREAT"),
        ({"attributeScores": {"TOXICITY": {"summaryScore": {"value": 2}}}}, 400, "less than or equal to 1"),
        ({"comment": {"text": " "}}, 400, "Comment must be non-empty."),
    ],
)
def test_a_suggestion_that_does_not_fit(
    client: TestClient, store: Store, change: dict[str, Any], status: int, told: str
) -> None:
    store.add_client("acme")
    response = client.post("/v1alpha1/comments:suggestscore", json=SUGGESTION | change)
    assert response.status_code == status
    assert told in response.json()["error"]["message"]
    assert store.decisions.of_client("acme") == []


def test_opposite_suggestions_for_one_label(client: TestClient, store: Store) -> None:
    store.add_client("acme")
    scores = {"TOXICITY": {"summaryScore": {"value": 1}}, "VIGIE_TOXICITY": {"summaryScore": {"value": 0}}}
    response = client.post("/v1alpha1/comments:suggestscore", json=SUGGESTION | {"attributeScores": scores})
    assert response.status_code == 400
    assert "opposite" in response.json()["error"]["message"]


def test_a_key_that_may_not_decide_suggests_nothing(client: TestClient, store: Store) -> None:
    store.add_client("acme")
    key, _ = store.keys.add("acme", [Scope.CLASSIFY])
    response = client.post(f"/v1alpha1/comments:suggestscore?key={key}", json=SUGGESTION)
    assert (response.status_code, response.json()["error"]["status"]) == (403, "PERMISSION_DENIED")
