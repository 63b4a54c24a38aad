"""Makes vectors.json: keys of every kind with signatures by another implementation, and keys that must be refused.

    python3 make.py > vectors.json        needs the package cryptography
"""

import base64
import json

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, padding, rsa, x25519

MESSAGES = [b"", b"a message that is signed", bytes(range(256)) * 5]
HASHES = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}


def b64(data):
    return base64.b64encode(data).decode()


def spki(key):
    return key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def pem(key, form=serialization.PublicFormat.SubjectPublicKeyInfo):
    return key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()


def signed(name, key, schemes):
    signatures = [
        {"scheme": scheme, "hash": hash_name, "message": b64(message), "signature": b64(sign(message, hash_name))}
        for scheme, hash_name, sign in schemes for message in MESSAGES
    ]
    entry = {"name": name, "spki": b64(spki(key)), "pem": pem(key), "signatures": signatures}
    if name.startswith("rsa"):
        entry["pkcs1_pem"] = pem(key, serialization.PublicFormat.PKCS1)
    return entry


def ecdsa(name, curve):
    key = ec.generate_private_key(curve)
    return signed(name, key, [
        ("ecdsa", h, lambda m, h: key.sign(m, ec.ECDSA(HASHES[h]))) for h in HASHES])


def rsa_key(bits):
    key = rsa.generate_private_key(65537, bits)

    def pkcs1(message, h):
        return key.sign(message, padding.PKCS1v15(), HASHES[h])

    def pss(message, h):
        salt = padding.PSS(padding.MGF1(HASHES[h]), HASHES[h].digest_size)
        return key.sign(message, salt, HASHES[h])

    return signed(f"rsa{bits}", key, [("pkcs1v15", h, pkcs1) for h in HASHES] + [("pss", h, pss) for h in HASHES])


def ed25519_key():
    key = ed25519.Ed25519PrivateKey.generate()
    return signed("ed25519", key, [("ed25519", "", lambda m, _: key.sign(m))])


def refused():
    point = spki(ec.generate_private_key(ec.SECP256R1()))
    compressed = ec.generate_private_key(ec.SECP256R1()).public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint)
    yield "rsa1024", "unsupportedSize", spki(rsa.generate_private_key(65537, 1024))
    yield "rsa5120", "unsupportedSize", spki(rsa.generate_private_key(65537, 5120))
    yield "rsa16384", "tooLarge", spki(rsa.generate_private_key(65537, 2048)) + bytes(2048)
    yield "dsa", "unsupportedAlgorithm", spki(dsa.generate_private_key(1024))
    yield "ed448", "unsupportedAlgorithm", spki(ed448.Ed448PrivateKey.generate())
    yield "x25519", "unsupportedAlgorithm", spki(x25519.X25519PrivateKey.generate())
    yield "secp256k1", "unsupportedAlgorithm", spki(ec.generate_private_key(ec.SECP256K1()))
    yield "point off the curve", "invalidKey", point[:-1] + bytes([point[-1] ^ 1])
    yield "compressed point", "malformed", bytes.fromhex(
        "3039301306072a8648ce3d020106082a8648ce3d030107032200") + compressed
    yield "bytes behind it", "malformed", point + b"\0"
    yield "cut short", "malformed", point[:-1]
    yield "nothing", "malformed", b""


def main():
    keys = [
        ecdsa("p256", ec.SECP256R1()), ecdsa("p384", ec.SECP384R1()), ecdsa("p521", ec.SECP521R1()),
        ed25519_key(), rsa_key(2048), rsa_key(3072), rsa_key(4096),
    ]
    bad = [{"name": name, "fault": fault, "spki": b64(data)} for name, fault, data in refused()]
    print(json.dumps({"keys": keys, "refused": bad}, indent=1))


main()
