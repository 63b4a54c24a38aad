"""Loads a safetensors file as a runtime would, and says what is in it.

    python Examples/load_safetensors.py "$(securectl path NAME)"

A directory stands for the file `model.safetensors` in it.
"""

import pathlib
import sys

from safetensors import safe_open

path = pathlib.Path(sys.argv[1])
if path.is_dir():
    path /= "model.safetensors"
with safe_open(path, framework="np") as checkpoint:
    tensors = {name: checkpoint.get_tensor(name) for name in checkpoint.keys()}
numbers = sum(tensor.size for tensor in tensors.values())
first = min(name for name, tensor in tensors.items() if tensor.dtype.kind == "f")
print(f"{path.name}: {len(tensors)} tensors, {numbers} numbers, {first} begins with {tensors[first].flat[0]:.6f}")
