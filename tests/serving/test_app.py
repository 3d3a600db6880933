from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from labels.store.errors import StoreError
from serving.app import create_app
from serving.engine.artefact import ArtefactError
from serving.settings import Settings
from tests.serving.conftest import WeightlessEngine


def test_a_missing_model_stops_the_start(tmp_path: Path) -> None:
    app = create_app(Settings(model=tmp_path / "none", database=f"sqlite:///{tmp_path / 'v.db'}"))
    with pytest.raises(ArtefactError, match="is missing"), TestClient(app):
        pass


def test_a_database_that_cannot_be_opened_stops_the_start(tmp_path: Path) -> None:
    app = create_app(Settings(database=f"sqlite:///{tmp_path / 'no' / 'v.db'}"), WeightlessEngine())
    with pytest.raises(StoreError), TestClient(app):
        pass


def test_the_store_is_made_at_start(tmp_path: Path) -> None:
    app = create_app(Settings(database=f"sqlite:///{tmp_path / 'v.db'}"), WeightlessEngine())
    with TestClient(app) as client:
        assert client.get("/health").status_code == 200
    assert (tmp_path / "v.db").exists()
