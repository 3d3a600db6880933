"""Shared fixtures: a tiny real model, trained by nobody, exported as every model is."""

from pathlib import Path

import pytest

from tests.tiny import build_tiny_artefact


@pytest.fixture(scope="session")
def tiny_artefact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a valid, random, very small model. Never alter it: copy it first."""
    return build_tiny_artefact(tmp_path_factory.mktemp("tiny") / "artefact")
