"""Files that are whole or not there, whenever a run is cut off."""

import os
from pathlib import Path


def replace_file(path: Path, text: str) -> None:
    """Write a text file in one step."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_text(text, encoding="utf-8")
    os.replace(fresh, path)
