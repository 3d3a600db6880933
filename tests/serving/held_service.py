"""The ``vigie`` command with a model that tells when it is asked, and answers once a line comes on stdin."""

import sys
from collections.abc import Sequence

import serving.cli
from serving.engine.session import RawOutputs
from serving.engine.tokens import TokenRow
from tests.serving.conftest import WeightlessEngine

ASKED = "the model is asked"


class HeldEngine(WeightlessEngine):
    """Waits for a line before it answers."""

    def run(self, rows: Sequence[TokenRow]) -> RawOutputs:
        """The outputs of a batch."""
        print(ASKED, flush=True)
        sys.stdin.readline()
        return super().run(rows)


if __name__ == "__main__":
    serving.cli._served_engine = lambda settings: (HeldEngine(), 1)  # type: ignore[assignment,return-value]
    serving.cli.main()
