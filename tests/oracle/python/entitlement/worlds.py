"""Worlds, checks and changes that nobody wrote, from dice."""

from evaluator import DAY, WEEKDAYS, none

NOW = 1_772_416_800_000


def maybe(dice, value, chance=0.5):
    return value if dice.random() < chance else None


def a_policy(dice):
    limits = {name: {"unit": "u", "kind": dice.choice(["hard", "soft"])} for name in ("docs", "seats") if dice.random() < 0.8}
    actions = {"view": {"writes": False}, "edit": {}}
    if "docs" in limits:
        actions["create"] = {"limit": "docs"}
    actions["export"] = {"feature": "export", "writes": dice.random() < 0.5}
    actions["open"] = {"extension": [{"field": "sets", "separator": maybe(dice, ","), "requested": True},
                                     {"field": "kind", "one_of": ["a", "7", "true"]}][: dice.choice([1, 2])]}

    def amounts(plan):
        for name in limits:
            plan.setdefault("limits", {})[name] = dice.choice([0, 1, 2, 5, None, {"per": "quantity"}, {"per": "disk_size", "times": 2}])
        return plan
    plans = {"basic": amounts({"sku_codes": ["s1"]}), "pro": amounts({"product_ids": ["p1"], "features": ["export"]})}
    if dice.random() < 0.6:
        plans["own"] = amounts({"instance_ids": ["i2"]})
    trial_denied = dice.random() < 0.2
    if dice.random() < 0.5 and not trial_denied:
        plans["try"] = amounts({"trial": True})
    denied = [origin for origin in ("workbench", "seller") if dice.random() < 0.15]
    plans["inhouse"] = amounts({"origins": [origin for origin in ("workbench", "seller") if origin not in denied]})
    if dice.random() < 0.4:
        plans["inhouse"]["default"] = True
    policy = {"schema": 1, "version": "1", "features": ["export"], "limits": limits, "actions": actions, "plans": plans,
              "roles": {"user": ["view", "create" if "docs" in limits else "edit", "open"], "admin": ["*"]}, "seller_tenants": ["t3"]}
    if "seats" in limits and dice.random() < 0.8:
        policy["seats"] = "seats"
    if len(denied) == 2:
        plans["inhouse"]["default"] = True
    if trial_denied or denied or dice.random() < 0.5:
        policy["phases"] = {"active": "allow", "trial": "deny" if trial_denied else dice.choice(["allow", "read-only"]),
                            "overdue": dice.choice(["allow", "read-only"]), "frozen": "deny", "released": "deny",
                            **{origin: "deny" if origin in denied else dice.choice(["allow", "read-only"])
                               for origin in ("workbench", "seller")}}
    if dice.random() < 0.5:
        policy["clock"] = {name: dice.choice([None, 0, 1, 30]) for name in ("active", "trial", "workbench", "seller")}
    if dice.random() < 0.5:
        policy["stale"] = {"after_ms": dice.choice([0, 1000, 60000]), "effect": dice.choice(["allow", "deny"])}
    if dice.random() < 0.7:
        regions = {"office": ["203.0.113.0/24", "2001:db8::/32"], "home": ["198.51.100.0/25", "0.0.0.0/1"]}
        rules = []
        for index in range(dice.randrange(1, 5)):
            rule = {"name": f"r{index}", "action": dice.choice(["allow", "second-factor", "deny"]), "enabled": dice.random() < 0.9}
            rule["tenant_id"] = maybe(dice, dice.choice(["t1", "t2"]), 0.7)
            if rule["tenant_id"]:
                rule["users"] = maybe(dice, [dice.choice(["u1", "u2"])], 0.4)
                rule["departments"] = maybe(dice, [dice.choice(["d1", "d2", "d9"])], 0.5)
            if dice.random() < 0.6:
                time = {}
                if dice.random() < 0.6:
                    time["weekdays"] = dice.sample(WEEKDAYS, dice.randrange(1, 8))
                if dice.random() < 0.4:
                    time["dates"] = {"from": "2026-02-%02d" % dice.randrange(1, 28), "to": "2026-03-%02d" % dice.randrange(9, 31)}
                if dice.random() < 0.6 or not time:
                    time["hours"] = dice.choice([{"from": "09:00", "to": "18:00"}, {"from": "22:00", "to": "06:00"},
                                                 {"from": "00:00", "to": "24:00"}, {"from": "10:00", "to": "10:01"}])
                time["offset"] = dice.choice(["+08:00", "-05:30", "+00:00"])
                rule["time"] = time
            rule["regions"] = maybe(dice, [dice.choice(["office", "home"])], 0.5)
            rules.append({name: value for name, value in rule.items() if value is not None})
        used = {name for rule in rules for name in rule.get("regions", [])}
        policy["access"] = {"default": dice.choice(["allow", "deny"]), "precedence": dice.choice(["strictest", "first"]),
                            "time_and_region": dice.choice(["both", "either"]), "policies": rules,
                            "regions": {name: nets for name, nets in regions.items() if name in used}}
    return policy


def instance(dice, name):
    return {"instance_id": name, "phase": dice.choice(["active"] * 4 + ["trial", "trial", "frozen", "released", "reserved", "refused"]),
            "sku_code": dice.choice(["s1", "s9", None, ""]), "product_id": dice.choice(["p1", None, None]),
            "quantity": dice.choice([0, 1, 3, None]), "disk_size": dice.choice([2, None]),
            "expire_time": dice.choice([None, NOW - DAY, NOW, NOW + 1, NOW + 40 * DAY])}


def tenant(dice, name, of):
    row = {"tenant_id": name, "bound": dice.random() < 0.85, "bound_at": dice.choice([0, NOW - 20 * DAY])}
    if of:
        row["instance_id"] = of
    else:
        row["expire_time"] = dice.choice([None, NOW - DAY, NOW + DAY])
    return row


def member(dice, name, of, app, user):
    return {"tenant_id": name, "instance_id": of, "app_id": app, "user_name": user,
            "role": dice.choice(["user", "admin", "orgid-creator", "orgid-member", "", "boss"]), "enabled": dice.random() < 0.85,
            "status": dice.choice(["authorised"] * 5 + ["cancelled", "removed"]),
            "org_code": dice.choice(["d1", "d2", "d3", "d4", "d9", None]), "authorised_at": dice.choice([0, 5, 9]),
            "extension": dice.choice([{}, {"sets": "x, y"}, {"sets": ["x", 7, True, None, {"a": 1}], "kind": 7}, {"kind": "a,b"},
                                      {"sets": "", "kind": [-3, "true"]}, {"sets": 2**60, "kind": 1.5}])}


def a_world(dice):
    world = {"policy": a_policy(dice), "as_of": dice.choice([None, NOW, NOW - 900, NOW - 70_000])}
    world["instances"] = [instance(dice, name) for name in ("i1", "i2", "i3") if dice.random() < 0.8]
    pairs = [(name, of) for name in ("t1", "t2", "t3") for of in ("i1", "i2", None) if dice.random() < 0.5]
    world["tenants"] = [tenant(dice, name, of) for name, of in pairs]
    world["applications"] = [{"tenant_id": name, "instance_id": of, "app_id": app, "bound": dice.random() < 0.85}
                             for name, of in pairs for app in ("a1", "a2") if dice.random() < 0.8]
    world["departments"] = [{"tenant_id": name, "instance_id": of, "org_code": code,
                             "parent_code": {"d1": None, "d2": "d1", "d3": "d4", "d4": "d3"}[code]}
                            for name, of in pairs for code in ("d1", "d2", "d3", "d4") if dice.random() < 0.8]
    world["members"] = [member(dice, name, of, app, user) for name, of in pairs for app in ("a1", "a2")
                        for user in ("u1", "u2", "u3") if dice.random() < 0.6]
    world["usage"] = [{**dict([dice.choice([("instance_id", "i1"), ("instance_id", "i2"), ("tenant_id", "t1")])]), "limit": "docs",
                       "used": dice.choice([0, 1, 2, 5])}]
    return world


def a_check(dice):
    now = NOW + dice.choice([0, 0, 0, 1, -DAY, 3 * DAY + 5, 12 * 3_600_000, 35 * DAY])
    if dice.random() < 0.2:
        check = {"instance_id": dice.choice(["i1", "i2", "i9"]), "now": now}
        targets = [{}, {"feature": "export"}, {"limit": "docs"}, {"limit": "seats"}, {"change": {"quantity": dice.choice([0, 9])}},
                   {"change": {"sku_code": "s1", "product_id": None}}]
    else:
        check = {"tenant_id": dice.choice(["t1", "t1", "t2", "t3", "t9"]), "app_id": dice.choice(["a1", "a1", "a2"]),
                 "user_name": dice.choice(["u1", "u2", "u3", "u9"]), "now": now}
        targets = [{}, {"action": "view"}, {"action": "edit"}, {"action": "create"}, {"action": "export"}, {"action": "open"},
                   {"action": "nothing"}, {"feature": "export"}, {"feature": "nothing"}, {"limit": "docs"}, {"limit": "seats"},
                   {"limit": "nothing"}]
        check["address"] = dice.choice([None, "203.0.113.7", "::ffff:198.51.100.9", "2001:db8::1", "192.0.2.1"])
        check["second_factor"] = dice.choice([None, True, False])
        check["extension"] = dice.choice([None, {"sets": "x"}, {"sets": "z", "other": "1"}])
    check.update(dice.choice(targets))
    if "limit" in check or "action" in check:
        check["amount"] = dice.choice([None, 0, 1, 3])
    return check


KEYS = {"instances": ("instance_id",), "tenants": ("tenant_id", "instance_id"), "applications": ("tenant_id", "instance_id", "app_id"),
        "departments": ("tenant_id", "instance_id", "org_code"), "members": ("tenant_id", "instance_id", "app_id", "user_name"),
        "usage": ("instance_id", "tenant_id", "limit")}


def apply(world, part):
    after = {**world, **{name: part[name] for name in ("policy", "as_of") if name in part}}
    for name, names in KEYS.items():
        rows = list(after.get(name) or [])
        for row in part.get(name, []):
            key = [none(row.get(name)) for name in names]
            rows = [old for old in rows if [none(old.get(name)) for name in names] != key]
            if not row.get("absent"):
                rows.append(row)
        after[name] = rows
    return after


def a_part(dice, world):
    part = {}
    if dice.random() < 0.3:
        part["as_of"] = dice.choice([None, NOW])
    if dice.random() < 0.2:
        part["policy"] = a_policy(dice)
    if dice.random() < 0.7:
        part["instances"] = [instance(dice, dice.choice(["i1", "i2"]))]
    if world["members"] and dice.random() < 0.8:
        old = dice.choice(world["members"])
        key = {name: old[name] for name in KEYS["members"]}
        part["members"] = [{**key, "absent": True}] if dice.random() < 0.4 else [member(dice, *key.values())]
    if world["tenants"] and dice.random() < 0.5:
        old = dice.choice(world["tenants"])
        part["tenants"] = [tenant(dice, old["tenant_id"], old.get("instance_id"))]
    return part
