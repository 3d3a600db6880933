"""What a cut-off run needs to go on: weights, optimiser, generator and position, without pickle."""

import json
import shutil
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.optim import AdamW
from torch.optim.lr_scheduler import LambdaLR

_CURRENT, _FRESH, _OLD = "checkpoint", "checkpoint.new", "checkpoint.old"


def save_checkpoint(run: Path, model: nn.Module, optimiser: AdamW, scheduler: LambdaLR, step: int) -> None:
    """Replace the run's checkpoint; a cut at any moment leaves the old or the new one whole."""
    current, fresh, old = run / _CURRENT, run / _FRESH, run / _OLD
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    save_file(dict(model.state_dict()), fresh / "model.safetensors")
    moments: dict[str, Tensor] = {"generator": torch.get_rng_state()}
    for index, state in optimiser.state_dict()["state"].items():
        moments.update({f"{index}.{name}": value for name, value in state.items()})
    save_file(moments, fresh / "optimiser.safetensors")
    (fresh / "position.json").write_text(json.dumps({"step": step, "scheduler": scheduler.state_dict()}))
    shutil.rmtree(old, ignore_errors=True)
    if current.exists():
        current.rename(old)
    fresh.rename(current)
    shutil.rmtree(old, ignore_errors=True)


def has_checkpoint(run: Path) -> bool:
    """Whether there is a checkpoint to go on from; puts one back that a cut left half replaced."""
    if not (run / _CURRENT).exists() and (run / _OLD).exists():
        (run / _OLD).rename(run / _CURRENT)
    return (run / _CURRENT).exists()


def load_checkpoint(run: Path, model: nn.Module, optimiser: AdamW, scheduler: LambdaLR) -> int:
    """Restore the run's checkpoint in place; returns the number of steps already done, 0 without one."""
    if not has_checkpoint(run):
        return 0
    folder = run / _CURRENT
    model.load_state_dict(load_file(folder / "model.safetensors"))
    moments = load_file(folder / "optimiser.safetensors")
    torch.set_rng_state(moments.pop("generator"))
    state: dict[int, dict[str, Tensor]] = {}
    for key, value in moments.items():
        index, _, name = key.partition(".")
        state.setdefault(int(index), {})[name] = value
    optimiser.load_state_dict({**optimiser.state_dict(), "state": state})
    position = json.loads((folder / "position.json").read_text())
    scheduler.load_state_dict(position["scheduler"])
    for group, rate in zip(optimiser.param_groups, scheduler.get_last_lr(), strict=True):
        group["lr"] = rate
    return int(position["step"])
