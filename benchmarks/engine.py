"""How fast the engine answers, beside the plain transformers pipeline, on the same messages and cores.

Run it with ``python -m benchmarks.engine``; it renews the table in docs/performance.md.

The pipeline holds a float32 model of the same shape, vocabulary and tokenizer; its weights are random, for
the released artefact holds none that PyTorch reads, and speed does not depend on them.
"""

import os
import platform
import random
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import torch
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    PreTrainedTokenizerFast,
    TextClassificationPipeline,
)

from labels.taxonomy import LABEL_NAMES
from serving.engine.artefact import TOKENIZER_FILE
from serving.engine.engine import Engine, Message
from serving.settings import released_model
from training.evaluate.report import insert_between, table
from training.sources.vigie_authored import SOURCE

BATCHES = (1, 8, 32)
MESSAGES = 256
ROUNDS = 3
PAGE = Path(__file__).parent.parent / "docs" / "performance.md"


@dataclass(frozen=True)
class Speed:
    """Messages a second (median of rounds) and seconds a call."""

    batch: int
    throughput: float
    p50: float
    p99: float


def sample() -> list[str]:
    """Messages written for Vigie, without their context: the same ones, in the same order, every time."""
    texts = [example.text for example in SOURCE.examples()]
    return random.Random(13).sample(texts, MESSAGES)


def measure(classify: Callable[[Sequence[str]], object], texts: Sequence[str], batch: int) -> Speed:
    """Time calls of ``batch`` messages over all texts, several rounds, after one that does not count."""
    for first in range(0, len(texts), batch):
        classify(texts[first : first + batch])
    rounds: list[float] = []
    calls: list[float] = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for first in range(0, len(texts), batch):
            before = time.perf_counter()
            classify(texts[first : first + batch])
            calls.append(time.perf_counter() - before)
        rounds.append(len(texts) / (time.perf_counter() - start))
    ordered = sorted(calls)
    return Speed(
        batch, statistics.median(rounds), statistics.median(ordered), ordered[int(0.99 * len(ordered))]
    )


def plain_pipeline(folder: Path) -> Callable[[Sequence[str]], object]:
    """The same shape of model as anybody would serve it with transformers."""
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_file=str(folder / TOKENIZER_FILE),
        cls_token="<s>",
        sep_token="</s>",
        pad_token="<pad>",
        unk_token="<unk>",
    )
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=384,
        num_hidden_layers=12,
        num_attention_heads=12,
        intermediate_size=1536,
    )
    config.num_labels = len(LABEL_NAMES)
    model = BertForSequenceClassification(config).eval()
    classify = TextClassificationPipeline(model=model, tokenizer=tokenizer)

    def call(texts: Sequence[str]) -> object:
        with torch.no_grad():
            return classify(list(texts), batch_size=len(texts), top_k=None)

    return call


def engine_memory() -> float:
    """Peak resident megabytes of a process that loads the engine and answers one batch."""
    return _peak_memory(
        "from serving.engine.engine import Engine, Message\n"
        "from serving.settings import released_model\n"
        "Engine(released_model()).classify([Message('bonjour tout le monde')] * 32)\n"
    )


def pipeline_memory() -> float:
    """The same for the pipeline."""
    return _peak_memory(
        "from benchmarks.engine import plain_pipeline\n"
        "from serving.settings import released_model\n"
        "plain_pipeline(released_model())(['bonjour tout le monde'] * 32)\n"
    )


def _peak_memory(code: str) -> float:
    # Not getrusage: its peak counts this process, as it was when it started the other.
    code += "print(*(line for line in open('/proc/self/status') if line.startswith('VmHWM')))\n"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return int(done.stdout.split("VmHWM:")[1].split()[0]) / 1024


def start_seconds() -> float:
    """Seconds from starting ``vigie serve`` to its first healthy answer."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    start = time.perf_counter()
    command = [str(Path(sys.executable).with_name("vigie")), "serve", "--port", str(port)]
    environment = {**os.environ, "VIGIE_DATABASE": "sqlite://"}
    service = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment)
    try:
        while service.poll() is None:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=1).close()
                return time.perf_counter() - start
            except OSError:
                time.sleep(0.05)
        raise RuntimeError(f"vigie serve stopped with status {service.returncode}")
    finally:
        service.terminate()
        service.wait()


def _speeds(engine: Engine, texts: Sequence[str]) -> list[Speed]:
    return [
        measure(lambda some: engine.classify([Message(text) for text in some]), texts, batch)
        for batch in BATCHES
    ]


def _cells(speed: Speed) -> list[str]:
    return [f"{speed.throughput:.0f}", f"{speed.p50 * 1e3:.1f} / {speed.p99 * 1e3:.1f}"]


def report() -> str:
    """Run everything and tell it in Markdown."""
    folder = released_model()
    texts = sample()
    engine = Engine(folder)
    full, fast = (_speeds(each, texts) for each in (engine, Engine(folder, tier="fast")))
    pipeline = plain_pipeline(folder)
    theirs = [measure(pipeline, texts, batch) for batch in BATCHES]
    rows = [
        [
            str(mine.batch),
            f"{mine.throughput / other.throughput:.1f} ×",
            f"{faster.throughput / mine.throughput:.1f} ×",
            *(cell for speed in (mine, faster, other) for cell in _cells(speed)),
        ]
        for mine, faster, other in zip(full, fast, theirs, strict=True)
    ]
    header = ["messages a call", "Vigie to pipeline", "fast tier to full"]
    for name in ("Vigie", "fast tier", "pipeline"):
        header += [f"{name}, messages/s", "p50 / p99, ms a call"]
    libraries = ", ".join(f"{name} {version(name)}" for name in ("onnxruntime", "torch", "transformers"))
    facts = [
        f"Start to healthy: {start_seconds():.1f} s.",
        f"Peak memory of a process with the engine alone: {engine_memory():.0f} MB,",
        f"with the pipeline alone: {pipeline_memory():.0f} MB.",
        "The pipeline's weights are random: speed does not depend on them.",
        f"{len(texts)} messages of the project's own writing, {ROUNDS} rounds, medians;",
        f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, {libraries};",
        f"model {engine.config.version}.",
    ]
    return f"{table(header, rows)}\n\n{' '.join(facts)}"


if __name__ == "__main__":
    insert_between(PAGE, "engine", report())
    print(PAGE.read_text(encoding="utf-8"))
