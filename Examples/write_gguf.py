"""Writes the weights of a BERT checkpoint as a GGUF file, with PyPI's `gguf`.

    python Examples/write_gguf.py MODEL_DIRECTORY FILE.gguf

The directory holds `config.json`, `vocab.txt` and `model.safetensors`. Names, metadata and the spelling of tokens are those
that llama.cpp's own converter gives such a model.
"""

import json
import pathlib
import sys

import gguf
from safetensors import safe_open


def tokens(vocabulary):
    """Word pieces as llama.cpp has them: pieces that begin a word carry a mark instead of those that go on."""
    for line in vocabulary.read_text(encoding="utf-8").splitlines():
        special = line.startswith("[") and line.endswith("]")
        yield line if special else line[2:] if line.startswith("##") else "\u2581" + line


def add_metadata(writer, config, vocabulary):
    writer.add_name("all-MiniLM-L6-v2")
    writer.add_license("apache-2.0")
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_layer_norm_eps(config["layer_norm_eps"])
    writer.add_causal_attention(False)
    writer.add_pooling_type(gguf.PoolingType.MEAN)
    pieces = list(tokens(vocabulary))
    writer.add_tokenizer_model("bert")
    writer.add_token_list(pieces)
    for name, add in (
        ("[UNK]", writer.add_unk_token_id), ("[SEP]", writer.add_sep_token_id), ("[PAD]", writer.add_pad_token_id),
        ("[CLS]", writer.add_bos_token_id), ("[MASK]", writer.add_mask_token_id),
    ):
        add(pieces.index(name))


def main(directory, file):
    directory = pathlib.Path(directory)
    config = json.loads((directory / "config.json").read_text())
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.BERT, config["num_hidden_layers"])
    writer = gguf.GGUFWriter(file, "bert")
    add_metadata(writer, config, directory / "vocab.txt")
    with safe_open(directory / "model.safetensors", framework="np") as checkpoint:
        for name in checkpoint.keys():
            # Neither is a weight: one counts positions, the other is not used for embeddings.
            if name.endswith("position_ids") or name.startswith("pooler."):
                continue
            writer.add_tensor(names.get_name(name, try_suffixes=(".weight", ".bias")), checkpoint.get_tensor(name))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2])
