"""Small files of the formats that models come in, made without the libraries that read them."""

import hashlib
import json
import struct


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def safetensors(seed=0):
    """Two tensors of float32."""
    weights = struct.pack("<8f", *[seed + index / 8 for index in range(8)])
    bias = struct.pack("<2f", seed, seed + 1)
    header = json.dumps(
        {
            "weights": {"dtype": "F32", "shape": [4, 2], "data_offsets": [0, 32]},
            "bias": {"dtype": "F32", "shape": [2], "data_offsets": [32, 40]},
        }).encode()
    header += b" " * (-len(header) % 8)
    return struct.pack("<Q", len(header)) + header + weights + bias


def _text(text):
    return struct.pack("<Q", len(text)) + text.encode()


def gguf(seed=0):
    """Version 3, little-endian: an architecture, a name and two tensors of float32."""
    tensors = [("token_embd.weight", [4, 2]), ("output_norm.weight", [4])]
    file = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), 2)
    for key, value in (("general.architecture", "bert"), ("general.name", f"tiny-{seed}")):
        file += _text(key) + struct.pack("<I", 8) + _text(value)
    data = b""
    for name, shape in tensors:
        count = 1
        for extent in shape:
            count *= extent
        file += _text(name) + struct.pack("<I", len(shape)) + struct.pack(f"<{len(shape)}Q", *shape)
        file += struct.pack("<IQ", 0, len(data))
        data += struct.pack(f"<{count}f", *[seed + index for index in range(count)])
        data += b"\0" * (-len(data) % 32)
    return file + b"\0" * (-len(file) % 32) + data


def pickle():
    """What `pickle.dumps` gives for a harmless dictionary, protocol 2."""
    return b"\x80\x02}q\x00X\x07\x00\x00\x00weightsq\x01]q\x02(K\x01K\x02K\x03es."
