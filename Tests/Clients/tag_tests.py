"""Tags of pushed versions: their order and pages, and what deleting takes along."""

import unittest
import urllib.parse

from repository_client import EMPTY, Blob, Manifest, Repository, error, expect
from running_registry import RunningRegistry
from tiny_model import safetensors


class TagTests(unittest.TestCase):
    names = ["1", "10", "2", "_x", "A", "Z", "a", "a.b", "a_b", "latest", "v1.0"]

    def setUp(self):
        self.registry = self.enterContext(RunningRegistry())
        self.repository = Repository(self.registry, "team/model")
        self.model = Manifest(EMPTY, [Blob(safetensors())])
        self.repository.push(self.model)

    def tag(self, names, manifest=None):
        manifest = manifest or self.model
        for name in names:
            expect(self.repository.put(name, manifest.content), 201)

    def follow(self, query):
        """- Returns: the tags of each page."""
        path, pages = f"/v2/team/model/tags/list{query}", []
        while path:
            answer = expect(self.registry.get(path), 200)
            pages.append(answer.json["tags"])
            link = answer.headers["Link"]
            if link is None:
                return pages
            target, _, relation = link.partition(">")
            self.assertEqual(relation.replace(" ", "").replace('"', ""), ";rel=next")
            path = urllib.parse.urljoin(path, target.removeprefix("<"))

    def test_order(self):
        """Tags come in the order of their bytes, whatever the order in which they were pushed"""
        self.tag(reversed(self.names))
        self.assertEqual(self.repository.tags(), sorted(self.names))

    def test_pages(self):
        """Pages of any size hold each tag once, and the last one says that it is the last"""
        self.tag(self.names)
        for size in (1, 3, len(self.names), 1_000):
            with self.subTest(size):
                pages = self.follow(f"?n={size}")
                self.assertEqual([tag for page in pages for tag in page], sorted(self.names))
                self.assertTrue(all(len(page) == size for page in pages[:-1]))

    def test_none(self):
        """A page of no tags is empty and leads nowhere"""
        self.tag(["one"])
        answer = expect(self.repository.get("tags/list?n=0"), 200)
        self.assertEqual(answer.json["tags"], [])
        self.assertIsNone(answer.headers["Link"])

    def test_last(self):
        """A list may begin after a tag, which need not be there"""
        self.tag(["a", "b", "d"])
        for last, rest in (("a", ["b", "d"]), ("c", ["d"]), ("d", []), ("", ["a", "b", "d"]), ("Z", ["a", "b", "d"])):
            with self.subTest(last):
                self.assertEqual(self.repository.tags(f"?last={last}"), rest)
        self.assertEqual(self.repository.tags("?n=1&last=a"), ["b"])

    def test_delete_tag(self):
        """Deleting a tag leaves the version and its other tags"""
        self.tag(["one", "two"])
        self.repository.promote("one")
        expect(self.repository.request("DELETE", "manifests/one"), 202)
        self.assertEqual(self.repository.tags(), ["two"])
        self.assertEqual(error(expect(self.repository.manifest("one"), 404)), "MANIFEST_UNKNOWN")
        for reference in ("two", self.model.digest):
            self.assertEqual(expect(self.repository.manifest(reference), 200).body, self.model.content)
        self.assertEqual(error(expect(self.repository.request("DELETE", "manifests/one"), 404)), "MANIFEST_UNKNOWN")

    def test_delete_version(self):
        """Deleting a version takes its tags along, and none of another's"""
        other = Manifest(EMPTY, [Blob(safetensors(seed=1))])
        self.repository.push(other)
        self.tag(["one", "two"])
        self.tag(["three"], other)
        self.repository.promote("one")
        expect(self.repository.request("DELETE", f"manifests/{self.model.digest}"), 202)
        self.assertEqual(self.repository.tags(), ["three"])
        for reference in ("one", "two", self.model.digest):
            self.assertEqual(error(expect(self.repository.manifest(reference), 404)), "MANIFEST_UNKNOWN")

    def test_delete_elsewhere(self):
        """Deleting a version from one repository leaves it in another"""
        self.tag(["one"])
        other = Repository(self.registry, "team/other")
        other.push(self.model, "one")
        other.promote("one")
        expect(self.repository.request("DELETE", f"manifests/{self.model.digest}"), 202)
        self.assertEqual(expect(other.manifest("one"), 200).body, self.model.content)

    def test_delete_without_token(self):
        """Deleting takes a credential"""
        self.tag(["one"])
        for path in ("manifests/one", f"manifests/{self.model.digest}", f"blobs/{self.model.blobs[1].digest}"):
            self.assertEqual(error(expect(self.repository.request("DELETE", path, token=False), 401)), "UNAUTHORIZED")
        self.assertEqual(self.repository.tags(), ["one"])

    def test_pushed_again(self):
        """A version that was deleted may be pushed again, and waits for a decision as before"""
        self.tag(["one"])
        self.repository.promote("one")
        expect(self.repository.request("DELETE", f"manifests/{self.model.digest}"), 202)
        self.repository.push(self.model, "one")
        answer = expect(self.repository.manifest("one"), 403)
        self.assertEqual(answer.json["errors"][0]["detail"]["state"], "acquired")


class TagHistoryTests(unittest.TestCase):
    """What a tag pointed at, and the way back."""

    def setUp(self):
        self.registry = self.enterContext(RunningRegistry())
        self.repository = Repository(self.registry, "team/model")
        self.first, self.second = (Manifest(EMPTY, [Blob(safetensors(seed=seed))]) for seed in (1, 2))
        for manifest in (self.first, self.second):
            self.repository.push(manifest, "latest")
            self.repository.promote(manifest.digest)

    def ask(self, method, path, body=None, status=200):
        return expect(self.registry.request(method, f"/v1/repositories/team/model/tags{path}", body), status)

    def history(self):
        """- Returns: what the tag pointed at, newest first."""
        return [row.get("digest") for row in self.ask("GET", "/latest/history").json]

    def served(self):
        return expect(self.repository.manifest("latest"), 200).headers["Docker-Content-Digest"]

    def test_history(self):
        """Every change of a tag is told, newest first, also of a tag that is gone"""
        self.assertEqual(self.history(), [self.second.digest, self.first.digest])
        expect(self.repository.request("DELETE", "manifests/latest"), 202)
        self.assertEqual(self.history(), [None, self.second.digest, self.first.digest])
        answer = self.ask("GET", "/latest/history?limit=2")
        self.assertEqual(len(answer.json), 2)
        rest = self.registry.get(answer.headers["Link"].partition(">")[0].removeprefix("<"))
        self.assertEqual([row["digest"] for row in rest.json], [self.first.digest])

    def test_undo(self):
        """A tag goes back to what it pointed at before, and forth again"""
        for expected in (self.first, self.second):
            self.assertEqual(self.ask("POST", "/latest/undo").json["digest"], expected.digest)
            self.assertEqual(self.served(), expected.digest)

    def test_undo_of_deletion(self):
        """A tag that was deleted comes back"""
        expect(self.repository.request("DELETE", "manifests/latest"), 202)
        self.ask("POST", "/latest/undo")
        self.assertEqual(self.served(), self.second.digest)

    def test_point(self):
        """A tag is put on a version that the repository holds, and on no other"""
        self.ask("PUT", "/stable", {"digest": self.first.digest})
        self.assertEqual(self.repository.tags(), ["latest", "stable"])
        self.assertEqual([row["state"] for row in self.ask("GET", "").json], ["trusted", "trusted"])
        self.ask("PUT", "/stable", {"digest": "sha256:" + "0" * 64}, status=404)
        self.assertEqual(self.ask("GET", "/stable").json["digest"], self.first.digest)
