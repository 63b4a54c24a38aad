"""An instance of Sigstore on this machine: an identity provider, Fulcio, a certificate log, Rekor v1 and v2, and a timestamp
authority.

It speaks their protocols and does what they do: tokens and proofs of possession are checked, certificates carry promises of
the certificate log, the log keeps a Merkle tree and signs its head, timestamps are RFC 3161. Keys live as long as it does.
"""

import base64
import datetime
import hashlib
import http.server
import json
import threading
import time

import jwt
from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

ISSUER = "https://accounts.sigstore.test"
AUDIENCE = "sigstore"
LOG = "rekor.sigstore.test"
LOG_V1 = "rekor-v1.sigstore.test"
SCT_LIST = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")
ISSUER_V1 = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.1")
ISSUER_V2 = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.8")


def b64(data):
    return base64.b64encode(data).decode()


def spki(key):
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def der(certificate):
    return certificate.public_bytes(serialization.Encoding.DER)


def compact(value):
    """JSON by RFC 8785, for values without fractions."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def now():
    return datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)


def envelope_encoding(kind, payload):
    """What a DSSE envelope signs."""
    return b" ".join([b"DSSEv1", str(len(kind)).encode(), kind.encode(), str(len(payload)).encode(), payload])


class Refusal(Exception):
    def __init__(self, status, message, location=None):
        self.status, self.message, self.location = status, message, location


class Authority:
    """A root, an authority beneath it, and the key of that."""

    def __init__(self, name, usage):
        start, end = now() - datetime.timedelta(days=1), now() + datetime.timedelta(days=30)
        self.usage = usage
        root_key = ec.generate_private_key(ec.SECP384R1())
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.window = (start, end)
        self.root = self.certificate(f"{name} root", root_key.public_key(), f"{name} root", root_key, path=1)
        self.issuing = self.certificate(name, self.key.public_key(), f"{name} root", root_key, path=0)

    @staticmethod
    def named(text):
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    def certificate(self, subject, key, issuer, issuer_key, path):
        builder = (
            x509.CertificateBuilder().subject_name(self.named(subject)).issuer_name(self.named(issuer))
            .public_key(key).serial_number(x509.random_serial_number())
            .not_valid_before(self.window[0]).not_valid_after(self.window[1])
            .add_extension(x509.BasicConstraints(ca=True, path_length=path), critical=True)
            .add_extension(key_usage(key_cert_sign=True, crl_sign=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False))
        if path == 0:
            builder = builder.add_extension(x509.ExtendedKeyUsage([self.usage]), critical=False)
        return builder.sign(issuer_key, hashes.SHA384() if path else hashes.SHA256())

    def leaf(self, key, lifetime):
        start = now()
        return (
            x509.CertificateBuilder().issuer_name(self.issuing.subject).public_key(key)
            .serial_number(x509.random_serial_number()).not_valid_before(start).not_valid_after(start + lifetime)
            .add_extension(key_usage(digital_signature=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False))

    def trusted(self, *more):
        chain = [*more, self.issuing, self.root]
        return {
            "subject": {"organization": "sigstore.test", "commonName": "test"}, "uri": "https://sigstore.test",
            "certChain": {"certificates": [{"rawBytes": b64(der(certificate))} for certificate in chain]},
            "validFor": {"start": "2020-01-01T00:00:00Z"},
        }


def key_usage(**wanted):
    names = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
        "key_cert_sign", "crl_sign", "encipher_only", "decipher_only")
    return x509.KeyUsage(**{name: wanted.get(name, False) for name in names})


class Fulcio:
    def __init__(self, provider):
        self.provider = provider
        self.authority = Authority("Fulcio", ExtendedKeyUsageOID.CODE_SIGNING)
        self.log_key = ec.generate_private_key(ec.SECP256R1())
        self.log_id = hashlib.sha256(spki(self.log_key.public_key())).digest()

    def answer(self, headers, body):
        scheme, _, token = headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer":
            raise Refusal(401, "there is no token")
        try:
            claims = jwt.decode(
                token, self.provider.public_key(), ["ES256"], audience=AUDIENCE, issuer=ISSUER,
                options={"require": ["exp", "iat", "email"]})
        except jwt.InvalidTokenError as error:
            raise Refusal(401, f"the token does not verify: {error}") from error
        request = x509.load_pem_x509_csr(base64.b64decode(json.loads(body)["certificateSigningRequest"]))
        if not request.is_signature_valid:
            raise Refusal(400, "the request does not prove possession")
        chain = [self.certificate(request.public_key(), claims["email"]), self.authority.issuing, self.authority.root]
        texts = [certificate.public_bytes(serialization.Encoding.PEM).decode() for certificate in chain]
        return "application/json", json.dumps({
            "signedCertificateEmbeddedSct": {"chain": {"certificates": texts}}}).encode()

    def certificate(self, key, email):
        builder = (
            self.authority.leaf(key, datetime.timedelta(minutes=10)).subject_name(x509.Name([]))
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), critical=False)
            .add_extension(x509.SubjectAlternativeName([x509.RFC822Name(email)]), critical=True)
            .add_extension(x509.UnrecognizedExtension(ISSUER_V1, ISSUER.encode()), critical=False)
            .add_extension(
                x509.UnrecognizedExtension(ISSUER_V2, core.UTF8String(ISSUER).dump()), critical=False))
        # RFC 6962 section 3.2: what is promised is the certificate without the promise.
        plain = builder.sign(self.authority.key, hashes.SHA256()).tbs_certificate_bytes
        promises = self.promise(plain)
        promises = len(promises).to_bytes(2, "big") + promises
        return builder.add_extension(
            x509.UnrecognizedExtension(SCT_LIST, core.OctetString(promises).dump()), critical=False,
        ).sign(self.authority.key, hashes.SHA256())

    def promise(self, tbs):
        moment = int(time.time() * 1000).to_bytes(8, "big")
        issuer = hashlib.sha256(spki(self.authority.key.public_key())).digest()
        signed = b"\0\0" + moment + b"\0\1" + issuer + len(tbs).to_bytes(3, "big") + tbs + b"\0\0"
        signature = self.log_key.sign(signed, ec.ECDSA(hashes.SHA256()))
        promise = b"\0" + self.log_id + moment + b"\0\0" + b"\4\3" + len(signature).to_bytes(2, "big") + signature
        return len(promise).to_bytes(2, "big") + promise


class Rekor:
    """Answers when the entry is in the tree, and keeps the tree in memory."""

    def __init__(self):
        self.key = ed25519.Ed25519PrivateKey.generate()
        raw = self.key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        self.key_id = hashlib.sha256(LOG.encode() + b"\n\x01" + raw).digest()
        # Others entered something before us, so that proofs are no trivial ones.
        self.leaves = [hashlib.sha256(b"\0" + bytes([number])).digest() for number in range(5)]
        self.lock = threading.Lock()

    def answer(self, headers, body):
        entry = json.loads(body)["hashedRekordRequestV002"]
        verifier = entry["signature"]["verifier"]
        certificate = x509.load_der_x509_certificate(base64.b64decode(verifier["x509Certificate"]["rawBytes"]))
        if verifier["keyDetails"] != "PKIX_ECDSA_P256_SHA_256":
            raise Refusal(400, "that is no kind of key")
        try:
            certificate.public_key().verify(
                base64.b64decode(entry["signature"]["content"]), base64.b64decode(entry["digest"]),
                ec.ECDSA(utils.Prehashed(hashes.SHA256())))
        except InvalidSignature as error:
            raise Refusal(400, "the signature does not verify") from error
        document = compact({
            "apiVersion": "0.0.2", "kind": "hashedrekord", "spec": {"hashedRekordV002": {
                "data": {"algorithm": "SHA2_256", "digest": entry["digest"]}, "signature": entry["signature"]}}})
        with self.lock:
            self.leaves.append(hashlib.sha256(b"\0" + document).digest())
            leaves = list(self.leaves)
        index, root = len(leaves) - 1, tree(leaves)
        note = f"{LOG}\n{len(leaves)}\n{b64(root)}\n"
        signature = b64(self.key_id[:4] + self.key.sign(note.encode()))
        return "application/json", json.dumps({
            "logIndex": str(index), "logId": {"keyId": b64(self.key_id)},
            "kindVersion": {"kind": "hashedrekord", "version": "0.0.2"}, "integratedTime": "0",
            "inclusionPromise": None, "canonicalizedBody": b64(document),
            "inclusionProof": {
                "logIndex": str(index), "treeSize": str(len(leaves)), "rootHash": b64(root),
                "hashes": [b64(part) for part in path(index, leaves)],
                "checkpoint": {"envelope": f"{note}\n\u2014 {LOG} {signature}\n"}},
        }).encode()


class RekorV1:
    """Keeps hashedrekord and dsse 0.0.1. Its tree is not its first: what it has before that counts in the index of an entry,
    and not in the tree's."""

    TREE, BEFORE = 0x1D2A9C3F5B7E4680, 4_163_431

    def __init__(self):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.key_id = hashlib.sha256(spki(self.key.public_key())).digest()
        self.leaves = [hashlib.sha256(b"\0" + bytes([number])).digest() for number in range(5)]
        self.entries = {}
        self.lock = threading.Lock()
        # Whether each question arrives twice, as by a proxy that lost the first answer.
        self.is_asked_twice = False
        # How far its clock is ahead, in seconds.
        self.ahead = 0

    def answer(self, headers, body):
        if self.is_asked_twice:
            self.enter(json.loads(body))
        return self.enter(json.loads(body))

    def found(self, name):
        if name not in self.entries:
            raise Refusal(404, "there is no such entry")
        return "application/json", json.dumps({name: self.entries[name]}).encode()

    def enter(self, proposed):
        if proposed["apiVersion"] != "0.0.1":
            raise Refusal(400, "that is no version of an entry")
        kinds = {"hashedrekord": self.hashed, "dsse": self.enveloped}
        if proposed["kind"] not in kinds:
            raise Refusal(400, "that is no kind of an entry")
        try:
            spec = kinds[proposed["kind"]](proposed["spec"])
        except InvalidSignature as error:
            raise Refusal(400, "the signature does not verify") from error
        return self.keep({"apiVersion": "0.0.1", "kind": proposed["kind"], "spec": spec})

    def keep(self, body):
        document = compact(body)
        leaf = hashlib.sha256(b"\0" + document).digest()
        name = f"{self.TREE:016x}{leaf.hex()}"
        with self.lock:
            if name in self.entries:
                raise Refusal(
                    409, f"an equivalent entry already exists in the transparency log with UUID {name}",
                    location=f"/api/v1/log/entries/{name}")
            self.leaves.append(leaf)
            self.entries[name] = self.entry(document, list(self.leaves))
        return self.found(name)

    def entry(self, document, leaves):
        index = len(leaves) - 1
        entry = {
            "body": b64(document), "integratedTime": int(time.time()) + self.ahead, "logID": self.key_id.hex(),
            "logIndex": self.BEFORE + index}
        proof = {
            "checkpoint": self.checkpoint(leaves), "hashes": [part.hex() for part in path(index, leaves)],
            "logIndex": index, "rootHash": tree(leaves).hex(), "treeSize": len(leaves)}
        return entry | {"verification": {"inclusionProof": proof, "signedEntryTimestamp": self.promise(entry)}}

    def promise(self, entry):
        return b64(self.key.sign(compact(entry), ec.ECDSA(hashes.SHA256())))

    def checkpoint(self, leaves):
        note = f"{LOG_V1} - {self.TREE}\n{len(leaves)}\n{b64(tree(leaves))}\n"
        signature = self.key.sign(note.encode(), ec.ECDSA(hashes.SHA256()))
        return f"{note}\n\u2014 {LOG_V1} {b64(self.key_id[:4] + signature)}\n"

    @staticmethod
    def hashed(spec):
        digest = spec["data"]["hash"]
        certificate = x509.load_pem_x509_certificate(base64.b64decode(spec["signature"]["publicKey"]["content"]))
        certificate.public_key().verify(
            base64.b64decode(spec["signature"]["content"]), bytes.fromhex(digest["value"]),
            ec.ECDSA(utils.Prehashed(hashes.SHA256())))
        return {
            "data": {"hash": {"algorithm": digest["algorithm"], "value": digest["value"]}},
            "signature": {
                "content": spec["signature"]["content"],
                "publicKey": {"content": b64(certificate.public_bytes(serialization.Encoding.PEM))}}}

    @staticmethod
    def enveloped(spec):
        text = spec["proposedContent"]["envelope"]
        envelope = json.loads(text)
        [verifier], [signature] = spec["proposedContent"]["verifiers"], envelope["signatures"]
        certificate = x509.load_pem_x509_certificate(base64.b64decode(verifier))
        payload = base64.b64decode(envelope["payload"])
        certificate.public_key().verify(
            base64.b64decode(signature["sig"]), envelope_encoding(envelope["payloadType"], payload),
            ec.ECDSA(hashes.SHA256()))
        return {
            "envelopeHash": {"algorithm": "sha256", "value": hashlib.sha256(text.encode()).hexdigest()},
            "payloadHash": {"algorithm": "sha256", "value": hashlib.sha256(payload).hexdigest()},
            "signatures": [{
                "signature": signature["sig"],
                "verifier": b64(certificate.public_bytes(serialization.Encoding.PEM))}]}


def split(count):
    """The largest power of two below `count` (RFC 6962 section 2.1)."""
    return 1 << (count - 1).bit_length() - 1


def tree(leaves):
    if len(leaves) == 1:
        return leaves[0]
    middle = split(len(leaves))
    return hashlib.sha256(b"\1" + tree(leaves[:middle]) + tree(leaves[middle:])).digest()


def path(index, leaves):
    """RFC 6962 section 2.1.1."""
    if len(leaves) == 1:
        return []
    middle = split(len(leaves))
    if index < middle:
        return path(index, leaves[:middle]) + [tree(leaves[middle:])]
    return path(index - middle, leaves[middle:]) + [tree(leaves[:middle])]


class TimestampAuthority:
    def __init__(self):
        self.authority = Authority("TSA", ExtendedKeyUsageOID.TIME_STAMPING)
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.certificate = (
            self.authority.leaf(self.key.public_key(), datetime.timedelta(days=1))
            .subject_name(Authority.named("TSA signer"))
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
            .sign(self.authority.key, hashes.SHA256()))

    def answer(self, headers, body):
        if headers.get("Content-Type") != "application/timestamp-query":
            raise Refusal(400, "that is no question for a timestamp")
        question = tsp.TimeStampReq.load(body, strict=True)
        information = tsp.TSTInfo({
            "version": "v1", "policy": "1.3.6.1.4.1.57264.2", "message_imprint": question["message_imprint"],
            "serial_number": x509.random_serial_number(), "gen_time": now()})
        own = asn1_x509.Certificate.load(der(self.certificate))
        digest = algos.DigestAlgorithm({"algorithm": "sha256"})
        attributes = cms.CMSAttributes([
            {"type": "content_type", "values": ["tst_info"]},
            {"type": "message_digest", "values": [hashlib.sha256(information.dump()).digest()]},
            {"type": "signing_certificate_v2", "values": [{"certs": [
                {"cert_hash": hashlib.sha256(der(self.certificate)).digest()}]}]},
        ])
        signature = self.key.sign(attributes.dump(force=True), ec.ECDSA(hashes.SHA256()))
        signer = cms.SignerInfo({
            "version": "v1", "digest_algorithm": digest, "signed_attrs": attributes,
            "sid": cms.SignerIdentifier("issuer_and_serial_number", {
                "issuer": own.issuer, "serial_number": own.serial_number}),
            "signature_algorithm": {"algorithm": "sha256_ecdsa"}, "signature": signature})
        data = {
            "version": "v3", "digest_algorithms": [digest], "signer_infos": [signer],
            "encap_content_info": {
                "content_type": "tst_info", "content": core.ParsableOctetString(information.dump())},
        }
        if question["cert_req"].native:
            data["certificates"] = [own]
        answer = tsp.TimeStampResp({
            "status": {"status": "granted"},
            "time_stamp_token": {"content_type": "signed_data", "content": cms.SignedData(data)}})
        return "application/timestamp-reply", answer.dump()


class SigningServices:
    """Starts with `with`. `answers` takes, by a part of method and path, what is answered in place of the truth: a function of the
    true answer's type and body, or an exception."""

    def __init__(self):
        self.provider = ec.generate_private_key(ec.SECP256R1())
        self.fulcio, self.rekor, self.authority = Fulcio(self.provider), Rekor(), TimestampAuthority()
        self.rekor_v1 = RekorV1()
        self.answers = {}
        self.asked = []

    def __enter__(self):
        services = self
        routes = {
            "/fulcio/api/v2/signingCert": self.fulcio, "/rekor/api/v2/log/entries": self.rekor,
            "/rekor-v1/api/v1/log/entries": self.rekor_v1, "/tsa/api/v1/timestamp": self.authority,
        }

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.reply(lambda: self.route(self.path).answer(self.headers, body))

            def do_GET(self):
                parent, _, name = self.path.rpartition("/")
                self.reply(lambda: self.route(parent).found(name))

            @staticmethod
            def route(path):
                if path not in routes:
                    raise Refusal(404, "there is nothing")
                return routes[path]

            def reply(self, answer):
                services.asked.append(self.path)
                try:
                    kind, content = answer()
                    for part, change in services.answers.items():
                        if part in f"{self.command} {self.path}":
                            kind, content = change(kind, content)
                    status, location = 201 if self.command == "POST" else 200, None
                except Refusal as refusal:
                    kind, status, location = "application/json", refusal.status, refusal.location
                    content = json.dumps({"code": 3, "message": refusal.message}).encode()
                self.send_response(status)
                for name, value in {"Content-Type": kind, "Content-Length": str(len(content))}.items():
                    self.send_header(name, value)
                if location:
                    self.send_header("Location", location)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def token(self, email="ada@example.com", lifetime=600, key=None):
        moment = int(time.time())
        claims = {
            "iss": ISSUER, "aud": AUDIENCE, "sub": email, "email": email, "email_verified": True,
            "iat": moment + min(0, lifetime) - 1, "exp": moment + lifetime}
        return jwt.encode(claims, key or self.provider, "ES256")

    def trusted_root(self):
        always = {"start": "2020-01-01T00:00:00Z"}
        return {
            "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
            "tlogs": [{
                "baseUrl": f"https://{name}", "hashAlgorithm": "SHA2_256", "logId": {"keyId": b64(log.key_id)},
                "publicKey": {
                    "rawBytes": b64(spki(log.key.public_key())), "keyDetails": details, "validFor": always},
            } for name, log, details in (
                (LOG, self.rekor, "PKIX_ED25519"), (LOG_V1, self.rekor_v1, "PKIX_ECDSA_P256_SHA_256"))],
            "certificateAuthorities": [self.fulcio.authority.trusted()],
            "ctlogs": [{
                "baseUrl": "https://ctfe.sigstore.test", "hashAlgorithm": "SHA2_256",
                "logId": {"keyId": b64(self.fulcio.log_id)},
                "publicKey": {
                    "rawBytes": b64(spki(self.fulcio.log_key.public_key())),
                    "keyDetails": "PKIX_ECDSA_P256_SHA_256", "validFor": always}}],
            "timestampAuthorities": [self.authority.authority.trusted(self.authority.certificate)],
        }

    def signing_config(self, logs=(2,), authorities=1):
        """- Parameter logs: the versions of Rekor that are listed."""
        def service(path, version):
            return {
                "url": self.url + path, "majorApiVersion": version, "validFor": {"start": "2020-01-01T00:00:00Z"},
                "operator": "sigstore.test"}

        paths = {1: "/rekor-v1", 2: "/rekor"}
        return {
            "mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json",
            "caUrls": [service("/fulcio", 1)], "oidcUrls": [],
            "rekorTlogUrls": [service(paths[version], version) for version in logs],
            "rekorTlogConfig": {"selector": "ANY"},
            "tsaUrls": [service("/tsa/api/v1/timestamp", 1)] * authorities, "tsaConfig": {"selector": "ANY"},
        }
