"""The vectors of the kits: calls signed with hmac and hashlib, and what is to come of each, by the platform's documents.

    python3 kit.py ../../vectors/kit.json            checks the file
    python3 kit.py ../../vectors/kit.json --write    writes it
"""

import base64
import hashlib
import hmac
import json
import sys

PATH, WRITE = sys.argv[1], "--write" in sys.argv
KEY, NOW, NONCE = "test-access-key-0001", 1_700_000_000_000, "Of4lsV7H1qrzVDI52O5CFk2ofPcZRaA6"
STAMP = "20231115061320000"  # NOW in UTC+8
OAEP = json.load(open(PATH.replace("kit.json", "oaep.json"), encoding="utf-8"))
PEM = {key["id"]: key["pem"] for key in OAEP["keys"]}


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def ciphertext(case):
    found = next(one for one in OAEP["opened"] if one["id"] == case)
    return base64.b64encode(bytes.fromhex(found["ciphertext"])).decode()


SECRET = ciphertext("first: sha-256/sha-1: a secret")
cases = []


def case(ident, dialect, name, headers, body, event=None, reason=None, field=None, test=False, settings=None, now=NOW):
    prefix = "/produceAPI/" if dialect == "kit-v1" else "/produceAPI/v2/"
    if event is not None:
        expected = {"event": compact(event), "test": test}
    else:
        code = {"signature-missing": "000001", "signature-malformed": "000001", "signature-mismatch": "000001",
                "undecryptable-secret": "000101"}.get(reason, "000002")
        expected = {"reason": reason, "field": field, "result_code": code}
    cases.append({"id": ident, "dialect": dialect, "settings": settings or {}, "path": prefix + name, "now": now,
                  "headers": headers, "body": body, **expected})


# ---- version 2, and an OrgID

def sign(body, key=KEY, stamp=str(NOW), nonce=NONCE, digest="sha256"):
    return hmac.new(key.encode(), (key + nonce + stamp).encode() + body.encode(), digest).hexdigest()


def headers(signature, stamp=str(NOW), nonce=NONCE):
    return [["x-sign", signature], ["x-timestamp", stamp], ["x-nonce", nonce]]


def v2(ident, name, fields, dialect="kit-v2", text=None, signed=None, digest="sha256", **expected):
    body = text if text is not None else compact(fields)
    case(f"v2: {ident}", dialect, name, headers(sign(body if signed is None else signed, digest=digest)), body, **expected)


def ordered(kind, name, /, **fields):
    return {"type": kind, "activity": name, **fields}


TENANT = {"instanceId": "i1", "orderId": "CS1", "tenantId": "t1", "tenantCode": "huawei", "name": "测试企业",
          "domainName": "https://example.tenantaccount.com", "flag": 1, "testFlag": 0, "timeStamp": STAMP}
TENANT_EVENT = dict(instance_id="i1", order_id="CS1", tenant_id="t1", tenant_code="huawei", name="测试企业",
                    domain_name="https://example.tenantaccount.com")
APPLICATION = {"instanceId": "i1", "tenantId": "t1", "appId": "a1", "clientId": "c1", "clientSecret": SECRET,
               "flag": 1, "testFlag": 0, "timeStamp": STAMP}
APPLICATION_EVENT = dict(instance_id="i1", tenant_id="t1", app_id="a1", client_id="c1", client_secret=SECRET)
USER = {"userName": "zhangsan01", "name": "张三", "orgCode": "123456789", "role": "admin", "enable": "true"}
USER_EVENT = {"user_name": "zhangsan01", "name": "张三", "org_code": "123456789", "role": "admin", "enabled": "true"}
MEMBERS = {"instanceId": "i1", "tenantId": "t1", "appId": "a1", "userList": [USER], "currentSyncTime": STAMP, "flag": 1,
           "testFlag": 0, "timeStamp": STAMP}
SINGLE = {"instanceId": "i1", "tenantId": "t1", "orgCode": "d1", "orgName": "产品部", "parentCode": "", "flag": 1,
          "testFlag": 0, "timeStamp": STAMP}
ALL = {"instanceId": "i1", "tenantId": "t1", "testFlag": 0, "timeStamp": STAMP,
       "orgInfoList": [{"orgCode": "d1", "orgName": "产品部", "parentCode": ""}, {"orgCode": "d2", "orgName": "R&D", "parentCode": "d1"}]}
TWO = [{"org_code": "d1", "name": "产品部"}, {"org_code": "d2", "name": "R&D", "parent_code": "d1"}]


def tenant(kind, **more):
    flag = {"tenant_add": "1", "tenant_update": "2", "tenant_remove": "0"}[kind]
    return ordered(kind, "tenantSync", **{**TENANT_EVENT, "flag": flag, "time_stamp": STAMP, **more})


def members(users, kind="members_add", flag="1", **more):
    return ordered(kind, "authSync", instance_id="i1", tenant_id="t1", app_id="a1", users=users, flag=flag,
                   current_sync_time=STAMP, time_stamp=STAMP, **more)


def single(kind="department_add", flag="1", entry=None, **more):
    entry = entry or {"org_code": "d1", "name": "产品部"}
    return ordered(kind, "singleOrgSync", instance_id="i1", tenant_id="t1", departments=[entry], flag=flag, time_stamp=STAMP, **more)


def snapshot(departments, **more):
    return ordered("department_snapshot", "allOrgSync", instance_id="i1", tenant_id="t1", departments=departments,
                   time_stamp=STAMP, **more)


def without(fields, *names):
    return {name: value for name, value in fields.items() if name not in names}


# The documents' own synthetic vectors (workbench F.1, KooGallery H.2), with the time of their stamps.
for ident, key, stamp, nonce, signature, body in [
    ("workbench F.1", "kit-access-key-0001", "1729566664115", NONCE,
     "E1872AA61BCB58ED42A1795ECBE20D6093A9D72C3C41304A1933AAC5DEDD0539",
     '{"tenantId":"68cbc86000000000000880d92f36422f","domainName":"https://example.tenantaccount.com","flag":1,"instanceId":"huaiweitest123456",'
     '"name":"huaiweitest","orderId":"CS1906666666ABCDE","tenantCode":"huawei","testFlag":0,"timeStamp":"20220413093539534"}'),
    ("KooGallery H.2", KEY, "1680508066618", "50D83FDECAED6CCD8EF597F2A577950527928BA287D04E6036E92B2806FD17DA",
     "70cbd6b12c31ddb4535f8685978b277fb03d7a998dffc82fc3669be41304f8e9",
     '{"domainName":"https://example.tenantaccount.com","flag":1,"instanceId":"huaiweitest123456","name":"测试企业","orderId":"CS1906666666ABCDE",'
     '"tenantCode":"huawei","tenantId":"68cbc86abc2018ab880d92f36422fa0e","testFlag":0,"timeStamp":"20220413093539534"}'),
]:
    fields = json.loads(body)
    event = ordered("tenant_add", "tenantSync", instance_id=fields["instanceId"], order_id=fields["orderId"],
                    tenant_id=fields["tenantId"], tenant_code="huawei", name=fields["name"],
                    domain_name=fields["domainName"], flag="1", time_stamp=fields["timeStamp"])
    case(ident, "kit-v2", "tenantSync", headers(signature, stamp, nonce), body, event=event, settings={"keys": [key]}, now=int(stamp))
base_rule = "b132153849157bbbe59ad16bbe173ca55951019c69d3a5a8201098f3781e7eda"
case("workbench F.1: the rule of the production address", "kit-v2", "tenantSync", headers(base_rule, "1729566664115"), cases[0]["body"],
     reason="signature-mismatch", settings={"keys": ["kit-access-key-0001"]}, now=1729566664115)
departments = '{"instanceId":"i1","orgInfoList":[{"orgCode":"00000001","orgName":"产品部","parentCode":""}],"tenantId":"t1","testFlag":1,"timeStamp":"20220413093539534","note":null}'
case("workbench F.1: a null that is not signed", "kit-v2", "allOrgSync",
     headers("7127781927a24f62133b1a4dd4009bca01c621d12c183067f9f43b85b1f013ae", "1729566664115"), departments, test=True,
     event=ordered("department_snapshot", "allOrgSync", instance_id="i1", tenant_id="t1",
                   departments=[{"org_code": "00000001", "name": "产品部"}], time_stamp="20220413093539534"),
     settings={"keys": ["kit-access-key-0001"]}, now=1729566664115)
for signature, form in [("317b258731664e688de65991637b0db59682905a44cf1c524d2d6e3ed8c664e4", "nested order kept"),
                        ("a23d42c54f53a990d285f9610d94fc301a440b19a066debbab5d2e75fac1981e", "recursively sorted")]:
    body = ('{"userList":[{"userName":"zhangsan01","name":"张三","orgCode":"123456789","role":"admin","enable":"true"}],"appId":"app-1",'
            '"currentSyncTime":"20220420114117642","flag":1,"instanceId":"huaiweitest123456","tenantId":"68cbc86abc2018ab880d92f36422fa0e",'
            '"testFlag":0,"timeStamp":"20220420114117642"}')
    case(f"KooGallery H.2: {form}", "kit-v2", "authSync",
         headers(signature, "1680508066618", "50D83FDECAED6CCD8EF597F2A577950527928BA287D04E6036E92B2806FD17DA"), body, now=1680508066618,
         event=ordered("members_add", "authSync", instance_id="huaiweitest123456", tenant_id="68cbc86abc2018ab880d92f36422fa0e",
                       app_id="app-1", users=[USER_EVENT], flag="1", current_sync_time="20220420114117642", time_stamp="20220420114117642"))

# Flags and events.
for flag, kind in [(1, "tenant_add"), (2, "tenant_update"), (0, "tenant_remove"), ("1", "tenant_add")]:
    v2(f"tenant, flag {flag!r}", "tenantSync", {**TENANT, "flag": flag}, event=tenant(kind))
for flag, kind in [(2, "application_update"), (0, "application_remove")]:
    event = ordered(kind, "applicationSync", **APPLICATION_EVENT, flag=str(flag), time_stamp=STAMP)
    v2(f"application, flag {flag}, no private key", "applicationSync", {**APPLICATION, "flag": flag}, event=event)
for flag, kind in [(1, "members_add"), (2, "members_update"), (3, "members_revoke"), (0, "members_remove")]:
    v2(f"members, flag {flag}", "authSync", {**MEMBERS, "flag": flag}, event=members([USER_EVENT], kind, str(flag)))
for flag, kind in [(1, "department_add"), (2, "department_update"), (0, "department_remove")]:
    v2(f"department, flag {flag}", "singleOrgSync", {**SINGLE, "flag": flag}, event=single(kind, str(flag)))
v2("all departments", "allOrgSync", ALL, event=snapshot(TWO))
v2("all departments: a flag is extra", "allOrgSync", {**ALL, "flag": 1}, event=snapshot(TWO, extra={"flag": 1}))
for name, fields, flags in [("tenantSync", TENANT, [3, "x", "01", 1.5, True, "-1"]), ("applicationSync", APPLICATION, [3]),
                            ("authSync", MEMBERS, [4, 9]), ("singleOrgSync", SINGLE, [3])]:
    for flag in flags:
        v2(f"{name}: flag {flag!r}", name, {**fields, "flag": flag}, reason="unknown-flag", field="flag")
for flag in [None, ""]:
    v2(f"no flag: {flag!r}", "tenantSync", {**TENANT, "flag": flag}, reason="field-missing", field="flag")
v2("a flag that is a list", "tenantSync", {**TENANT, "flag": [1]}, reason="field-malformed", field="flag")

# Test traffic.
for flag, test in [(1, True), ("1", True), (0, False), ("0", False), ("", False), (None, False)]:
    v2(f"test flag {flag!r}", "tenantSync", {**TENANT, "testFlag": flag}, event=tenant("tenant_add"), test=test)
for flag in [2, "yes", True, "01"]:
    v2(f"test flag {flag!r}", "tenantSync", {**TENANT, "testFlag": flag}, reason="test-flag-invalid", field="testFlag")

# What must be there.
for name, fields, required in [
    ("tenantSync", TENANT, ["tenantId", "flag", "domainName"]), ("applicationSync", APPLICATION, ["tenantId", "appId", "flag", "clientId", "clientSecret"]),
    ("authSync", MEMBERS, ["tenantId", "appId", "userList", "flag"]), ("singleOrgSync", SINGLE, ["tenantId", "orgCode", "flag"]),
    ("allOrgSync", ALL, ["tenantId", "orgInfoList"]),
]:
    for member in required:
        for shown, value in [("absent", ...), ("empty", ""), ("null", None)]:
            given = without(fields, member) if value is ... else {**fields, member: value}
            v2(f"{name}: {member} {shown}", name, given, reason="field-missing", field=member)
v2("neither instance nor order", "tenantSync", without(TENANT, "instanceId", "orderId"),
   event={name: value for name, value in tenant("tenant_add").items() if name not in ("instance_id", "order_id")})
v2("an empty instance is none", "singleOrgSync", {**SINGLE, "instanceId": ""},
   event={name: value for name, value in single().items() if name != "instance_id"})
v2("a domain is not asked for when a tenant changes", "tenantSync", {**without(TENANT, "domainName"), "flag": 2},
   event={name: value for name, value in tenant("tenant_update").items() if name != "domain_name"})
for name, fields, member in [("tenantSync", TENANT, "tenantId"), ("tenantSync", TENANT, "instanceId"), ("authSync", MEMBERS, "appId"), ("singleOrgSync", SINGLE, "orgCode")]:
    v2(f"{member}: 129 bytes", name, {**fields, member: "编" * 43}, reason="field-too-long", field=member)
v2("unknown members are data", "tenantSync", {**TENANT, "later": {"b": 1.10, "a": [None]}, "empty": "", "gone": None},
   event=tenant("tenant_add", extra={"later": {"b": 1.1, "a": [None]}, "empty": ""}))

# Calls that are meant for another interface.
for name, fields, stranger in [
    ("tenantSync", TENANT, {"userList": []}), ("tenantSync", TENANT, {"appId": "a"}), ("tenantSync", TENANT, {"orgCode": ""}),
    ("applicationSync", APPLICATION, {"userList": "[]"}), ("applicationSync", APPLICATION, {"tenantCode": "x"}),
    ("authSync", MEMBERS, {"clientSecret": "x"}), ("authSync", MEMBERS, {"orgInfoList": []}), ("singleOrgSync", SINGLE, {"orgInfo": []}),
    ("singleOrgSync", SINGLE, {"domainName": "x"}), ("allOrgSync", ALL, {"parentCode": ""}), ("allOrgSync", ALL, {"orgName": {}}),
    ("allOrgSync", ALL, {"currentSyncTime": STAMP}),
]:
    v2(f"{name} with {compact(stranger)}", name, {**fields, **stranger}, reason="foreign-member", field=next(iter(stranger)))
v2("authSync, flag 0, sent to tenantSync", "tenantSync", {**MEMBERS, "flag": 0}, reason="foreign-member", field="appId")
v2("foreign before everything that is wrong in itself", "tenantSync", {"appId": "a", "testFlag": 7}, reason="foreign-member", field="appId")
v2("a null is no foreign member", "tenantSync", {**TENANT, "userList": None}, event=tenant("tenant_add"))
v2("an order and a stray name are not foreign", "allOrgSync", {**ALL, "orderId": "CS1", "name": "n"}, event=snapshot(TWO, extra={"orderId": "CS1", "name": "n"}))

# Users.
EVERY = {"userName": "u", "name": "n", "orgCode": "o", "position": "p", "employeeCode": "e", "employeeType": 4, "role": "user",
         "enable": False, "mobile": "13800138000", "email": "u@example.com", "workPlace": "南京", "entryDate": "2022-11-9",
         "extension": {"b": 1, "a": "2"}, "later": [1]}
EVERY_EVENT = {"user_name": "u", "name": "n", "org_code": "o", "position": "p", "employee_code": "e", "employee_type": "4", "role": "user",
               "enabled": "false", "mobile": "13800138000", "email": "u@example.com", "work_place": "南京", "entry_date": "2022-11-9",
               "extension": {"b": 1, "a": "2"}, "extra": {"later": [1]}}
v2("every member of a user", "authSync", {**MEMBERS, "userList": [EVERY]}, event=members([EVERY_EVENT]))
v2("users as text", "authSync", {**MEMBERS, "userList": compact([EVERY, USER])}, event=members([EVERY_EVENT, USER_EVENT]))
v2("no users", "authSync", {**MEMBERS, "userList": []}, event=members([]))
v2("no users as text", "authSync", {**MEMBERS, "userList": "[]"}, event=members([]))
v2("a user of whom only the name is known", "authSync", {**MEMBERS, "userList": [{"userName": "u", "name": "", "extension": None}]},
   event=members([{"user_name": "u", "role": "user", "enabled": "true"}]))
v2("what stands in the extension", "authSync",
   {**MEMBERS, "userList": [{"userName": "u", "employeeType": "", "workPlace": "here",
                             "extension": '{"entryDate":"2022-11-9","employeeType":"4","workPlace":"there","x":{}}'}]},
   event=members([{"user_name": "u", "employee_type": "4", "role": "user", "enabled": "true", "work_place": "here", "entry_date": "2022-11-9",
                   "extension": {"entryDate": "2022-11-9", "employeeType": "4", "workPlace": "there", "x": {}}}]))
v2("an extension that is any text", "authSync", {**MEMBERS, "userList": [{"userName": "u", "extension": "a \"b\""}]},
   event=members([{"user_name": "u", "role": "user", "enabled": "true", "extension": "a \"b\""}]))
for role in ["user", "admin", "Admin", "boss"]:
    v2(f"role {role}", "authSync", {**MEMBERS, "userList": [{"userName": "u", "role": role}]},
       event=members([{"user_name": "u", "role": role, "enabled": "true"}]))
v2("500 users", "authSync", {**MEMBERS, "userList": [{"userName": f"u{number}"} for number in range(500)]},
   event=members([{"user_name": f"u{number}", "role": "user", "enabled": "true"} for number in range(500)]))
v2("501 users", "authSync", {**MEMBERS, "userList": [{"userName": "u"}] * 501}, reason="too-many-members", field="userList")
v2("one wrong user", "authSync", {**MEMBERS, "userList": [USER, {"name": "n"}]}, reason="field-missing", field="userList.userName")
for member, value, reason in [("userName", "", "field-missing"), ("userName", None, "field-missing"), ("userName", {}, "field-malformed"),
                              ("userName", "x" * 129, "field-too-long"), ("enable", "yes", "field-malformed"), ("enable", 1, "field-malformed"),
                              ("enable", "True", "field-malformed"), ("mobile", [], "field-malformed"), ("role", {}, "field-malformed"),
                              ("extension", [1], "field-malformed"), ("extension", 7, "field-malformed"), ("workPlace", {}, "field-malformed")]:
    v2(f"a user's {member}: {compact(value)[:9]}", "authSync", {**MEMBERS, "userList": [{**USER, member: value}]}, reason=reason, field=f"userList.{member}")
for value in ["x", "{}", "[1]", "['a']", '[{userName:"u"}]', '[{"userName":"u",}]', '[{"userName":"u","userName":"v"}]', {}, 7, True, [1], [[]], ["u"], "[] x"]:
    v2(f"no list of users: {compact(value)}", "authSync", {**MEMBERS, "userList": value}, reason="field-malformed", field="userList")

# Departments.
for shown, text in [("as text", compact(ALL["orgInfoList"])),
                    ("as the sample prints them", '[{orgCode:"d1", orgName:"产品部", parentCode:"" },{ orgCode : "d2",OrgName:"R&D",parentCode:"d1"}]'),
                    ("under their other names", '[{"orgCode":"d1","name":"产品部"},{"orgCode":"d2","OrgName":"R&D","name":"x","parentCode":"d1"}]')]:
    v2(f"departments {shown}", "allOrgSync", {**ALL, "orgInfoList": text}, event=snapshot(TWO))
v2("no departments", "allOrgSync", {**ALL, "orgInfoList": []}, event=snapshot([]))
v2("what else stands in a department", "allOrgSync", {**ALL, "orgInfoList": [{"orgCode": 7, "orgName": "n", "depth": 1}]},
   event=snapshot([{"org_code": "7", "name": "n", "extra": {"depth": 1}}]))
for text in ["[{'orgCode':'d'}]", '[{orgCode:"d"},]', '[{orgCode:"d",}]', '[/**/{orgCode:"d"}]', '[{orgCode:"d",orgCode:"e"}]', '[{org-code:"d"}]',
             '[{9:"d"}]', '[{orgCode:d}]', "{}", "x", '[{"orgCode":"d"', '["d"]', '[{orgCode:"d"}] //']:
    v2(f"no list of departments: {text}", "allOrgSync", {**ALL, "orgInfoList": text}, reason="field-malformed", field="orgInfoList")
for entry, reason, field in [({}, "field-missing", "orgCode"), ({"orgCode": ""}, "field-missing", "orgCode"), ({"orgCode": []}, "field-malformed", "orgCode"),
                             ({"orgCode": "d" * 129}, "field-too-long", "orgCode"), ({"orgCode": "d", "orgName": {}}, "field-malformed", "orgName"),
                             ({"orgCode": "d", "parentCode": []}, "field-malformed", "parentCode")]:
    v2(f"a department: {compact(entry)[:30]}", "allOrgSync", {**ALL, "orgInfoList": [{"orgCode": "ok"}, entry]}, reason=reason, field=f"orgInfoList.{field}")
v2("a department under another name", "singleOrgSync", {**without(SINGLE, "orgName"), "OrgName": "a", "name": "b", "parentCode": "d0"},
   event=single(entry={"org_code": "d1", "name": "a", "parent_code": "d0"}))
v2("a department without a name", "singleOrgSync", {**without(SINGLE, "orgName"), "flag": 0}, event=single("department_remove", "0", {"org_code": "d1"}))
v2("a department whose name is a list", "singleOrgSync", {**SINGLE, "orgName": []}, reason="field-malformed", field="orgName")

# Names that stand twice.
twice = '{"instanceId":"old","tenantId":"t1","orgCode":"d1","orgName":"产品部","flag":1,"testFlag":0,"timeStamp":"%s","instanceId":"i1"}' % STAMP
cleaned = compact(dict(sorted({"instanceId": "i1", "tenantId": "t1", "orgCode": "d1", "orgName": "产品部", "flag": 1, "testFlag": 0, "timeStamp": STAMP}.items())))
v2("instanceId twice, raw", "singleOrgSync", None, text=twice, event=single())
v2("instanceId twice, canonical", "singleOrgSync", None, text=twice, signed=cleaned, event=single())
v2("instanceId twice, canonical with the first", "singleOrgSync", None, text=twice, signed=cleaned.replace('"i1"', '"old"'), reason="signature-mismatch")
v2("tenantId twice", "singleOrgSync", None, text=twice.replace('"instanceId":"old"', '"tenantId":"t1"'), reason="duplicate-name")
v2("instanceId twice and another name too", "singleOrgSync", None, text=twice.replace('"flag":1', '"flag":1,"flag":1'), reason="duplicate-name")
v2("instanceId twice elsewhere", "tenantSync", None, text='{"instanceId":"a","instanceId":"b","tenantId":"t"}', reason="duplicate-name")
v2("instanceId twice further down", "singleOrgSync", None, text=twice.replace('"flag":1', '"x":{"instanceId":1,"instanceId":2},"flag":1'), reason="duplicate-name")
v2("a name twice in a list", "authSync", None, text=compact(MEMBERS).replace('"role":"admin"', '"role":"admin","role":"user"'), reason="duplicate-name")

# The signature.
body = compact(TENANT)
good = sign(body)
for ident, given, reason, field in [
    ("no timestamp", headers(good)[:1] + headers(good)[2:], "timestamp-missing", "x-timestamp"),
    ("an empty timestamp", headers(good, stamp=""), "timestamp-missing", "x-timestamp"),
    ("12 digits", headers(good, stamp=str(NOW)[:12]), "timestamp-malformed", "x-timestamp"),
    ("14 digits", headers(good, stamp=str(NOW) + "0"), "timestamp-malformed", "x-timestamp"),
    ("17 digits", headers(good, stamp=STAMP), "timestamp-malformed", "x-timestamp"),
    ("10 digits", headers(good, stamp=str(NOW // 1000)), "timestamp-malformed", "x-timestamp"),
    ("too old", headers(sign(body, stamp=str(NOW - 60_001)), stamp=str(NOW - 60_001)), "timestamp-stale", "x-timestamp"),
    ("too far ahead", headers(sign(body, stamp=str(NOW + 60_001)), stamp=str(NOW + 60_001)), "timestamp-future", "x-timestamp"),
    ("no nonce", headers(good)[:2], "nonce-missing", "x-nonce"),
    ("an empty nonce", headers(good, nonce=""), "nonce-missing", "x-nonce"),
    ("a long nonce", headers(sign(body, nonce="n" * 257), nonce="n" * 257), "nonce-too-long", "x-nonce"),
    ("no signature", headers(good)[1:], "signature-missing", "x-sign"),
    ("an empty signature", headers(""), "signature-missing", "x-sign"),
    ("63 digits", headers(good[1:]), "signature-malformed", "x-sign"),
    ("no digits", headers("g" + good[1:]), "signature-malformed", "x-sign"),
    ("40 digits", headers(sign(body, digest="sha1")), "signature-malformed", "x-sign"),
    ("another signature", headers(sign(body + " ")), "signature-mismatch", None),
    ("another nonce", headers(good, nonce="other"), "signature-mismatch", None),
    ("another key", headers(sign(body, key="other")), "signature-mismatch", None),
    ("twice the same", headers(good) + headers(good)[:1], "repeated-header", "x-sign"),
    ("twice in another case", headers(good) + [["X-TimeStamp", str(NOW)]], "repeated-header", "x-timestamp"),
    ("an empty second one", headers(good) + [["X-Nonce", ""]], "repeated-header", "x-nonce"),
    ("repeated before missing", [["X-Nonce", "a"], ["x-nonce", "b"]], "repeated-header", "x-nonce"),
]:
    case(f"v2: {ident}", "kit-v2", "tenantSync", given, body, reason=reason, field=field)
for ident, given in [("upper case", headers(good.upper())), ("names in another case", [[name.upper(), value] for name, value in headers(good)]),
                     ("blanks around", [[name, f" {value}\t"] for name, value in headers(good)]),
                     ("60 s ago", headers(sign(body, stamp=str(NOW - 60_000)), stamp=str(NOW - 60_000))),
                     ("60 s ahead", headers(sign(body, stamp=str(NOW + 60_000)), stamp=str(NOW + 60_000))),
                     ("256 characters of nonce", headers(sign(body, nonce="n" * 256), nonce="n" * 256)),
                     ("other headers twice", headers(good) + [["via", "a"], ["via", "b"]])]:
    case(f"v2: {ident}", "kit-v2", "tenantSync", given, body, event=tenant("tenant_add"))
case("v2: the second key of the ring", "kit-v2", "tenantSync", headers(good), body, event=tenant("tenant_add"), settings={"keys": ["first-key-of-the-ring", KEY]})
case("v2: seconds where they are wanted", "kit-v2", "tenantSync", headers(sign(body, stamp=str(NOW // 1000)), stamp=str(NOW // 1000)), body,
     event=tenant("tenant_add"), settings={"timestamp_in_seconds": True})
for ident, signed, expected in [
    ("sorted", compact(dict(sorted(TENANT.items()))), {"event": tenant("tenant_add")}),
    ("descending", compact(dict(sorted(TENANT.items(), reverse=True))), {"reason": "signature-mismatch"}),
    ("descending where it is wanted", compact(dict(sorted(TENANT.items(), reverse=True))), {"event": tenant("tenant_add"), "settings": {"descending_order": True}}),
    ("numbers as texts", compact({name: str(value) for name, value in sorted(TENANT.items())}), {"reason": "signature-mismatch"}),
]:
    v2(f"signed {ident}", "tenantSync", TENANT, signed=signed, **expected)
v2("blanks and escapes", "tenantSync", None, text=json.dumps(TENANT, indent=2), signed=compact(dict(sorted(TENANT.items()))), event=tenant("tenant_add"))
for ident, text, reason in [("nothing", "", "malformed-json"), ("a list", "[]", "malformed-json"), ("half", '{"a":', "malformed-json"), ("a byte order mark", "\ufeff{}", "byte-order-mark")]:
    v2(f"signed, and {ident}", "tenantSync", None, text=text, reason=reason)
    v2(f"not signed, and {ident}", "tenantSync", None, text=text, signed="x", reason="byte-order-mark" if text.startswith("\ufeff") else "signature-mismatch")
    cases[-1]["result_code"] = "000001"
v2("not signed, and a name twice", "tenantSync", None, text='{"a":1,"a":2}', signed="x", reason="signature-mismatch")
case("v2: encoded", "kit-v2", "tenantSync", headers(good) + [["content-encoding", "gzip"]], body, reason="body-encoded")

# The client secret.
KEYS = {"private_keys": [PEM["other"], PEM["first"]]}
for combination in ["sha-256/sha-1", "sha-256/sha-256", "sha-1/sha-1"]:
    secret = ciphertext(f"first: {combination}: a secret")
    event = ordered("application_add", "applicationSync", **{**APPLICATION_EVENT, "client_secret": secret}, oaep=combination, flag="1", time_stamp=STAMP)
    v2(f"a secret: {combination}", "applicationSync", {**APPLICATION, "clientSecret": secret}, event=event, settings=KEYS)
lines = "\r\n".join(SECRET[at:at + 64] for at in range(0, len(SECRET), 64)) + "\n"
v2("a secret in lines", "applicationSync", {**APPLICATION, "clientSecret": lines}, settings=KEYS,
   event=ordered("application_add", "applicationSync", **{**APPLICATION_EVENT, "client_secret": lines}, oaep="sha-256/sha-1", flag="1", time_stamp=STAMP))
v2("a secret in a test", "applicationSync", {**APPLICATION, "testFlag": 1}, settings=KEYS, test=True,
   event=ordered("application_add", "applicationSync", **APPLICATION_EVENT, oaep="sha-256/sha-1", flag="1", time_stamp=STAMP))
v2("an update without a secret", "applicationSync", {**without(APPLICATION, "clientSecret"), "flag": 2}, settings=KEYS,
   event=ordered("application_update", "applicationSync", **without(APPLICATION_EVENT, "client_secret"), flag="2", time_stamp=STAMP))
v2("a removal does not look at the secret", "applicationSync", {**APPLICATION, "clientSecret": "x", "flag": 0}, settings=KEYS,
   event=ordered("application_remove", "applicationSync", **{**APPLICATION_EVENT, "client_secret": "x"}, flag="0", time_stamp=STAMP))
v2("a removal whose secret is no text", "applicationSync", {**APPLICATION, "clientSecret": {}, "flag": 0}, settings=KEYS,
   event=ordered("application_remove", "applicationSync", **without(APPLICATION_EVENT, "client_secret"), flag="0", time_stamp=STAMP))
refused = {case["id"]: base64.b64encode(bytes.fromhex(case["ciphertext"])).decode() for case in OAEP["refused"]}
for ident, secret in [("in plain text", "client-secret-0001"), ("no Base64", "!"), ("of another key", refused["another key"]), ("with a label", refused["a label"]),
                      ("of nothing", ciphertext("first: sha-256/sha-1: nothing")), ("zero", refused["zero"])]:
    settings = {"private_keys": [PEM["first"]]}
    v2(f"a secret {ident}", "applicationSync", {**APPLICATION, "clientSecret": secret}, reason="undecryptable-secret", field="clientSecret", settings=settings)
v2("a secret that no key opens, in an update", "applicationSync", {**APPLICATION, "clientSecret": "x", "flag": 2}, reason="undecryptable-secret",
   field="clientSecret", settings=KEYS)
v2("decryption before meaning", "applicationSync", {"clientSecret": "x", "flag": 1, "testFlag": 7}, reason="undecryptable-secret", field="clientSecret", settings=KEYS)
v2("a foreign member before decryption", "applicationSync", {"clientSecret": "x", "flag": 1, "domainName": "d"}, reason="foreign-member", field="domainName", settings=KEYS)
v2("a secret that is not signed", "applicationSync", {**APPLICATION, "clientSecret": "x"}, signed="x", reason="signature-mismatch", settings=KEYS)

# An OrgID.
for digest, name in [("sha256", None), ("sha256", "sha-256"), ("sha1", "sha-1")]:
    settings = {"digest": name} if name else {}
    v2(f"OrgID, {name}", "tenantSync", TENANT, dialect="orgid-sync", digest=digest, settings=settings, event=tenant("tenant_add"))
    v2(f"OrgID, {name}, sorted", "tenantSync", TENANT, dialect="orgid-sync", digest=digest, settings=settings, event=tenant("tenant_add"),
       signed=compact(dict(sorted(TENANT.items()))))
    v2(f"OrgID, {name}, another text", "tenantSync", TENANT, dialect="orgid-sync", digest=digest, settings=settings, signed="x", reason="signature-mismatch")
long_key = "k" * 65
case("OrgID, sha-1, a key longer than a block", "orgid-sync", "tenantSync", headers(sign(body, key=long_key, digest="sha1")), body,
     event=tenant("tenant_add"), settings={"digest": "sha-1", "keys": [long_key]})
v2("OrgID, sha-1, 64 digits", "tenantSync", TENANT, dialect="orgid-sync", settings={"digest": "sha-1"}, reason="signature-malformed", field="x-sign")
v2("OrgID, sha-256, 40 digits", "tenantSync", TENANT, dialect="orgid-sync", digest="sha1", reason="signature-malformed", field="x-sign")


# ---- version 1

def text_of(fields, empty=True):
    pairs = {}
    for name, value in fields.items():
        if value is None:
            continue
        text = value if isinstance(value, str) else compact(value)
        if empty or text:
            pairs[name] = text
    return "&".join(f"{name}={pairs[name]}" for name in sorted(pairs))


def token(text, stamp=STAMP, key=KEY):
    return base64.b64encode(hmac.new((key + stamp).encode(), text.encode(), "sha256").digest()).decode()


def v1(ident, name, fields, text=None, signed=None, given=None, **expected):
    body = compact(fields) if text is None else text
    given = [["authToken", token(text_of(fields) if signed is None else signed)]] if given is None else given
    case(f"v1: {ident}", "kit-v1", name, given, body, **expected)


OLD_MEMBERS = {**MEMBERS, "userList": compact([USER])}
OLD_ALL = {**without(ALL, "orgInfoList"), "orgInfo": '[{"orgCode":"d1","name":"产品部","parentCode":""},{"orgCode":"d2","name":"R&D","parentCode":"d1"}]'}
TENANT_1 = {**TENANT, "name": "企业"}
H_11 = ("domainName=https://example.tenantaccount.com&flag=1&instanceId=huaiweitest123456&name=测试企业&orderId=CS1906666666ABCDE&tenantCode=huawei"
        "&tenantId=68cbc86abc2018ab880d92f36422fa0e&testFlag=0&timeStamp=20220413093539534")
fields = {name: int(value) if name in ("flag", "testFlag") else value for name, value in (pair.split("=", 1) for pair in H_11.split("&"))}
v1("KooGallery H-11", "tenantSync", fields, given=[["authToken", "gpNjgBmupgcrENwWwBov+a5QTFYTcBzNet0CNx60Y9o="]],
   event=ordered("tenant_add", "tenantSync", instance_id="huaiweitest123456", order_id="CS1906666666ABCDE", tenant_id="68cbc86abc2018ab880d92f36422fa0e",
                 tenant_code="huawei", name="测试企业", domain_name="https://example.tenantaccount.com", flag="1", time_stamp="20220413093539534"))
v1("workbench F.3", "singleOrgSync", {"timeStamp": "20220420114117642", "flag": 1, "instanceId": "i1", "orgCode": "00000001", "orgName": "产品部",
                                      "parentCode": "", "tenantId": "t1", "testFlag": 0},
   given=[["authToken", "cyMWn+yXMCCJxIbstzF7xjbMCpy3MVwqtHl/OXiaPUk="]], settings={"keys": ["v1-key-0001"]},
   event=ordered("department_add", "singleOrgSync", instance_id="i1", tenant_id="t1", departments=[{"org_code": "00000001", "name": "产品部"}], flag="1",
                 time_stamp="20220420114117642"))
for flag, kind in [(1, "tenant_add"), ("0", "tenant_remove")]:
    v1(f"tenant, flag {flag!r}", "tenantSync", {**TENANT, "flag": flag}, event=tenant(kind))
for flag, kind in [(1, "members_add"), (2, "members_update"), (0, "members_remove")]:
    v1(f"members, flag {flag}", "authSync", {**OLD_MEMBERS, "flag": flag}, event=members([USER_EVENT], kind, str(flag)))
for flag, kind in [(1, "department_add"), (2, "department_update"), (0, "department_remove")]:
    v1(f"department, flag {flag}", "singleOrgSync", {**SINGLE, "flag": flag}, event=single(kind, str(flag)))
for name, fields, flag in [("tenantSync", TENANT, 2), ("applicationSync", APPLICATION, 2), ("authSync", OLD_MEMBERS, 3), ("singleOrgSync", SINGLE, 3)]:
    v1(f"{name}: flag {flag}", name, {**fields, "flag": flag}, reason="unknown-flag", field="flag")
v1("all departments", "allOrgSync", OLD_ALL, event=snapshot(TWO))
v1("all departments as an array", "allOrgSync", {**OLD_ALL, "orgInfo": json.loads(OLD_ALL["orgInfo"])}, event=snapshot(TWO))
v1("all departments without quotes", "allOrgSync", {**OLD_ALL, "orgInfo": '[{orgCode:"d1",name:"产品部"},{orgCode:"d2",name:"R&D",parentCode:"d1"}]'}, event=snapshot(TWO))
v1("the list of version 2", "allOrgSync", {**OLD_ALL, "orgInfoList": "[]", "orgInfo": None}, reason="field-missing", field="orgInfo")
v1("users as an array", "authSync", MEMBERS, event=members([USER_EVENT]))
v1("a wrong entry", "allOrgSync", {**OLD_ALL, "orgInfo": '[{"orgCode":"d","name":[]}]'}, reason="field-malformed", field="orgInfo.name")
v1("numbers and truth values of the wire", "tenantSync", None, text=compact(TENANT_1)[:-1] + ',"x":1.10,"y":true,"z":{"b": [1, null],"a":""}}',
   signed=text_of(TENANT_1) + '&x=1.10&y=true&z={"b":[1,null],"a":""}',
   event=tenant("tenant_add", name="企业", extra="@") )
cases[-1]["event"] = cases[-1]["event"].replace('"@"', '{"x":1.10,"y":true,"z":{"b":[1,null],"a":""}}')
v1("null is not signed", "tenantSync", {**TENANT, "note": None}, event=tenant("tenant_add"))
v1("what has no value is not signed", "tenantSync", {**TENANT, "note": "", "orderId": ""}, signed=text_of({**TENANT, "orderId": ""}, empty=False),
   event={name: value for name, value in tenant("tenant_add").items() if name != "order_id"})
v1("what has no value is signed and still no extra", "tenantSync", {**TENANT, "note": ""}, event=tenant("tenant_add"))
v1("what has no value must be signed if the seller says so", "tenantSync", {**TENANT, "note": ""}, signed=text_of(TENANT), reason="signature-mismatch",
   settings={"retry_without_empty": False})
good = token(text_of(TENANT))
for ident, given in [("in double quotes", [["authToken", f'"{good}"']]), ("in another case", [["AUTHTOKEN", good]]), ("with blanks", [["authToken", f" {good} "]])]:
    v1(f"a token {ident}", "tenantSync", TENANT, given=given, event=tenant("tenant_add"))
for ident, given, reason in [
    ("none", [], "signature-missing"), ("empty", [["authToken", ""]], "signature-missing"), ("only quotes", [["authToken", '""']], "signature-missing"),
    ("two pairs of quotes", [["authToken", f'""{good}""']], "signature-malformed"), ("one quote", [["authToken", f'"{good}']], "signature-malformed"),
    ("short", [["authToken", "abcd"]], "signature-malformed"), ("no Base64", [["authToken", "!" * 44]], "signature-malformed"),
    ("over another text", [["authToken", token(text_of(TENANT) + "&x=1")]], "signature-mismatch"), ("of another time", [["authToken", token(text_of(TENANT), "20220413093539534")]], "signature-mismatch"),
    ("of another key", [["authToken", token(text_of(TENANT), key="other")]], "signature-mismatch"), ("of the key alone", [["authToken", token(text_of(TENANT), stamp="")]], "signature-mismatch"),
    ("twice", [["authToken", good], ["AuthToken", good]], "repeated-header"),
]:
    v1(f"a token: {ident}", "tenantSync", TENANT, given=given, reason=reason, field=None if reason == "signature-mismatch" else "authToken")
for ident, text in [("nothing", ""), ("a list", "[]"), ("half", '{"a":')]:
    v1(f"no object: {ident}", "tenantSync", {}, text=text, given=[["authToken", good]], reason="signature-mismatch")
v1("no object before no token", "tenantSync", {}, text="[]", given=[], reason="signature-mismatch")
for ident, stamp, reason in [("absent", ..., "timestamp-missing"), ("empty", "", "timestamp-missing"), ("null", None, "timestamp-missing"),
                             ("14 digits", STAMP[:14], "timestamp-malformed"), ("13 digits", str(NOW), "timestamp-malformed"), ("no such day", "20230230061320000", "timestamp-malformed")]:
    given = without(TENANT, "timeStamp") if stamp is ... else {**TENANT, "timeStamp": stamp}
    v1(f"timeStamp: {ident}", "tenantSync", given, given=[["authToken", good]], reason=reason, field="timeStamp")
v1("a timeStamp that is a number", "tenantSync", {**TENANT, "timeStamp": int(STAMP)}, event=tenant("tenant_add"))
v1("years ago", "tenantSync", {**TENANT, "timeStamp": "20010101000000000"}, given=[["authToken", token(text_of({**TENANT, "timeStamp": "20010101000000000"}), "20010101000000000")]],
   event=tenant("tenant_add", time_stamp="20010101000000000"))
for ident, changed, field in [
    ("a flag in a name", {"name": "n&flag=0"}, "name"), ("a test flag", {"tenantCode": "c&testFlag=1"}, "tenantCode"), ("an id in what no table has", {"x": "1&tenantId=t2"}, None),
    ("an equals sign in a name", {"x=1&y": "2"}, None), ("an equals sign alone in a name", {"x=": "2"}, None), ("an ampersand in an id", {"instanceId": "i1&x=1"}, "instanceId"),
    ("a bare ampersand in an id", {"tenantId": "a&b"}, "tenantId"), ("behind another", {"name": "a&b&orderId=1"}, "name"),
]:
    v1(f"ambiguous: {ident}", "tenantSync", {**TENANT, **changed}, reason="ambiguous-text", field=field)
v1("ambiguous: in a list", "authSync", {**OLD_MEMBERS, "userList": '[{"userName":"u","name":"a&flag=0"}]'}, reason="ambiguous-text", field="userList")
v1("not ambiguous: what no table has", "tenantSync", {**TENANT, "domainName": "https://a.example.com/?x=1&y=2"}, event=tenant("tenant_add", domain_name="https://a.example.com/?x=1&y=2"))
v1("not ambiguous: an ampersand in a name", "tenantSync", {**TENANT, "name": "R&D"}, event=tenant("tenant_add", name="R&D"))
v1("ambiguous and foreign", "tenantSync", {**TENANT, "name": "n&flag=0", "appId": "a"}, reason="ambiguous-text", field="name")
v1("ambiguous and not signed", "tenantSync", {**TENANT, "name": "n&flag=0"}, signed="x", reason="signature-mismatch")
v1("foreign", "tenantSync", {**OLD_MEMBERS, "flag": 0}, reason="foreign-member", field="appId")
v1("a name twice, signed twice", "tenantSync", {}, text='{"tenantId":"t","tenantId":"t","timeStamp":"%s"}' % STAMP, signed="tenantId=t&tenantId=t&timeStamp=" + STAMP, reason="duplicate-name")
v1("a name twice, signed once", "tenantSync", {}, text='{"tenantId":"t","tenantId":"t","timeStamp":"%s"}' % STAMP, signed="tenantId=t&timeStamp=" + STAMP, reason="signature-mismatch")
v1("a name twice further down", "authSync", {}, text=compact(MEMBERS).replace('"role":"admin"', '"role":"admin","role":"user"'),
   signed=text_of(MEMBERS).replace('"role":"admin"', '"role":"admin","role":"user"'), reason="duplicate-name")
v1("instanceId twice", "singleOrgSync", {}, text=twice, signed=text_of(without(SINGLE, "parentCode")), event=single())
v1("a secret", "applicationSync", APPLICATION, settings=KEYS, event=ordered("application_add", "applicationSync", **APPLICATION_EVENT, oaep="sha-256/sha-1", flag="1", time_stamp=STAMP))
v1("a secret that no key opens", "applicationSync", {**APPLICATION, "clientSecret": "x"}, settings=KEYS, reason="undecryptable-secret", field="clientSecret")
v1("a test", "tenantSync", {**TENANT, "testFlag": "1"}, event=tenant("tenant_add"), test=True)
v1("a byte order mark", "tenantSync", {}, text="\ufeff" + compact(TENANT), given=[["authToken", good]], reason="byte-order-mark")
cases[-1]["result_code"] = "000001"

idents = [one["id"] for one in cases]
assert len(set(idents)) == len(idents), [ident for ident in idents if idents.count(ident) > 1]
lines = ",\n".join("    " + compact(one) for one in cases)
about = ("Calls of the kits and of an OrgID: a route of the dialect with these settings at /kit, the time, the call, and the event as text or the reason "
         "with the platform's code. Written by tests/oracle/python/kit.py, which signs with hmac and hashlib; the first ones are the documents' own.")
text = '{\n  "about": %s,\n  "key": "%s",\n  "cases": [\n%s\n  ]\n}\n' % (compact(about), KEY, lines)
if WRITE:
    open(PATH, "w", encoding="utf-8").write(text)
elif open(PATH, encoding="utf-8").read() != text:
    sys.exit(f"{PATH} differs from what this program makes")
