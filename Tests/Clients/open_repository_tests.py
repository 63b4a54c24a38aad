"""Repositories without a gate: what comes into them from behind one, and what leaves them after it was withdrawn."""

import pathlib
import secrets
import tempfile
import unittest
import urllib.parse

from repository_client import EMPTY, OCI_INDEX, Blob, Index, Manifest, Repository, error, expect
from running_registry import RunningRegistry
from tiny_model import safetensors, sha256


def model(seed=0):
    return Manifest(EMPTY, [Blob(safetensors(seed=seed))])


class OpenRepositoryTests(unittest.TestCase):
    # What each may do, and where.
    roles = {
        "both": ("pull, push", '"team/*", "mirror/*"'),
        "reviewer": ("pull, push, review", '"team/*", "mirror/*"'),
        "mirror": ("pull, push", '"mirror/*"'),
        "blind": ("push", '"team/*", "mirror/*"'),
        "everywhere": ("pull, push", '"**"'),
        "pusher": ("push", '"**"'),
    }

    def setUp(self):
        self.tokens = {name: secrets.token_hex(32) for name in self.roles}
        directory = self.enterContext(tempfile.TemporaryDirectory(prefix="pratique-credentials-"))
        credentials = pathlib.Path(directory) / "credentials.yaml"
        credentials.touch(mode=0o600)
        credentials.write_text(
            'version: 1\nopen_repositories: ["mirror/*"]\ncredentials:\n' + "".join(
                f"  - name: {name}\n    token_sha256: {sha256(self.tokens[name].encode())}\n"
                f"    rights: [{rights}]\n    repositories: [{repositories}]\n"
                for name, (rights, repositories) in self.roles.items()))
        self.registry = self.enterContext(RunningRegistry({"credentials_path": credentials}))
        self.model = model()
        self.layer = self.model.blobs[1]

    def repository(self, name, role=None):
        headers = {"Authorization": f"Bearer {self.tokens[role]}"} if role else None
        return Repository(self.registry, name, headers)

    def change(self, operation, name, **body):
        query = urllib.parse.urlencode({"name": name})
        if operation == "delete":
            return self.registry.request("DELETE", f"/v1/model/delete?{query}")
        return self.registry.post(f"/v1/model/{operation}?{query}", body)

    def mount(self, target, role, source=None, layer=None):
        source = f"&from={source}" if source else ""
        answer = self.repository(target, role).request(
            "POST", f"blobs/uploads/?mount={(layer or self.layer).digest}{source}", b"")
        self.assertIn(answer.status, (201, 202), answer.body)
        if answer.status == 202:
            self.assertEqual(answer.body, b"")
            self.assertIn("/blobs/uploads/", answer.headers["Location"])
        return answer.status == 201

    def securectl(self, *arguments, status=0):
        run = self.registry.securectl(*arguments)
        self.assertEqual(run.returncode, status, run.stderr)
        return run.stdout

    def read(self, repository, layer=None):
        return self.repository(repository).get(f"blobs/{(layer or self.layer).digest}", token=False).status

    def test_mount_of_what_the_gate_holds_back(self):
        """Whatever its rights, nobody mounts into an open repository what the gate of the source gives to nobody"""
        team = self.repository("team/sec")
        team.push(self.model, "one")
        steps = [("acquired", None), ("quarantined", "quarantine"), ("revoked", "revoke"), ("deleted", "delete")]
        for state, operation in steps:
            if operation:
                expect(self.change(operation, "team/sec:one"), 200)
            for role in self.roles:
                for source in ("team/sec", None):
                    with self.subTest(state=state, role=role, source=source):
                        self.assertFalse(self.mount("mirror/steal", role, source))
            self.assertEqual(self.read("mirror/steal"), 404)

    def test_mount_of_what_is_trusted(self):
        """Into an open repository a trusted blob is mounted by those who may pull it from there"""
        team = self.repository("team/sec")
        team.push(self.model, "one")
        self.assertEqual(team.promote("one").status, 201)
        mounted = {
            (role, source): self.mount(f"mirror/{role}-{'any' if source is None else 'from'}", role, source)
            for role in self.roles for source in ("team/sec", None)}
        self.assertEqual(
            {each for each, is_mounted in mounted.items() if is_mounted},
            {("both", "team/sec"), ("reviewer", "team/sec"), ("everywhere", "team/sec"), ("everywhere", None)})
        self.assertEqual(self.read("mirror/both-from"), 200)
        self.assertEqual(self.read("mirror/mirror-from"), 404)
        # What was mounted before is not read after.
        self.repository("team/sec").revoke("one")
        self.assertEqual(self.read("mirror/both-from"), 403)
        self.assertFalse(self.mount("mirror/later", "everywhere", "mirror/both-from"))

    def test_mount_between_open_repositories(self):
        """From one open repository to another, and within one, blobs are mounted as in any registry"""
        self.repository("mirror/a", "mirror").push(self.model, "one")
        self.assertTrue(self.mount("mirror/b", "mirror", "mirror/a"))
        self.assertTrue(self.mount("mirror/a", "mirror", "mirror/a"))
        other = self.repository("mirror/b", "mirror")
        other.upload(self.model.blobs[0].content)
        expect(other.put("one", self.model.content), 201)
        self.assertEqual(self.read("mirror/b"), 200)

    def test_mount_between_gated_repositories(self):
        """Who may push to both mounts what is not trusted yet, as a copy of one's own pushes does"""
        self.repository("team/from", "both").push(self.model, "one")
        mounted = {role: self.mount(f"team/to-{role}", role, "team/from") for role in ("both", "blind", "everywhere")}
        self.assertEqual(mounted, {"both": True, "blind": True, "everywhere": True})
        # A repository is there from its first manifest.
        self.assertEqual(self.read("team/to-both"), 404)

    def test_withdrawn(self):
        """What was withdrawn leaves an open repository no more: neither the manifest nor its blobs"""
        for seed, operation in enumerate(("revoke", "delete", "quarantine")):
            with self.subTest(operation):
                manifest = model(seed + 1)
                name = f"mirror/{operation}"
                repository = self.repository(name)
                repository.push(manifest, "v1")
                paths = ["manifests/v1", f"manifests/{manifest.digest}", f"blobs/{manifest.blobs[1].digest}"]
                for path in paths:
                    expect(repository.get(path, token=False), 200)
                expect(self.change(operation, f"{name}:v1"), 200)
                for path in paths:
                    self.assertEqual(error(expect(repository.get(path, token=False), 403)), "DENIED")

    def test_delete_of_a_copy(self):
        """Deleting a copy of another repository's version is refused, says how, and takes nothing away"""
        prod, scratch = self.repository("prod/model"), self.repository("scratch/model")
        for repository in (prod, scratch):
            repository.push(self.model, "v1")
        self.assertEqual(prod.promote("v1").status, 201)
        own = f"prod/model@{self.model.digest}"
        for text in ("scratch/model:v1", f"scratch/model@{self.model.digest}"):
            for answer in (
                self.change("delete", text),
                self.registry.request("DELETE", f"/v1/model/{urllib.parse.quote(text)}")):
                self.assertEqual((answer.status, answer.code), (409, "other_repository"), answer.body)
                self.assertEqual(answer.json["detail"]["name"], own)
            self.securectl("delete", text, status=13)
        expect(prod.manifest("v1"), 200)
        self.securectl("delete", f"{self.registry.host}/scratch/model:v1")
        self.assertEqual(error(expect(scratch.manifest("v1"), 404)), "MANIFEST_UNKNOWN")
        expect(prod.manifest("v1"), 200)
        self.securectl("delete", "prod/model:v1")
        expect(prod.manifest("v1"), 403)

    def test_index(self):
        """An index is revoked with what it lists, and what another name still has is named with what to do"""
        team = self.repository("team/idx")
        parts = [model(1), model(2)]
        team.push(parts[0])
        team.push(parts[1], "amd64")
        index = Index(parts)
        expect(team.put("multi", index.content, OCI_INDEX), 201)
        self.assertEqual(team.promote("multi").status, 201)
        answer = self.change("revoke", "team/idx:multi", reason="bad").json
        name = "team/idx@{}".format
        self.assertEqual(answer["names"], [name(index.digest), name(parts[0].digest)])
        self.assertEqual(
            answer["kept"], [{"name": name(parts[1].digest), "reason": "tag", "by": "team/idx:amd64"}])
        expect(team.manifest(parts[0].digest), 403)
        expect(team.manifest("amd64"), 200)
        lines = self.securectl("revoke", "team/idx:multi", "--digest", "--reason", "malware").splitlines()
        self.assertIn(f"{name(parts[1].digest)}: already revoked", lines)
        expect(team.manifest("amd64"), 403)


if __name__ == "__main__":
    unittest.main()
