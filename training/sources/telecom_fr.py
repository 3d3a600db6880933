"""Tweets to a French telecom brand's customer service, labelled by hand for SAV: plays one client."""

from training.sources.base import Mapped, Row, Source


def mapping(row: Row) -> Mapped:
    """One reader said whether it is a customer's case, and which intent."""
    native = row["labels"]
    return Mapped({"sav": float(native["sav"])}, native["intent"] if native["sav"] else None)


SOURCE = Source(
    name="telecom_fr",
    title="Telecom customer service tweets, labelled for SAV",
    origin="a client's own data; not public",
    licence="private to the client",
    citation="none",
    languages=("fr",),
    mapping=mapping,
    folder="clients",
)
