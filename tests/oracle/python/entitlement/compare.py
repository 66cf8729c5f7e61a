"""Compares a driver with the second opinion of the entitlement decision, over generated worlds.

    python3 compare.py WORLDS SEED COMMAND...     COMMAND is a driver: `countersign drive`

Every world gets some checks, then some changes by `apply`, then checks again; a second directory is loaded from the changed world,
and must say the same. Prints how much was compared; exit 1 at the first difference.
"""

import json
import random
import subprocess
import sys

from evaluator import Check, NUMBERS
from worlds import a_check, a_part, a_world, apply


def main():
    worlds, seed, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    driver = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    seen = {}

    def ask(line):
        driver.stdin.write(json.dumps(line).encode() + b"\n")
        driver.stdin.flush()
        return json.loads(driver.stdout.readline())

    def compare(directory, world, check):
        theirs = ask({"op": "check", "directory": directory, **check})
        ours = Check(world, {name: value for name, value in check.items() if value is not None}).run()
        said = {**theirs, "reason": theirs.get("reason", {}).get("code")}
        if said != ours:
            print(json.dumps({"world": world, "check": check}, ensure_ascii=False))
            for name in ours:
                if said.get(name) != ours[name]:
                    print(f"{name}: driver {json.dumps(said.get(name))}, here {json.dumps(ours[name])}")
            sys.exit(f"they differ: {theirs.get('error')}")
        for code in [ours["reason"], *(entry["code"] for entry in ours["failed"] + ours["warnings"])]:
            seen[code] = seen.get(code, 0) + 1

    checks = 0
    for number in range(worlds):
        dice = random.Random(f"{seed}/{number}")
        world = a_world(dice)
        loaded = ask({"op": "load", "world": world})
        if "error" in loaded:
            # What the generator made may never count; what may not be loaded may not be compared.
            if any(problem["code"] != "unreachable" for problem in loaded["error"]["problems"]):
                sys.exit(f"world {number}: {loaded} {json.dumps(world)}")
            continue
        for _ in range(3):
            for _ in range(6):
                compare(loaded["directory"], world, a_check(dice))
            part = a_part(dice, world)
            applied = ask({"op": "apply", "directory": loaded["directory"], "world": part})
            if "error" in applied:
                continue
            world = apply(world, part)
            again = ask({"op": "load", "world": world})
            check = a_check(dice)
            compare(loaded["directory"], world, check)
            compare(again["directory"], world, check)
            checks += 8
    missing = [code for code in NUMBERS if code not in seen]
    print(f"{checks} checks, {len(seen)} codes; never seen: {', '.join(missing) or 'none'}")
    if checks < worlds:
        sys.exit("too few worlds could be loaded")


main()
