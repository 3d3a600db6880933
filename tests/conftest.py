"""Shared fixtures: a tiny real model, trained by nobody, exported as every model is."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def tiny_artefact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a valid, random, very small model. Never alter it: copy it first."""
    from tests.tiny import build_tiny_artefact  # needs torch, which most tests of serving do without

    return build_tiny_artefact(tmp_path_factory.mktemp("tiny") / "artefact")
