"""What Google's clients want to know of an API before they call it: its discovery document, version 1."""

from typing import Any

VERSION = "v1alpha1"

_STRING = {"type": "string"}
_STRINGS = {"type": "array", "items": _STRING}
_BOOLEAN = {"type": "boolean"}
_NUMBER = {"type": "number", "format": "float"}
_INTEGER = {"type": "integer", "format": "int32"}

_SCHEMAS: dict[str, dict[str, Any]] = {
    "TextEntry": {"text": _STRING, "type": _STRING},
    "ArticleAndParentComment": {
        "article": {"$ref": "TextEntry"},
        "parentComment": {"$ref": "TextEntry"},
    },
    "Context": {
        "entries": {"type": "array", "items": {"$ref": "TextEntry"}},
        "articleAndParentComment": {"$ref": "ArticleAndParentComment"},
    },
    "AttributeParameters": {"scoreType": _STRING, "scoreThreshold": _NUMBER},
    "AnalyzeCommentRequest": {
        "comment": {"$ref": "TextEntry"},
        "requestedAttributes": {
            "type": "object",
            "additionalProperties": {"$ref": "AttributeParameters"},
        },
        "context": {"$ref": "Context"},
        "languages": _STRINGS,
        "spanAnnotations": _BOOLEAN,
        "doNotStore": _BOOLEAN,
        "clientToken": _STRING,
        "sessionId": _STRING,
        "communityId": _STRING,
    },
    "Score": {"value": _NUMBER, "type": _STRING},
    "SpanScore": {"begin": _INTEGER, "end": _INTEGER, "score": {"$ref": "Score"}},
    "AttributeScores": {
        "spanScores": {"type": "array", "items": {"$ref": "SpanScore"}},
        "summaryScore": {"$ref": "Score"},
    },
    "SuggestCommentScoreRequest": {
        "comment": {"$ref": "TextEntry"},
        "context": {"$ref": "Context"},
        "attributeScores": {"type": "object", "additionalProperties": {"$ref": "AttributeScores"}},
        "languages": _STRINGS,
        "clientToken": _STRING,
        "sessionId": _STRING,
        "communityId": _STRING,
    },
    "SuggestCommentScoreResponse": {"clientToken": _STRING, "requestedLanguages": _STRINGS},
    "AnalyzeCommentResponse": {
        "attributeScores": {"type": "object", "additionalProperties": {"$ref": "AttributeScores"}},
        "languages": _STRINGS,
        "detectedLanguages": _STRINGS,
        "clientToken": _STRING,
    },
}


def discovery_document(root: str) -> dict[str, Any]:
    """The document of the service at ``root``, a URL that ends in a slash."""
    return {
        "kind": "discovery#restDescription",
        "discoveryVersion": "v1",
        "id": f"commentanalyzer:{VERSION}",
        "name": "commentanalyzer",
        "version": VERSION,
        "title": "Vigie, as Perspective's clients call it",
        "protocol": "rest",
        "rootUrl": root,
        "servicePath": "",
        "baseUrl": root,
        "batchPath": "batch",
        "parameters": {
            "key": {"type": "string", "location": "query"},
            "alt": {"type": "string", "location": "query", "enum": ["json"], "default": "json"},
            "prettyPrint": {"type": "boolean", "location": "query", "default": "true"},
        },
        "schemas": {
            name: {"id": name, "type": "object", "properties": fields} for name, fields in _SCHEMAS.items()
        },
        "resources": {
            "comments": {
                "methods": {
                    "analyze": _method("analyze", "AnalyzeComment", "Scores a comment."),
                    "suggestscore": _method(
                        "suggestscore", "SuggestCommentScore", "Keeps what a comment's scores should be."
                    ),
                }
            }
        },
    }


def _method(name: str, messages: str, description: str) -> dict[str, Any]:
    return {
        "id": f"commentanalyzer.comments.{name}",
        "path": f"{VERSION}/comments:{name}",
        "httpMethod": "POST",
        "description": description,
        "parameters": {},
        "parameterOrder": [],
        "request": {"$ref": f"{messages}Request"},
        "response": {"$ref": f"{messages}Response"},
    }
