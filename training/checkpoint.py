"""What a cut-off run needs to go on: weights, optimiser, generator and position, without pickle."""

import json
import shutil
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.optim import AdamW
from torch.optim.lr_scheduler import LambdaLR

_FOLDER = "checkpoint"


def save_checkpoint(run: Path, model: nn.Module, optimiser: AdamW, scheduler: LambdaLR, step: int) -> None:
    """Replace the run's checkpoint, atomically enough that a cut leaves the old or the new one."""
    fresh = run / f"{_FOLDER}.new"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    save_file(dict(model.state_dict()), fresh / "model.safetensors")
    moments: dict[str, Tensor] = {"generator": torch.get_rng_state()}
    for index, state in optimiser.state_dict()["state"].items():
        moments.update({f"{index}.{name}": value for name, value in state.items()})
    save_file(moments, fresh / "optimiser.safetensors")
    (fresh / "position.json").write_text(json.dumps({"step": step, "scheduler": scheduler.state_dict()}))
    current = run / _FOLDER
    shutil.rmtree(current, ignore_errors=True)
    fresh.rename(current)


def load_checkpoint(run: Path, model: nn.Module, optimiser: AdamW, scheduler: LambdaLR) -> int:
    """Restore the run's checkpoint in place; returns the number of steps already done, 0 without one."""
    folder = run / _FOLDER
    if not folder.exists() and (run / f"{_FOLDER}.new" / "position.json").exists():
        (run / f"{_FOLDER}.new").rename(folder)
    if not folder.exists():
        return 0
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
