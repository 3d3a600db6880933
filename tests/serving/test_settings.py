import pytest
from pydantic import ValidationError

from serving.settings import RELEASED, Settings


def test_defaults_are_loopback_and_the_released_model() -> None:
    settings = Settings()
    assert (settings.host, settings.port, settings.api_key) == ("127.0.0.1", 8080, None)
    assert settings.model.parts[-2:] == ("model_cards", RELEASED)


def test_environment_sets_and_empty_is_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIGIE_PORT", "9000")
    monkeypatch.setenv("VIGIE_API_KEY", "")
    settings = Settings()
    assert settings.port == 9000
    assert settings.api_key is None


def test_a_key_is_stripped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIGIE_API_KEY", " hush\n")
    key = Settings().api_key
    assert key is not None
    assert key.get_secret_value() == "hush"


def test_a_blank_key_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIGIE_API_KEY", " \t")
    with pytest.raises(ValidationError, match="api_key"):
        Settings()


def test_key_is_not_shown() -> None:
    assert "hush" not in repr(Settings(api_key="hush"))  # type: ignore[arg-type]


def test_a_wrong_value_is_refused() -> None:
    with pytest.raises(ValidationError, match="port"):
        Settings(port=70_000)


def test_every_setting_is_described() -> None:
    assert all(field.description for field in Settings.model_fields.values())


def test_origins_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIGIE_CORS_ORIGINS", "https://desk.example, http://localhost:3000,")
    assert Settings().cors_origins == ("https://desk.example", "http://localhost:3000")


@pytest.mark.parametrize("given", ["desk.example", "https://desk.example/", "ftp://desk.example", "https://"])
def test_what_is_no_origin_is_refused(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("VIGIE_CORS_ORIGINS", f"https://ok.example,{given}")
    with pytest.raises(ValidationError, match="is not an origin"):
        Settings()


def test_a_short_pseudonym_secret_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIGIE_PSEUDONYM_SECRET", "short")
    with pytest.raises(ValidationError, match="pseudonym_secret"):
        Settings()
