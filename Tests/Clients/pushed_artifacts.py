"""What the tools that ship models, charts and images push: their manifests, with the media types that they use."""

import gzip
import io
import json
import tarfile

from repository_client import DOCKER_MANIFEST, OCI_CONFIG, Blob, Manifest
from tiny_model import gguf, safetensors

TITLE = "org.opencontainers.image.title"
FILEPATH = "org.cncf.model.filepath"


def tar(files, mode="w"):
    """An archive of `{path: content}`, the same each time."""
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode=mode, format=tarfile.PAX_FORMAT) as archive:
        for path, content in files.items():
            member = tarfile.TarInfo(path)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return output.getvalue()


def config(media_type, **fields):
    return Blob(json.dumps(fields).encode(), media_type)


def ollama():
    """https://github.com/ollama/ollama, server/images.go: a Docker manifest over the files as they are."""
    kind = "application/vnd.ollama.image."
    content = gguf()
    return Manifest(
        config(
            "application/vnd.docker.container.image.v1+json", model_format="gguf", model_family="bert",
            architecture="amd64", os="linux", rootfs={"type": "layers", "diff_ids": [Blob(content).digest]}),
        [Blob(content, kind + "model"), Blob(b"{{ .Prompt }}", kind + "template"), Blob(b"MIT\n", kind + "license"),
         Blob(b'{"temperature": 0.5}', kind + "params")],
        DOCKER_MANIFEST)


def model_runner():
    """https://github.com/docker/model-runner: one file, and a licence."""
    return Manifest(
        config(
            "application/vnd.docker.ai.model.config.v0.1+json", config={"format": "gguf", "architecture": "bert"},
            files=[{"type": "application/vnd.docker.ai.gguf.v3"}]),
        [Blob(gguf(), "application/vnd.docker.ai.gguf.v3", {FILEPATH: "model.gguf"}),
         Blob(b"MIT\n", "application/vnd.docker.ai.license", {FILEPATH: "LICENSE"})])


def model_pack():
    """https://github.com/modelpack/model-spec: weights as they are, the rest in archives."""
    kind = "application/vnd.cncf.model."
    return Manifest(
        config(kind + "config.v1+json", descriptor={"name": "tiny"}, config={"format": "safetensors"}),
        [Blob(safetensors(), kind + "weight.v1.raw", {FILEPATH: "model.safetensors"}),
         Blob(b'{"model_type": "tiny"}\n', kind + "weight.config.v1.raw", {FILEPATH: "config.json"}),
         Blob(b"# Tiny\n", kind + "doc.v1.raw", {FILEPATH: "README.md"})],
        artifactType=kind + "manifest.v1+json")


def model_kit():
    """https://github.com/kitops-ml/kitops: archives, the model among them."""
    kind = "application/vnd.kitops.modelkit."
    return Manifest(
        config(kind + "config.v1+json", manifestVersion="1.0.0", model={"name": "tiny", "path": "model.safetensors"}),
        [Blob(tar({"model.safetensors": safetensors()}), kind + "model.v1.tar"),
         Blob(tar({"LICENSE": b"MIT\n"}, "w:gz"), kind + "docs.v1.tar+gzip")])


def chart():
    """https://github.com/helm/helm, pkg/registry."""
    kind = "application/vnd.cncf.helm."
    return Manifest(
        config(kind + "config.v1+json", name="tiny", version="1.2.3+build.4", apiVersion="v2"),
        [Blob(
            tar({"tiny/Chart.yaml": b"apiVersion: v2\nname: tiny\nversion: 1.2.3+build.4\n"}, "w:gz"),
            kind + "chart.content.v1.tar+gzip")],
        annotations={TITLE: "tiny", "org.opencontainers.image.version": "1.2.3+build.4"})


def image():
    """The smallest image: one file in one layer."""
    layer = tar({"hello": b"hello\n"})
    config = {
        "architecture": "amd64", "os": "linux", "config": {},
        "rootfs": {"type": "layers", "diff_ids": [Blob(layer).digest]},
    }
    return Manifest(
        Blob(json.dumps(config).encode(), OCI_CONFIG),
        [Blob(gzip.compress(layer, mtime=0), "application/vnd.oci.image.layer.v1.tar+gzip")])
