"""A second opinion of the entitlement decision: naive, over dictionaries and lists."""

import hashlib
import ipaddress
import json

DAY, MINUTE, GREATEST = 86_400_000, 60_000, 2**53 - 1
ROLE_MAP = {"user": "user", "admin": "admin", "orgid-creator": "admin", "orgid-organisation-administrator": "admin",
            "orgid-department-administrator": "user", "orgid-member": "user"}
WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
NUMBERS = {
    "directory-stale": 701, "tenant-unknown": 711, "tenant-unbound": 712, "instance-unknown": 721, "instance-not-open": 731,
    "instance-released": 732, "instance-frozen": 733, "phase-denied": 734, "binding-not-allowed": 735, "expired": 736, "overdue": 737,
    "application-unknown": 741, "application-unbound": 742, "member-unknown": 751, "member-removed": 752, "member-disabled": 753,
    "authorisation-cancelled": 761, "access-policy-deny": 771, "access-default-deny": 772, "department-unknown": 773,
    "address-unknown": 774, "second-factor-required": 775, "role-unknown": 781, "action-unknown": 782, "action-not-permitted": 783,
    "extension-missing": 784, "extension-mismatch": 785, "read-only": 786, "feature-unknown": 791, "plan-unknown": 792,
    "feature-not-in-plan": 793, "limit-unknown": 801, "attribute-unknown": 802, "limit-exceeded": 803, "no-seat": 804,
    "over-soft-limit": 805, "over-seats": 806,
}


def canonical(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def sha(value):
    return hashlib.sha256(canonical(value)).hexdigest()


def none(text):
    return text if text else None


def same(row, **key):
    return all(none(row.get(name)) == none(value) for name, value in key.items())


def first(rows, **key):
    return next((row for row in rows if same(row, **key)), None)


def window_holds(time, instant):
    """By looking at the day itself and the one before it."""
    sign = -1 if time.get("offset", "+08:00")[0] == "-" else 1
    hours, minutes = time.get("offset", "+08:00")[1:].split(":")
    local = instant + sign * (int(hours) * 60 + int(minutes)) * MINUTE
    start, end = minutes_of(time, "from", 0), minutes_of(time, "to", 1440)
    for day in (local // DAY - 1, local // DAY):
        weekday = WEEKDAYS[(day + 3) % 7]
        if time.get("weekdays") is not None and weekday not in time["weekdays"]:
            continue
        if time.get("dates") is not None and not day_of(time["dates"]["from"]) <= day <= day_of(time["dates"]["to"]):
            continue
        stop = end + 1440 if end < start else end
        if day * DAY + start * MINUTE <= local < day * DAY + stop * MINUTE:
            return True
    return False


def minutes_of(time, name, default):
    if time.get("hours") is None:
        return default
    hours, minutes = time["hours"][name].split(":")
    return int(hours) * 60 + int(minutes)


def day_of(text):
    import datetime
    return (datetime.date.fromisoformat(text) - datetime.date(1970, 1, 1)).days


def next_turn(time, instant):
    """By trying every minute at which any window could begin or end."""
    now = window_holds(time, instant)
    marks = {minutes_of(time, "from", 0) % 1440, minutes_of(time, "to", 1440) % 1440, 0}
    sign = -1 if time.get("offset", "+08:00")[0] == "-" else 1
    hours, minutes = time.get("offset", "+08:00")[1:].split(":")
    shift = sign * (int(hours) * 60 + int(minutes)) * MINUTE
    first_day = (instant + shift) // DAY
    days = set(range(first_day, first_day + 10))
    if time.get("dates") is not None:
        for edge in ("from", "to"):
            day = day_of(time["dates"][edge])
            days |= set(range(day - 1, day + 10))
            days |= set(range(day - 9, day))
    for day in sorted(days):
        for mark in sorted(marks):
            candidate = day * DAY + mark * MINUTE - shift
            if candidate > instant and window_holds(time, candidate) != now:
                return candidate
    return None


def texts(value, separator):
    def of(one):
        if isinstance(one, bool):
            return ["true" if one else "false"]
        if isinstance(one, int):
            return [str(one)] if abs(one) <= GREATEST else []
        if isinstance(one, str):
            if separator is None:
                return [one] if one else []
            return [part.strip(" ") for part in one.split(separator) if part.strip(" ")]
        return []
    if isinstance(value, list):
        return [text for one in value for text in of(one)]
    return of(value)


class Check:
    def __init__(self, world, request):
        self.world, self.policy, self.request = world, world["policy"], request
        self.failed, self.warnings, self.turns = [], [], []
        self.facts = {"phase": None, "plan": None, "role": None, "limit": None, "seats": None}
        self.inputs = {"format": 1, "policy": sha(world["policy"]), "as_of": world.get("as_of"), "tenant": None, "instance": None,
                       "application": None, "member": None, "departments": None, "usage": {}, "seats": None,
                       "request": {name: value for name, value in request.items()
                                   if value is not None and name not in ("op", "directory", "product")}}

    def rows(self, name):
        return self.world.get(name) or []

    def fail(self, code, name=None, expected=None, found=None):
        if not any(entry[0] == code and ("change" not in self.request or entry[1] == name) for entry in self.failed):
            self.failed.append((code, name, expected, found))

    def warn(self, code, name=None, expected=None, found=None):
        self.warnings.append((code, name, expected, found))

    def run(self):
        now, policy = self.request["now"], self.policy
        stale = policy.get("stale") or {"after_ms": 60000, "effect": "allow"}
        as_of = self.world.get("as_of")
        if as_of is not None:
            if now - as_of > stale["after_ms"]:
                (self.fail if stale["effect"] == "deny" else self.warn)("directory-stale", None, stale["after_ms"], now - as_of)
            else:
                self.turns.append(as_of + stale["after_ms"] + 1)
        binding = instance = member = None
        is_user = self.request.get("tenant_id") is not None
        if is_user:
            binding = self.binding()
            wanted = none(binding.get("instance_id")) if binding else None
        else:
            wanted = self.request["instance_id"]
        if wanted:
            instance = first(self.rows("instances"), instance_id=wanted)
            if instance is None:
                self.fail("instance-unknown", None, "known", "unknown")
        origin = None
        if binding and not wanted:
            origin = "seller" if binding["tenant_id"] in (policy.get("seller_tenants") or []) else "workbench"
        read_only = self.phase(instance, binding, origin)
        if binding:
            key = {"tenant_id": binding["tenant_id"], "instance_id": wanted, "app_id": self.request["app_id"]}
            application = first(self.rows("applications"), **key)
            if application is None:
                self.fail("application-unknown", None, "bound", "unknown")
            elif not application.get("bound", True):
                self.fail("application-unbound", None, "bound", "unbound")
            if application is not None:
                self.inputs["application"] = {**key, "bound": application.get("bound", True)}
            member = first(self.rows("members"), **key, user_name=self.request["user_name"])
            status = member.get("status", "authorised") if member else None
            if member is None:
                self.fail("member-unknown", None, "authorised", "unknown")
            elif status == "removed":
                self.fail("member-removed", None, "authorised", "removed")
            else:
                if not member.get("enabled", True):
                    self.fail("member-disabled", None, True, False)
                if status == "cancelled":
                    self.fail("authorisation-cancelled", None, "authorised", "cancelled")
            if member is not None:
                self.inputs["member"] = {
                    **key, "user_name": member["user_name"], "role": member["role"], "enabled": member.get("enabled", True),
                    "status": status, "org_code": none(member.get("org_code")), "authorised_at": member.get("authorised_at") or 0}
            if member is not None and status == "removed":
                member = None
        if member is not None:
            self.access(binding, member)
        if is_user:
            self.role(member, read_only)
        self.plan(instance, binding, origin, member)
        return self.decision(read_only)

    def binding(self):
        rows = [row for row in self.rows("tenants") if row["tenant_id"] == self.request["tenant_id"]]
        if not rows:
            self.fail("tenant-unknown", None, "bound", "unknown")
            return None
        rows = [row for row in rows if row.get("bound", True)]
        if not rows:
            self.inputs["tenant"] = "unbound"
            self.fail("tenant-unbound", None, "bound", "unbound")
            return None

        def rank(row):
            wanted = none(row.get("instance_id"))
            instance = first(self.rows("instances"), instance_id=wanted) if wanted else None
            order = {"active": 0, "trial": 1, "frozen": 2}
            group = 3 if not wanted else order.get(instance["phase"], 4) if instance else 4
            expires = instance.get("expire_time") if instance else None
            return group, -(expires if expires is not None else 2**64), (wanted or "").encode()
        row = min(rows, key=rank)
        self.inputs["tenant"] = {"tenant_id": row["tenant_id"], "instance_id": none(row.get("instance_id")), "bound": True,
                                 "bound_at": row.get("bound_at") or 0, "expire_time": row.get("expire_time")}
        return row

    def phase(self, instance, binding, origin):
        policy, now, change = self.policy, self.request["now"], self.request.get("change") is not None
        phases = {"active": "allow", "trial": "allow", "overdue": "allow", "workbench": "allow", "seller": "allow",
                  **(policy.get("phases") or {})}
        clock = policy.get("clock") or {}
        strict = ["allow", "read-only", "deny"]
        if instance is not None:
            self.inputs["instance"] = {name: none(instance.get(name)) if name in ("sku_code", "product_id") else instance.get(name)
                                       for name in ("instance_id", "phase", "sku_code", "product_id", "quantity", "disk_size",
                                                    "band_width", "expire_time")}
            own, end = instance["phase"], instance.get("expire_time")
            runs = own in ("trial", "active")
            overdue = runs and end is not None and now >= end
            name = "overdue" if overdue else own
            effects = ([phases[own]] if runs else []) + ([phases["overdue"]] if overdue else [])
            effect = max(effects or ["allow"], key=strict.index)
            days, base = clock.get(own) if runs else None, end
            if runs and end is not None and not change:
                self.turns.append(end)
        elif origin is not None:
            name, effect, runs = origin, phases[origin], False
            days = clock.get(origin)
            base = binding.get("expire_time")
            base = (binding.get("bound_at") or 0) if base is None else base
        else:
            return False
        self.facts["phase"] = name
        limit = base + days * DAY if days is not None and base is not None else None
        if limit is not None and not change:
            self.turns.append(limit)
        if instance is not None and own in ("reserved", "refused"):
            self.fail("instance-not-open", None, "open", name)
        elif instance is not None and own == "released":
            self.fail("instance-released", None, "open", name)
        elif change:
            pass
        elif instance is not None and own == "frozen":
            self.fail("instance-frozen", None, "open", name)
        elif effect == "deny" and instance is not None:
            self.fail("phase-denied", None, "open", name)
        elif effect == "deny":
            self.fail("binding-not-allowed", None, "instance", name)
        elif limit is not None and now >= limit:
            self.fail("expired", None, limit, now)
        else:
            if name == "overdue":
                self.warn("overdue", None, end, now)
            return effect == "read-only"
        return False

    def access(self, binding, member):
        access = self.policy.get("access")
        if access is None:
            return
        chain, code, complete = [], none(member.get("org_code")), True
        while code is not None:
            again = code in chain
            chain.append(code)
            row = first(self.rows("departments"), tenant_id=binding["tenant_id"], instance_id=binding.get("instance_id"), org_code=code)
            if row is None or again:
                complete = False
                break
            code = none(row.get("parent_code"))
        self.inputs["departments"] = chain + ([] if complete else [None])
        address = self.request.get("address")
        if address is not None:
            address = ipaddress.ip_address(address)
            address = getattr(address, "ipv4_mapped", None) or address
        judged = []
        for policy in access.get("policies") or []:
            if not policy.get("enabled", True):
                continue
            users, departments = policy.get("users"), policy.get("departments")
            if policy.get("tenant_id") not in (None, binding["tenant_id"]):
                who = False
            elif users is None and departments is None:
                who = True
            elif users is not None and self.request["user_name"] in users:
                who = True
            elif departments is not None and set(chain) & set(departments):
                who = True
            else:
                who = None if departments is not None and not complete else False
            parts = []
            if policy.get("time") is not None:
                parts.append(window_holds(policy["time"], self.request["now"]))
                if who is not False:
                    turn = next_turn(policy["time"], self.request["now"])
                    self.turns += [] if turn is None else [turn]
            if policy.get("regions") is not None:
                nets = [ipaddress.ip_network(net) for name in policy["regions"] for net in access["regions"][name]]
                parts.append(None if address is None else any(address in net for net in nets if net.version == address.version))
            if not parts:
                condition = True
            elif access.get("time_and_region", "both") == "both":
                condition = False if False in parts else None if None in parts else True
            else:
                condition = True if True in parts else None if None in parts else False
            match = False if False in (who, condition) else None if None in (who, condition) else True
            judged.append((match, who, policy))
        decider = None
        if access.get("precedence", "strictest") == "first":
            decider = next((one for one in judged if one[0] is not False), None)
        else:
            for match, action in ((True, "deny"), (None, None), (True, "second-factor"), (True, "allow")):
                decider = decider or next((one for one in judged if one[0] is match and action in (None, one[2]["action"])), None)
        if decider is None:
            if access["default"] == "deny":
                self.fail("access-default-deny", None, "allow", "deny")
            return
        match, who, policy = decider
        if match is None and who is None:
            self.fail("department-unknown", policy["name"], None, none(member.get("org_code")))
        elif match is None:
            self.fail("address-unknown", policy["name"])
        elif policy["action"] == "deny":
            self.fail("access-policy-deny", policy["name"], "allow", "deny")
        elif policy["action"] == "second-factor" and not self.request.get("second_factor"):
            self.fail("second-factor-required", policy["name"], True, False)

    def role(self, member, read_only):
        policy, action = self.policy, self.request.get("action")
        role = None
        if member is not None:
            role = {**ROLE_MAP, **(policy.get("role_map") or {})}.get(member["role"])
            self.facts["role"] = role
            if role is None:
                self.fail("role-unknown", None, None, member["role"])
        roles = policy.get("roles") if policy.get("roles") is not None else {"user": [], "admin": []}
        row = (policy.get("actions") or {}).get(action) if action is not None else None
        if action is not None and row is None:
            self.fail("action-unknown", action)
        if row is not None and role is not None:
            may = sorted(name for name, actions in roles.items() if "*" in actions or action in actions)
            if role not in may:
                self.fail("action-not-permitted", action, may, role)
        if row is not None and member is not None:
            found = {condition["field"]: texts((member.get("extension") or {}).get(condition["field"]), condition.get("separator"))
                     for condition in row.get("extension") or []}
            self.inputs["member"]["extension"] = found
            for condition in row.get("extension") or []:
                field, own = condition["field"], found[condition["field"]]
                asked = (self.request.get("extension") or {}).get(field)
                if condition.get("requested") and asked is None:
                    self.fail("extension-missing", field)
                    break
                if condition.get("requested") and asked not in own:
                    self.fail("extension-mismatch", field, asked, own)
                    break
                if condition.get("one_of") is not None and not set(condition["one_of"]) & set(own):
                    self.fail("extension-mismatch", field, condition["one_of"], own)
                    break
        writes = row is not None and row.get("writes", True)
        if read_only and (writes or self.request.get("limit") in (policy.get("limits") or {})):
            self.fail("read-only", None, "write", "read-only")

    def plan(self, instance, binding, origin, member):
        policy, request = self.policy, self.request
        plans, limits, features = policy.get("plans") or {}, policy.get("limits") or {}, policy.get("features") or []
        feature, limit, change = request.get("feature"), request.get("limit"), request.get("change")
        if feature is not None and feature not in features:
            self.fail("feature-unknown", feature)
            feature = None
        if limit is not None and limit not in limits:
            self.fail("limit-unknown", limit)
            limit = None
        row = (policy.get("actions") or {}).get(request.get("action")) if request.get("action") is not None else None
        if row is not None:
            feature, limit = row.get("feature"), row.get("limit")
        if instance is None and origin is None:
            return
        bought = {name: none(instance.get(name)) if instance else None
                  for name in ("product_id", "sku_code", "quantity", "disk_size", "band_width")}
        if instance is not None:
            bought.update({name: instance.get(name) for name in ("quantity", "disk_size", "band_width")})
            bought.update({name: value for name, value in (change or {}).items() if value not in (None, "")})
        tests = [lambda plan: instance is None and origin in (plan.get("origins") or []),
                 lambda plan: instance is not None and instance["instance_id"] in (plan.get("instance_ids") or []),
                 lambda plan: instance is not None and change is None and instance["phase"] == "trial" and plan.get("trial"),
                 lambda plan: instance is not None and bought["product_id"] in (plan.get("product_ids") or []),
                 lambda plan: instance is not None and bought["sku_code"] in (plan.get("sku_codes") or []),
                 lambda plan: plan.get("default")]
        name = next((name for test in tests for name, plan in plans.items() if test(plan)), None)
        self.facts["plan"] = name
        seated = member is not None and member.get("enabled", True) and member.get("status", "authorised") == "authorised"
        if name is None:
            if feature is not None or limit is not None or change is not None or policy.get("seats") is not None and seated:
                self.fail("plan-unknown", None, None, bought["product_id"] or bought["sku_code"])
            return
        plan = plans[name]
        if feature is not None and feature not in (plan.get("features") or []):
            self.fail("feature-not-in-plan", feature,
                      sorted((other for other in plans if feature in (plans[other].get("features") or [])), key=str.encode), name)

        def value(wanted):
            amount = plan["limits"][wanted]
            if not isinstance(amount, dict):
                return True, amount
            if bought[amount["per"]] is None:
                self.fail("attribute-unknown", wanted, amount["per"])
                return False, None
            return True, min(bought[amount["per"]] * (amount.get("times") or 1), GREATEST)

        def used(wanted):
            if policy.get("seats") == wanted:
                return len(self.seated(instance, binding))
            if instance is not None:
                row = first(self.rows("usage"), instance_id=instance["instance_id"], limit=wanted)
            else:
                row = next((row for row in self.rows("usage")
                            if row.get("tenant_id") == binding["tenant_id"] and row["limit"] == wanted), None)
            return row["used"] if row else 0

        wanted = sorted(limits, key=str.encode) if change is not None else [limit] if limit is not None else []
        amount = 0 if change is not None else 1 if request.get("amount") is None else request["amount"]
        for one in wanted:
            known, most = value(one)
            if not known:
                continue
            count = used(one)
            self.inputs["usage"][one] = count
            if change is None:
                self.facts["limit"] = {"name": one, "limit": most, "used": count}
            if most is not None and count + amount > most:
                soft = limits[one].get("kind") == "soft"
                (self.warn if soft else self.fail)("over-soft-limit" if soft else "limit-exceeded", one, most, count + amount)
        seats = policy.get("seats")
        if seats is None or not seated or change is not None:
            return
        order = sorted(self.seated(instance, binding), key=lambda row: (row.get("authorised_at") or 0, row["user_name"].encode()))
        before = [row["user_name"] for row in order].index(member["user_name"])
        self.inputs["seats"] = {"used": len(order), "before": before}
        known, most = value(seats)
        if not known:
            return
        self.facts["seats"] = {"limit": most, "used": len(order)}
        if most is not None and len(order) > most:
            self.warn("over-seats", seats, most, len(order))
        if most is not None and before >= most and limits[seats].get("kind") != "soft":
            self.fail("no-seat", seats, most, before + 1)

    def seated(self, instance, binding):
        rows = [row for row in self.rows("members") if row.get("enabled", True) and row.get("status", "authorised") == "authorised"]
        if self.request.get("tenant_id") is not None:
            return [row for row in rows if same(row, tenant_id=binding["tenant_id"], instance_id=binding.get("instance_id"),
                                                app_id=self.request["app_id"])]
        bound = [row["tenant_id"] for row in self.rows("tenants")
                 if row.get("bound", True) and row.get("instance_id") == instance["instance_id"]]
        return [row for row in rows if row.get("instance_id") == instance["instance_id"] and row["tenant_id"] in bound]

    def decision(self, read_only):
        def listed(entries):
            entries = sorted(entries, key=lambda entry: NUMBERS[entry[0]])
            return [dict(zip(("code", "number", "name", "expected", "found"), (code, NUMBERS[code], *rest))) for code, *rest in entries]
        failed, warnings = listed(self.failed), listed(self.warnings)
        denying = [entry["code"] for entry in failed if entry["code"] != "second-factor-required"]
        if denying:
            decision, reason = "deny", denying[0]
        elif failed:
            decision, reason = "second-factor", "second-factor-required"
        elif read_only:
            decision, reason = "allow-read-only", "read-only"
        else:
            decision, reason = "allow", "granted"
        turns = [turn for turn in self.turns if turn > self.request["now"]]
        return {"decision": decision, "reason": reason, "failed": failed, "warnings": warnings,
                "valid_until": min(turns) if turns else None, "as_of": self.world.get("as_of"),
                "policy_version": self.policy["version"], "inputs_digest": sha(self.inputs), "facts": self.facts}
