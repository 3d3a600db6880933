import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.engine.normalise import normalise


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("  Et   en\n36 ? ", "Et en 36 ?"),
        ("sa\u200blut", "salut"),
        ("\u202eabc\u202c", "abc"),
        ("nul\x00octet", "nuloctet"),
        ("ｆｕｌｌ ｗｉｄｔｈ", "full width"),
        ("voir https://exemple.test/a?b=c", "voir http"),
        ("@lea_92 regarde", "@user regarde"),
        ("merci @marque.officielle!", "merci @user!"),
        ("contact@exemple.test", "contact@exemple.test"),
        ("noooooon", "nooon"),
        ("<s>salut</s> <mask>", "< s >salut< /s > < mask >"),
        ("👩\u200d💻", "👩\u200d💻"),
        ("a\u200db", "ab"),
    ],
)
def test_folds_what_hides_or_decorates(raw: str, expected: str) -> None:
    assert normalise(raw) == expected


@given(st.text())
def test_is_stable_and_leaves_no_lone_surrogate(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    once.encode("utf-8")


def test_a_lone_surrogate_is_dropped() -> None:
    assert normalise("a\ud800b") == "ab"
