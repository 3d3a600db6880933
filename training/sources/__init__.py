"""Where labelled data comes from: one file a source, found by being here."""

import importlib
import pkgutil
from functools import cache

from training.sources.base import Source, SourceError


@cache
def all_sources() -> dict[str, Source]:
    """Every source by name: each module of this package that defines ``SOURCE``."""
    modules = (importlib.import_module(f"{__name__}.{info.name}") for info in pkgutil.iter_modules(__path__))
    sources = (module.SOURCE for module in modules if hasattr(module, "SOURCE"))
    return {source.name: source for source in sources}


def get_source(name: str) -> Source:
    """One source.

    Raises SourceError naming the known ones.
    """
    try:
        return all_sources()[name]
    except KeyError:
        raise SourceError(f"no source named {name}; known: {', '.join(sorted(all_sources()))}") from None
