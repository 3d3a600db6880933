"""Customer turns of a perfume shop's support chat with the dialogue so far: plays one client."""

from training.sources.base import Source
from training.sources.telecom_fr import mapping

SOURCE = Source(
    name="perfume_chat_fr",
    title="Perfume shop support chat, labelled for SAV",
    origin="a client's own data; not public",
    licence="private to the client",
    citation="none",
    languages=("fr",),
    mapping=mapping,
    folder="clients",
)
