import pytest
from hypothesis import example, given, settings
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
        ("e\u200b\u0301", "é"),
        ("eeee\u200b\u0301", "eeeé"),
        ("㋀\u200d👩", "1月👩"),
        ("x\u0301\u200b\u0327", "x\u0327\u0301"),
        ("un\vdeux\ftrois\x85quatre", "un deux trois quatre"),
        ("hhhH\u0331", "hhẖ"),
    ],
)
def test_folds_what_hides_or_decorates(raw: str, expected: str) -> None:
    assert normalise(raw) == expected


PIECES = ["www.", "https://", "@", "@a-", "<", "s>", "</s>", "<pad>", "."]
TRICKY = st.sampled_from([*PIECES, *" \x85\u200b\u200d\ufe0fhHiIıİſ\u0301\u0327\u0331👩🏽㋀Ⓐㅎﾠﷺ"])


@settings(max_examples=500, deadline=None)
@given(st.text(st.characters(exclude_categories=())) | st.lists(TRICKY).map("".join))
@example("İIiii")
@example("ıIiii")
@example("hhhH\u0331")
@example("x\u0301\u200b\u0327")
def test_is_stable_and_leaves_no_lone_surrogate(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    once.encode("utf-8")


def test_a_lone_surrogate_is_dropped() -> None:
    assert normalise("a\ud800b") == "ab"
