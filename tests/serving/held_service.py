"""The ``vigie`` command with a model that tells when it is asked, and answers once a line comes on stdin."""

import sys
from collections.abc import Sequence

import serving.cli
from serving.engine.engine import Message, Scores
from tests.serving.conftest import WeightlessEngine

ASKED = "the model is asked"


class HeldEngine(WeightlessEngine):
    """Waits for a line before it answers."""

    def classify(self, messages: Sequence[Message]) -> list[Scores]:
        """Score every message, in order."""
        print(ASKED, flush=True)
        sys.stdin.readline()
        return super().classify(messages)


if __name__ == "__main__":
    serving.cli._engine = lambda settings: HeldEngine()  # type: ignore[assignment,return-value]
    serving.cli.main()
