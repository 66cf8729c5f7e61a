"""The vectors of account events: calls signed with hmac and encrypted with pyca/cryptography, and what is to come of each.

    python3 account.py ../../vectors/account.json            checks the file
    python3 account.py ../../vectors/account.json --write    writes it
"""

import base64
import hashlib
import hmac
import json
import sys

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

PATH, WRITE = sys.argv[1], "--write" in sys.argv
TOKEN, SIGN, ENC = "bearer-token-0001", "SignKey012345678", "EncKey0123456789"
GCM, ECB, NONE = "AES/GCM/NoPadding", "AES/ECB/PKCS5Padding", "none"
NOW, NONCE, FRAME = 1509384958500, "AmgjjEAJbrMzWmUw", "abcdefghijklmnop"
M1 = ('{"username":"zhangsan","name":"张三","mobile":"18998760000","email":"zhangsan@test.com",'
      '"organizationId":"391551e8-160f-4993-8177-e7b9c5f60000","disabled":false}')
cases = []


def b64(data):
    return base64.b64encode(data).decode()


def iv_of(length):
    return bytes(range(length))


def gcm(plain, iv, key=ENC):
    cipher = Cipher(algorithms.AES(key.encode()), modes.GCM(iv)).encryptor()
    return cipher.update(plain) + cipher.finalize() + cipher.tag


def ecb(plain, key=ENC, pad=True):
    if pad:
        padder = padding.PKCS7(128).padder()
        plain = padder.update(plain) + padder.finalize()
    cipher = Cipher(algorithms.AES(key.encode()), modes.ECB()).encryptor()
    return cipher.update(plain) + cipher.finalize()


def sealed(layout, message, frame=FRAME + "&", key=ENC):
    plain = frame.encode() + message if isinstance(message, bytes) else (frame + message).encode()
    iv = iv_of(16)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWX"
    return {
        "L1": lambda: b64(iv) + b64(gcm(plain, iv, key)),
        "L2": lambda: b64(iv_of(12) + gcm(plain, iv_of(12), key)),
        "L3": lambda: b64(iv + gcm(plain, iv, key)),
        "L4": lambda: b64(iv) + b64(gcm(plain, iv, key).hex().upper().encode()),
        "L4 lower": lambda: b64(iv) + b64(gcm(plain, iv, key).hex().encode()),
        "L5": lambda: letters + b64(gcm(plain, letters.encode(), key)),
        "ECB": lambda: b64(ecb(plain, key)),
        "none": lambda: message.decode() if isinstance(message, bytes) else message,
    }[layout]()


def signature(nonce, timestamp, event, data, key=SIGN):
    return b64(hmac.new(key.encode(), f"{nonce}&{timestamp}&{event}&{data}".encode(), hashlib.sha256).digest())


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


BEARER = [["Authorization", "Bearer " + TOKEN]]


def case(ident, event="CHECK_URL", message="random string", layout="L1", headers=None, body=None, change=None, settings=None,
         timestamp=NOW, signed=None, data=None, now=NOW, expect=None, reason=None, field=None, code=None, raw_timestamp=None):
    settings = dict(settings or {})
    algorithm = settings.setdefault("algorithm", NONE if layout == "none" else ECB if layout == "ECB" else GCM)
    settings.setdefault("encryption_keys", [] if algorithm == NONE else [ENC])
    settings.setdefault("signature_keys", [SIGN])
    data = sealed(layout, message) if data is None else data
    fields = {"nonce": NONCE, "timestamp": timestamp, "eventType": event, "data": data,
              "signature": signature(NONCE, timestamp, event, data) if signed is None else signed}
    if change:
        fields = change(fields)
    text = compact(fields) if body is None else body
    if raw_timestamp is not None:
        text = text.replace('"timestamp":%s' % compact(timestamp), '"timestamp":%s' % raw_timestamp)
    expected = {"event": compact(expect)} if expect is not None else {"reason": reason, "field": field, "code": code}
    cases.append({"id": ident, "settings": settings, "headers": BEARER if headers is None else headers, "now": now, "body": text, **expected})


def event(kind, activity, layout, message, **fields):
    return {"type": kind, "activity": activity, **fields, "layout": layout[:2] if layout.startswith("L4") else layout, "message": message}


def without(name):
    return lambda fields: {key: value for key, value in fields.items() if key != name}


def put(**values):
    return lambda fields: {**fields, **values}


# The documents' own values (workbench F.4).
check = lambda layout: event("url_check", "CHECK_URL", layout, "random string")
user = event("account_create", "CREATE_USER", "x", json.loads(M1), username="zhangsan")
for ident, name, message, layout, data, given, expect in [
    ("F.4 check, none", "CHECK_URL", "random string", "none", "random string", "2YcSfhXMga1ibuZ2pGOEWAGrUmJyqWW+0FJ/3/e2040=", check("none")),
    ("F.4 check, ECB", "CHECK_URL", "random string", "ECB", "gcSrRlMuyL1uxTaVP67q46q2soVrJ4+n40+YD4Hdml4=", "xGeYpepbEtjA4HO8+l5pdvWiO1Uh+/H6rh2nWjvtIMo=", check("ECB")),
    ("F.4 check, L1", "CHECK_URL", "random string", "L1", "AAECAwQFBgcICQoLDA0ODw==DEb9gqjziRKhpbhunP7nZMZ8ny2ZcBYELZoquZheuCYAX0AS7NO0BA+DecP6fA==",
     "pQjae9RQTZca7CDnIhf+DE1KzRHYISUFodg9zFo6hZg=", check("L1")),
    ("F.4 user, none", "CREATE_USER", M1, "none", M1, "Fwiw859sv3r+NjlEw0mDxkA/lAOk/iIM0WkCH41/3WA=", {**user, "layout": "none"}),
    ("F.4 user, ECB", "CREATE_USER", M1, "ECB", None, "u0YRBlJ4/PwaKO8t31UAfatqelxxp1wW4BXapvqLszM=", {**user, "layout": "ECB"}),
    ("F.4 user, L1", "CREATE_USER", M1, "L1", None, "3cTdhAtd2bPYHMPALtIhrpNEX9dP1vYiPsMD52nHnmo=", {**user, "layout": "L1"}),
    ("F.4 a blank behind the event", "UPDATE_ORGANIZATION ", '{"id":"d1","name":"R&D"}', "ECB", "gcSrRlMuyL1uxTaVP67q46aA46xdOJaFvdU3nnk8eWUc9DxtiH3W7IodUVdSjlk5",
     "CoTGusW4bDSStGp+Tei9QZikMadNCtmhBQxFtvTXgHQ=", event("organization_update", "UPDATE_ORGANIZATION", "ECB", {"id": "d1", "name": "R&D"}, id="d1")),
    ("F.4 an ampersand inside", "UPDATE_ORGANIZATION", '{"id":"d1","name":"R&D"}', "L1",
     "AAECAwQFBgcICQoLDA0ODw==DEb9gqjziRKhpbhunP7nZMZ13CqZPUEGOt96/NRX6yXSbiYjHHTbVsLeTgfJ/PtuiZ+wTk4HXVvC", None,
     event("organization_update", "UPDATE_ORGANIZATION", "L1", {"id": "d1", "name": "R&D"}, id="d1")),
]:
    if data is not None:
        assert data == sealed(layout, message), ident
    case(ident, name, message, layout, data=data, signed=given, expect=expect)
case("F.4 the blank is signed", "UPDATE_ORGANIZATION ", '{"id":"d1","name":"R&D"}', "ECB", signed="hNVgNZdqLndp/mOsoPEWKWrxZU/gar86nkZ6LKe+uls=",
     reason="signature-mismatch", code="401")

# Layouts.
for layout in ["L1", "L2", "L3", "L4", "L4 lower", "L5", "ECB", "none"]:
    case(f"{layout}: a text", layout=layout, expect=event("url_check", "CHECK_URL", layout, "random string"))
    case(f"{layout}: a user", "CREATE_USER", M1, layout, expect=event("account_create", "CREATE_USER", layout, json.loads(M1), username="zhangsan"))
for layout in ["L1", "L2", "L3", "L5"]:
    good = sealed(layout, "random string")
    at = -8
    bad = good[:at] + ("A" if good[at] != "A" else "B") + good[at + 1:]
    case(f"{layout}: one character changed, signed", layout=layout, data=bad, reason="undecryptable-data", field="data", code="401")
case("another key", data=sealed("L1", "x", key="0123456789abcdef"), reason="undecryptable-data", field="data", code="401")
case("the second key of the ring", data=sealed("L3", "random string", key="0123456789abcdef"), settings={"encryption_keys": [ENC, "0123456789abcdef"]},
     expect=event("url_check", "CHECK_URL", "L3", "random string"))
case("GCM is not tried as ECB", layout="L1", data=sealed("ECB", "x"), reason="undecryptable-data", field="data", code="401")
case("ECB is not tried as GCM", layout="ECB", data=sealed("L1", "x"), reason="undecryptable-data", field="data", code="401")
for layout in ["L1", "ECB"]:
    case(f"{layout}: no frame", layout=layout, data=sealed(layout, "random string", frame=""), reason="undecryptable-data", field="data", code="401")
    case(f"{layout}: fifteen letters", layout=layout, data=sealed(layout, "x", frame="abcdefghijklmno&"), reason="undecryptable-data", field="data", code="401")
    case(f"{layout}: seventeen letters", layout=layout, data=sealed(layout, "x", frame="abcdefghijklmnopq&"), reason="undecryptable-data", field="data", code="401")
    case(f"{layout}: not UTF-8", layout=layout, data=sealed(layout, b"\xff\xfe"), reason="undecryptable-data", field="data", code="401")
    case(f"{layout}: nothing behind the frame", layout=layout, data=sealed(layout, ""), expect=event("url_check", "CHECK_URL", layout, ""))
    case(f"{layout}: sixteen letters that are no ASCII", layout=layout, data=sealed(layout, "x", frame="编" * 16 + "&"), expect=event("url_check", "CHECK_URL", layout, "x"))
case("ECB: no padding", layout="ECB", data=b64(ecb(b"abcdefghijklmnop&0123456789abcd\x00", pad=False)), reason="undecryptable-data", field="data", code="401")
case("ECB: half a block", layout="ECB", data=b64(b"12345678"), reason="undecryptable-data", field="data", code="401")
case("ECB: nothing", layout="ECB", data=b64(b"") or "=", reason="undecryptable-data", field="data", code="401")
case("no Base64", data="!!!!", reason="undecryptable-data", field="data", code="401")
case("shorter than its IV", data="AAAA", reason="undecryptable-data", field="data", code="401")

# The bearer.
for ident, headers, reason in [
    ("none", [], "bearer-missing"), ("empty", [["Authorization", ""]], "bearer-missing"), ("no scheme", [["Authorization", TOKEN]], "bearer-missing"),
    ("basic", [["Authorization", "Basic " + TOKEN]], "bearer-missing"), ("no token", [["Authorization", "Bearer "]], "bearer-missing"),
    ("two blanks", [["Authorization", "Bearer  " + TOKEN]], "bearer-missing"), ("another", [["Authorization", "Bearer other"]], "bearer-mismatch"),
    ("longer", [["Authorization", f"Bearer {TOKEN}1"]], "bearer-mismatch"), ("another case", [["Authorization", "Bearer " + TOKEN.upper()]], "bearer-mismatch"),
]:
    case(f"bearer: {ident}", headers=headers, reason=reason, field="Authorization", code="401")
case("bearer: twice", headers=BEARER + [["authorization", "Bearer " + TOKEN]], reason="repeated-header", field="Authorization", code="400")
for ident, headers in [("any case", [["AUTHORIZATION", "bEARER " + TOKEN]]), ("blanks around", [["Authorization", f" Bearer {TOKEN} "]])]:
    case(f"bearer: {ident}", headers=headers, expect=check("L1"))
case("bearer before the body", headers=[], body="{", reason="bearer-missing", field="Authorization", code="401")

# The body.
for ident, body, reason in [("half", "{", "malformed-json"), ("a list", "[]", "malformed-json"), ("nothing", "", "malformed-json"),
                            ("a name twice", '{"nonce":"a","nonce":"a"}', "duplicate-name")]:
    case(f"body: {ident}", body=body, reason=reason, code="400")
for name in ["nonce", "timestamp", "eventType", "data"]:
    case(f"{name} absent", change=without(name), reason="field-missing", field=name, code="400")
    case(f"{name} null", change=put(**{name: None}), reason="field-missing", field=name, code="400")
    case(f"{name} empty", change=put(**{name: ""}), reason="field-missing", field=name, code="400")
for name in ["nonce", "eventType", "data"]:
    case(f"{name} a list", change=put(**{name: []}), reason="field-malformed", field=name, code="400")
for ident, stamp in [("a list", []), ("a fraction", 1.5), ("negative", -1), ("a word", "now"), ("a truth value", True), ("21 digits", "1" * 21)]:
    case(f"timestamp: {ident}", change=put(timestamp=stamp), reason="timestamp-malformed", field="timestamp", code="400")
case("timestamp: an exponent", raw_timestamp="1e12", reason="timestamp-malformed", field="timestamp", code="400")
case("what is missing before what is malformed", change=lambda fields: {**without("data")(fields), "timestamp": []}, reason="field-missing", field="data", code="400")
case("timestamp: a text", timestamp=str(NOW), expect=check("L1"))
for digits in ["1509384958", "15093849585", "1" * 20, "0"]:
    case(f"timestamp: {digits} is not judged", timestamp=int(digits), expect=check("L1"))
for ident, now, reason in [("300 s old", NOW + 300_000, None), ("300 s ahead", NOW - 300_000, None), ("older", NOW + 300_001, "timestamp-stale"), ("further ahead", NOW - 300_001, "timestamp-future")]:
    if reason:
        case(f"time: {ident}", now=now, reason=reason, field="timestamp", code="400")
    else:
        case(f"time: {ident}", now=now, expect=check("L1"))
case("time before signature", now=NOW + 300_001, signed="x", reason="timestamp-stale", field="timestamp", code="400")

# The signature.
for ident, given, reason in [("absent", "", "signature-missing"), ("short", "abcd", "signature-malformed"), ("hex", "0" * 64, "signature-malformed"),
                             ("SHA-1", "K08yDiTEc094KoccOY+VYLQFxxQ=", "signature-malformed"),
                             ("of another key", signature(NONCE, NOW, "CHECK_URL", sealed("L1", "random string"), "SignKey876543210"), "signature-mismatch"),
                             ("of plain data", signature(NONCE, NOW, "CHECK_URL", "random string"), "signature-mismatch")]:
    case(f"signature: {ident}", signed=given, reason=reason, field=None if reason == "signature-mismatch" else "signature", code="401")
case("signature: null", change=put(signature=None), reason="signature-missing", field="signature", code="401")
case("signature: the second key", signed=signature(NONCE, NOW, "CHECK_URL", sealed("L1", "random string"), "SignKey876543210"),
     settings={"signature_keys": [SIGN, "SignKey876543210"]}, expect=check("L1"))
for name, value in [("nonce", "other"), ("eventType", "DELETE_USER"), ("data", "x")]:
    case(f"signature: {name} changed", change=put(**{name: value}), reason="signature-mismatch", code="401")
case("signature before decryption", data="!!!!", signed=signature("x", NOW, "CHECK_URL", "!!!!"), reason="signature-mismatch", code="401")
case("signing off", signed="", settings={"signature_keys": []}, expect=check("L1"))
case("signing off, another signature", signed="anything", settings={"signature_keys": []}, expect=check("L1"))
case("signing off, no JSON", "CREATE_USER", "zhangsan", "ECB", signed="", settings={"signature_keys": []}, reason="undecryptable-data", field="data", code="401")
case("signing on, no JSON", "CREATE_USER", "zhangsan", "ECB", reason="field-missing", field="username", code="400")
case("both off", layout="none", signed="", settings={"signature_keys": []}, expect=check("none"))
case("unknown members of the envelope go nowhere", change=put(extra=1, version="2"), expect=check("L1"))

# Events.
ORG, USER = {"code": "d-1", "name": "产品部", "parentId": "p"}, json.loads(M1)
for name, kind, message, fields in [
    ("CREATE_ORGANIZATION", "organization_create", ORG, {"code": "d-1"}),
    ("UPDATE_ORGANIZATION", "organization_update", {"id": "o1", **ORG}, {"id": "o1", "code": "d-1"}),
    ("DELETE_ORGANIZATION", "organization_delete", {"id": "o1"}, {"id": "o1"}),
    ("UPDATE_USER", "account_update", {"id": 17, "disabled": True}, {"id": "17"}),
    ("DELETE_USER", "account_delete", {"id": "u1", "username": "zhangsan", "organizationIds": ["a"]}, {"id": "u1", "username": "zhangsan"}),
    ("CREATE_USER", "account_create", {**USER, "later": [1.10, None]}, {"username": "zhangsan"}),
]:
    case(f"event {name}", name, compact(message), expect=event(kind, name, "L1", message, **fields))
    required = {"CREATE_ORGANIZATION": "code", "CREATE_USER": "username"}.get(name, "id")
    for shown, value in [("absent", ...), ("empty", ""), ("null", None)]:
        given = {key: one for key, one in message.items() if key != required} if value is ... else {**message, required: value}
        case(f"event {name}: {required} {shown}", name, compact(given), reason="field-missing", field=required, code="400")
    case(f"event {name}: {required} too long", name, compact({**message, required: "编" * 43}), reason="field-too-long", field=required, code="400")
    case(f"event {name}: {required} a list", name, compact({**message, required: []}), reason="field-malformed", field=required, code="400")
case("event: a password is hidden", "CREATE_USER", '{"username":"u","password":"s3cret","disabled":false}',
     expect=event("account_create", "CREATE_USER", "L1", {"username": "u", "password": "[redacted]", "disabled": False}, username="u"))
case("event: one that nobody knows", " LOCK_USER ", '{"id":"1"}', expect=event("unknown_event", "LOCK_USER", "L1", {"id": "1"}, event_type="LOCK_USER"))
case("event: one in another case", "create_user", M1, expect=event("unknown_event", "create_user", "L1", USER, event_type="create_user"))
case("event: a check whose text is JSON", message='{"a":1}', expect=event("url_check", "CHECK_URL", "L1", {"a": 1}))
case("event: a name twice in the message", "CREATE_USER", '{"username":"a","username":"b"}', reason="field-missing", field="username", code="400")

# Statuses.
case("status 200 whatever the code", headers=[], settings={"error_status": "200"}, reason="bearer-missing", field="Authorization", code="401")

for one in cases:
    if "event" in one and one["id"].startswith("event CREATE_USER"):
        one["event"] = one["event"].replace("1.1,null", "1.1,null")
idents = [one["id"] for one in cases]
assert len(set(idents)) == len(idents), [ident for ident in idents if idents.count(ident) > 1]
about = ("Account events: a route of the dialect with these settings and this token at /account, the time, the call, and the event as text or the "
         "reason with the code of the answer. Written by tests/oracle/python/account.py with hmac and pyca/cryptography; the first ones are the documents' own.")
text = '{\n  "about": %s,\n  "token": "%s",\n  "cases": [\n%s\n  ]\n}\n' % (compact(about), TOKEN, ",\n".join("    " + compact(one) for one in cases))
if WRITE:
    open(PATH, "w", encoding="utf-8").write(text)
elif open(PATH, encoding="utf-8").read() != text:
    sys.exit(f"{PATH} differs from what this program makes")
