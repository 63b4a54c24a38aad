"""A repository by plain HTTP: the ways in which clients upload, and the documents that they push."""

import hashlib
import json
import time
import urllib.parse

from running_registry import RunningRegistry

OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
OCI_EMPTY = "application/vnd.oci.empty.v1+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
BYTES = "application/octet-stream"

# distribution-spec 1.1, "Error Codes".
ERROR_CODES = {
    "BLOB_UNKNOWN", "BLOB_UPLOAD_INVALID", "BLOB_UPLOAD_UNKNOWN", "DIGEST_INVALID", "MANIFEST_BLOB_UNKNOWN",
    "MANIFEST_INVALID", "MANIFEST_UNKNOWN", "NAME_INVALID", "NAME_UNKNOWN", "SIZE_INVALID", "UNAUTHORIZED", "DENIED",
    "UNSUPPORTED", "TOOMANYREQUESTS",
}


def digest(content, algorithm="sha256"):
    return f"{algorithm}:{hashlib.new(algorithm, content).hexdigest()}"


def chunks(content, size=50):
    """An iterator, for which the length of a body is not announced."""
    return (content[start:start + size] for start in range(0, len(content), size))


def error(answer):
    """- Returns: the code of an error document, which says so in the words of the specification."""
    errors = answer.json["errors"]
    assert len(errors) == 1 and errors[0]["message"], answer.body
    assert errors[0]["code"] in ERROR_CODES, answer.body
    return errors[0]["code"]


class Blob:
    """Bytes, and how a manifest describes them."""

    def __init__(self, content, media_type=BYTES, annotations=None):
        self.content = content
        self.digest = digest(content)
        self.descriptor = {"mediaType": media_type, "digest": self.digest, "size": len(content)}
        if annotations:
            self.descriptor["annotations"] = annotations


EMPTY = Blob(b"{}", OCI_EMPTY)


class Manifest(Blob):
    """A document over blobs. `fields` are others of its members: `subject`, `artifactType`, `annotations`."""

    def __init__(self, config, layers, media_type=OCI_MANIFEST, **fields):
        if config is EMPTY:
            # Without a config it has to say what it is (image-spec 1.1, "Image Manifest Property Descriptions").
            fields.setdefault("artifactType", "application/vnd.example.model")
        self.blobs = [config, *layers]
        self.media_type = media_type
        self.fields = {
            "schemaVersion": 2, "mediaType": media_type, "config": config.descriptor,
            "layers": [layer.descriptor for layer in layers], **fields,
        }
        super().__init__(json.dumps(self.fields, indent=3).encode(), media_type)


class Index(Blob):
    """A document over other manifests."""

    media_type = OCI_INDEX

    def __init__(self, manifests, **fields):
        document = {
            "schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [each.descriptor for each in manifests], **fields}
        super().__init__(json.dumps(document).encode(), OCI_INDEX)


class Refused(AssertionError):
    """An answer with another status than was expected."""


def expect(answer, status):
    if answer.status != status:
        raise Refused(f"{answer.status} instead of {status}: {dict(answer.headers)} {answer.body[:1000]}")
    return answer


class Repository:
    """`headers` go along with each request: `{"Authorization": …}` for somebody else than the service token."""

    def __init__(self, registry, name, headers=None):
        self.registry = registry
        self.name = name
        self.headers = headers or {}

    def request(self, method, path, body=None, headers=None, **options):
        """`path` is beneath the repository, or a location that the registry gave."""
        if not path.startswith("/v2/"):
            path = f"/v2/{self.name}/{path}"
        return self.registry.request(method, path, body, headers={**self.headers, **(headers or {})}, **options)

    def get(self, path, **options):
        return self.request("GET", path, **options)

    # Uploads

    def location(self, answer):
        """Where the answer says that the upload goes on: on this registry."""
        location = answer.headers["Location"]
        parts = urllib.parse.urlsplit(urllib.parse.urljoin(f"http://{self.registry.host}/", location))
        assert parts.netloc == self.registry.host, location
        return f"{parts.path}?{parts.query}" if parts.query else parts.path

    def start(self, query=""):
        """- Returns: where to send the bytes."""
        return self.location(expect(self.request("POST", "blobs/uploads/" + query, b""), 202))

    @staticmethod
    def closing(location, blob_digest):
        """The address that ends an upload; what the location had for a query stays."""
        return f"{location}{'&' if '?' in location else '?'}{urllib.parse.urlencode({'digest': blob_digest})}"

    def finish(self, location, blob_digest, body=b"", headers=None):
        fields = {"Content-Type": BYTES, **(headers or {})}
        return self.request("PUT", self.closing(location, blob_digest), body, fields)

    def upload(self, content, algorithm="sha256"):
        """POST and PUT, as containerd and buildkit do."""
        return expect(self.finish(self.start(), digest(content, algorithm), content), 201)

    def has_blob(self, blob_digest):
        answer = self.request("HEAD", f"blobs/{blob_digest}")
        assert answer.status in (200, 404), answer.status
        return answer.status == 200

    # Manifests

    def put(self, reference, document, media_type=OCI_MANIFEST):
        return self.request("PUT", f"manifests/{reference}", document, {"Content-Type": media_type})

    def push(self, manifest, reference=None):
        """The blobs and the manifest; under its digest alone without a reference."""
        for blob in manifest.blobs:
            self.upload(blob.content)
        answer = expect(self.put(reference or manifest.digest, manifest.content, manifest.media_type), 201)
        assert answer.headers["Docker-Content-Digest"] == manifest.digest, dict(answer.headers)
        return answer

    def manifest(self, reference, **options):
        return self.get(f"manifests/{reference}", **options)

    def tags(self, query=""):
        return expect(self.get(f"tags/list{query}"), 200).json["tags"]

    # The gate

    def version(self, reference):
        """By what name the model API knows a version of this repository."""
        return f"{self.name}{'@' if ':' in reference else ':'}{reference}"

    def inspect(self, reference):
        """Waits until what was pushed was looked at, which happens beside serving."""
        query = urllib.parse.urlencode({"name": self.version(reference)})
        end = time.monotonic() + 60
        while "verdict" not in expect(self.registry.get(f"/v1/model?{query}"), 200).json:
            assert time.monotonic() < end, f"{self.version(reference)} was not inspected"

    def promote(self, reference):
        self.inspect(reference)
        return self.registry.post("/v1/model/promote", {"name": self.version(reference)})

    def revoke(self, reference, reason="superseded"):
        query = urllib.parse.urlencode({"name": self.version(reference)})
        return self.registry.post(f"/v1/model/revoke?{query}", {"reason": reason})


class GuardedRegistry(RunningRegistry):
    """Where reading takes a credential, too: what makes clients send theirs."""

    def __init__(self, settings=None, token=True):
        super().__init__({"bind_addr": "0.0.0.0:0"} | (settings or {}), token)

    def wait_for(self, address):
        return super().wait_for(address).replace("0.0.0.0", "127.0.0.1")


class OpenRepositories(GuardedRegistry):
    """Repositories beneath `images` are plain ones: what is pushed there can be pulled at once."""

    def start(self):
        path = self.home / "credentials.yaml"
        path.touch(mode=0o600)
        path.write_text("version: 1\nopen_repositories: [images/*]\n")
        self.settings["credentials_path"] = path
        super().start()
