"""A real server on loopback, from its start to SIGTERM."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import httpx2

from serving.api.problems import MEDIA_TYPE
from tests.serving.held_service import ASKED

ROOT = Path(__file__).parents[2]
SECONDS = 60
"""After so long a test fails instead of hanging."""


class Service:
    """A service in another process; its model answers at ``release``."""

    def __init__(self, process: "subprocess.Popen[str]", pool: ThreadPoolExecutor) -> None:
        self._process = process
        self._pool = pool
        self._port = int(wait_for(process.stdout, r"http://127\.0\.0\.1:(\d+) "))

    def classify(self) -> "Future[httpx2.Response]":
        """Send a request; returns once the model is asked."""
        url = f"http://127.0.0.1:{self._port}/v1/classify"
        body = {"messages": [{"id": "1", "text": "sav"}]}
        answer = self._pool.submit(httpx2.post, url, json=body, timeout=SECONDS)
        wait_for(self._process.stdout, ASKED)
        return answer

    def terminate(self, until: str) -> None:
        """Send SIGTERM, and wait for a line of the log."""
        self._process.send_signal(signal.SIGTERM)
        wait_for(self._process.stderr, until)

    def release(self) -> None:
        """Have the model answer."""
        assert self._process.stdin
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    def takes_connections(self) -> bool:
        """Whether a new caller gets in."""
        try:
            socket.create_connection(("127.0.0.1", self._port), SECONDS).close()
        except ConnectionError:  # refused, or reset while the door closes
            return False
        return True

    def status(self) -> int:
        """The exit status, at the end."""
        return self._process.wait(SECONDS)


def wait_for(stream: IO[str] | None, pattern: str) -> str:
    """The first match in a line of the stream: its first group, or all of it."""
    assert stream
    read = []
    for line in stream:
        read.append(line)
        if match := re.search(pattern, line):
            return match[match.lastindex or 0]
    raise AssertionError(f"{pattern!r} is not in {read}")


@contextmanager
def service(folder: Path, **variables: str) -> Iterator[Service]:
    environment = {**os.environ, "VIGIE_DATABASE": f"sqlite:///{folder / 'vigie.db'}", **variables}
    command = [sys.executable, "-m", "tests.serving.held_service", "serve", "--port", "0"]
    pipe = subprocess.PIPE
    with (
        ThreadPoolExecutor(1) as pool,
        subprocess.Popen(
            command, cwd=ROOT, env=environment, text=True, stdin=pipe, stdout=pipe, stderr=pipe
        ) as process,
    ):
        try:
            yield Service(process, pool)
        finally:
            process.kill()


def test_a_request_open_at_sigterm_is_answered(tmp_path: Path) -> None:
    with service(tmp_path, VIGIE_LOG_FORMAT="json") as running:
        answer = running.classify()
        running.terminate(until='"message": "shutting down')
        while running.takes_connections():
            pass
        assert not answer.done()
        running.release()
        assert answer.result(SECONDS).json()["results"][0]["labels"]["sav"]["flagged"]
        assert running.status() == 0


def test_a_request_open_for_too_long_is_told_so(tmp_path: Path) -> None:
    with service(tmp_path, VIGIE_SHUTDOWN_SECONDS="0") as running:
        answer = running.classify()
        running.terminate(until="timeout graceful shutdown exceeded")
        running.release()
        response = answer.result(SECONDS)
        assert (response.status_code, response.headers["content-type"]) == (503, MEDIA_TYPE)
        assert "send the request again" in response.json()["detail"]
        assert running.status() == 0
