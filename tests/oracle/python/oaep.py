"""The vectors of RSAES-OAEP: written from RFC 8017 with hashlib and integers, and opened again by pyca/cryptography.

    python3 oaep.py ../../vectors/oaep.json            checks the file
    python3 oaep.py ../../vectors/oaep.json --write    makes the ciphertexts anew; keys stay, and are made where there are none

Paddings that only one of the two libraries can make, or none, are written with integers alone.
"""

import hashlib
import json
import sys

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

PATH, WRITE = sys.argv[1], "--write" in sys.argv
NAMES = {"sha-256/sha-1": ("sha256", "sha1"), "sha-256/sha-256": ("sha256", "sha256"), "sha-1/sha-1": ("sha1", "sha1"),
         "sha-1/sha-256": ("sha1", "sha256"), "sha-512/sha-512": ("sha512", "sha512")}
LIBRARY = {"sha1": hashes.SHA1(), "sha256": hashes.SHA256(), "sha512": hashes.SHA512()}


def mgf1(name, seed, length):
    out = b""
    for counter in range(length // hashlib.new(name).digest_size + 1):
        out += hashlib.new(name, seed + counter.to_bytes(4, "big")).digest()
    return out[:length]


def xor(left, right):
    return bytes(a ^ b for a, b in zip(left, right, strict=True))


def block(size, combination, message, seed, label=b"", first=0, separator=b"\1", stuffing=b"\0"):
    digest, mask = NAMES[combination]
    length = hashlib.new(digest).digest_size
    seed = hashlib.shake_256(seed).digest(length)
    zeros = stuffing * (size - len(message) - 2 * length - 1 - len(separator))
    data = hashlib.new(digest, label).digest() + zeros + separator + message
    masked = xor(data, mgf1(mask, seed, len(data)))
    return bytes([first]) + xor(seed, mgf1(mask, masked, length)) + masked


def encrypt(key, padded):
    public = key.public_key().public_numbers()
    size = (public.n.bit_length() + 7) // 8
    return pow(int.from_bytes(padded, "big"), public.e, public.n).to_bytes(size, "big")


def pem(key):
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()


try:
    old = json.load(open(PATH, encoding="utf-8"))
except FileNotFoundError:
    old = {"keys": []}
known = {key["id"]: key for key in old["keys"]}
keys, loaded = [], {}
for name, bits in [("first", 3072), ("other", 3072), ("odd", 3077), ("large", 4096)]:
    text = known[name]["pem"] if name in known else pem(rsa.generate_private_key(65537, bits))
    keys.append({"id": name, "bits": bits, "pem": text})
    loaded[name] = serialization.load_pem_private_key(text.encode(), None)

opened = []
for key in ["first", "odd", "large"]:
    for combination in list(NAMES)[:3]:
        size = (loaded[key].key_size + 7) // 8
        room = size - 2 * hashlib.new(NAMES[combination][0]).digest_size - 2
        for what, message in [("a secret", b"client-secret-0001"), ("text beyond ASCII", "密钥-é".encode()),
                              ("nothing", b""), ("zeros and ones", b"\0\1\0\1"), ("as much as fits", b"x" * room)]:
            if key != "first" and what not in ("a secret", "as much as fits"):
                continue
            case = f"{key}: {combination}: {what}"
            ciphertext = encrypt(loaded[key], block(size, combination, message, case.encode()))
            digest, mask = (LIBRARY[name] for name in NAMES[combination])
            assert loaded[key].decrypt(ciphertext, padding.OAEP(padding.MGF1(mask), digest, None)) == message, case
            opened.append({"id": case, "key": key, "hashes": combination, "plain": message.hex(), "ciphertext": ciphertext.hex()})

first, size = loaded["first"], 384
n = first.public_key().public_numbers().n
good = encrypt(first, block(size, "sha-256/sha-1", b"client-secret-0001", b"good"))
plain = {"message": b"client-secret-0001", "seed": b"refused"}
refused = [
    ("another key", encrypt(loaded["other"], block(size, "sha-256/sha-1", **plain))),
    ("hash functions that nobody tries", encrypt(first, block(size, "sha-1/sha-256", **plain))),
    ("longer hash functions", encrypt(first, block(size, "sha-512/sha-512", **plain))),
    ("a label", encrypt(first, block(size, "sha-256/sha-256", label=b"label", **plain))),
    ("a first byte that is not zero", encrypt(first, block(size, "sha-256/sha-1", first=1, **plain))),
    ("no one behind the zeros", encrypt(first, block(size, "sha-256/sha-1", separator=b"\0", message=b"", seed=b"none"))),
    ("something else before the one", encrypt(first, block(size, "sha-256/sha-1", stuffing=b"\2", **plain))),
    ("something else in the place of the one", encrypt(first, block(size, "sha-256/sha-1", separator=b"\2", **plain))),
    ("PKCS #1 v1.5", encrypt(first, b"\0\2" + b"\xaa" * (size - 3 - 18) + b"\0" + b"client-secret-0001")),
    ("zero", bytes(size)),
    ("one", bytes(size - 1) + b"\1"),
    ("the modulus", n.to_bytes(size, "big")),
    ("the number before the modulus", (n - 1).to_bytes(size, "big")),
    ("beyond the modulus", (int.from_bytes(good, "big") + n).to_bytes(size + 1, "big")),
    ("a byte more", b"\0" + good),
    ("a byte less", good[1:]),
    ("nothing", b""),
    ("another bit", good[:-1] + bytes([good[-1] ^ 1])),
]
document = {
    "about": "RSAES-OAEP without label (RFC 8017). Keys are PKCS#8 in PEM, made for this file alone; plain texts and "
             "ciphertexts are hexadecimal. Written by tests/oracle/python/oaep.py; what is opened was opened by pyca/cryptography too.",
    "keys": keys,
    "opened": opened,
    "refused": [{"id": case, "key": "first", "ciphertext": ciphertext.hex()} for case, ciphertext in refused],
}
if WRITE:
    with open(PATH, "w", encoding="utf-8") as out:
        out.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
elif document != old:
    sys.exit(f"{PATH} differs from what this program makes")
