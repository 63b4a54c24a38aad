"""Writes a very small model as safetensors and as GGUF, without the libraries that read them.

    python Examples/tiny_model.py DIRECTORY

For trying a registry where no real model is at hand, and for tests.
"""

import hashlib
import json
import pathlib
import struct
import sys

ALIGNMENT = 32


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def floats(count, seed):
    return struct.pack(f"<{count}f", *[seed + index / 8 for index in range(count)])


def safetensors(seed=0, rows=4):
    """Two tensors of float32: `weights` of `rows` times two numbers, and `bias`."""
    weights, bias = floats(rows * 2, seed), floats(2, seed)
    end = len(weights)
    header = json.dumps(
        {
            "weights": {"dtype": "F32", "shape": [rows, 2], "data_offsets": [0, end]},
            "bias": {"dtype": "F32", "shape": [2], "data_offsets": [end, end + len(bias)]},
        }).encode()
    header += b" " * (-len(header) % 8)
    return struct.pack("<Q", len(header)) + header + weights + bias


def _text(text):
    return struct.pack("<Q", len(text)) + text.encode()


def _padded(content):
    return content + b"\0" * (-len(content) % ALIGNMENT)


def gguf(seed=0, rows=4):
    """Version 3, little-endian: an architecture, a name and two tensors of float32."""
    tensors = [("token_embd.weight", [2, rows]), ("output_norm.weight", [2])]
    header = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), 2)
    for key, value in (("general.architecture", "bert"), ("general.name", f"tiny-{seed}")):
        header += _text(key) + struct.pack("<I", 8) + _text(value)
    data = b""
    for name, shape in tensors:
        count = 1
        for extent in shape:
            count *= extent
        header += _text(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, 0, len(data))
        data = _padded(data + floats(count, seed))
    return _padded(header) + data


def pickle():
    """What `pickle.dumps` gives for a harmless dictionary, protocol 2."""
    return b"\x80\x02}q\x00X\x07\x00\x00\x00weightsq\x01]q\x02(K\x01K\x02K\x03es."


def write(directory, rows):
    directory = pathlib.Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "config.json").write_text(json.dumps({"model_type": "tiny", "hidden_size": 2}) + "\n")
    (directory / "model.safetensors").write_bytes(safetensors(rows=rows))
    (directory / "model.gguf").write_bytes(gguf(rows=rows))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    write(sys.argv[1], rows=100_000)
