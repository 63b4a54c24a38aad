"""Loads a GGUF file as a runtime would, and says what is in it.

    python Examples/load_gguf.py "$(securectl path NAME)"
"""

import pathlib
import sys

import gguf

path = pathlib.Path(sys.argv[1])
reader = gguf.GGUFReader(path)
numbers = sum(int(tensor.n_elements) for tensor in reader.tensors)
first = reader.tensors[0]
architecture = reader.get_field("general.architecture").contents()
print(
    f"{path.name}: {architecture}, {len(reader.tensors)} tensors, {numbers} numbers, "
    f"{first.name} begins with {first.data.flat[0]:.6f}")
