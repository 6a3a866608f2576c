#!/usr/bin/python3
"""Our table of parameters is Ganeti's: names, types, defaults, and the verdict of every check on many values."""
import json
import subprocess
import sys

import gnt

TYPES = {"string": 0, "maybe-string": 0, "bool": 1, "int": 2}


def verdict(hypervisor, name, value):
    """True when Ganeti takes the value for this one parameter."""
    given = {name: value}
    try:
        gnt.utils.ForceDictType(given, dict(gnt.C.HVS_PARAMETER_TYPES))
    except gnt.errors.TypeEnforcementError:
        return False
    required, check, _, _, _ = gnt.HV._HYPERVISOR_MAP[hypervisor].PARAMETERS[name]
    empty = gnt.hv_base.BaseHypervisor._IsParamValueUnspecified(given[name])
    if empty:
        return not required
    try:
        return check is None or bool(check(given[name]))
    except Exception:  # a check that falls over has not accepted
        return False


def main():
    ours = json.loads(subprocess.run([sys.argv[1], "table"], check=True, capture_output=True, text=True).stdout)
    bad = []
    for hypervisor, cls in gnt.HV._HYPERVISOR_MAP.items():
        mine = ours.get(hypervisor, {})
        if set(mine) != set(cls.PARAMETERS):
            bad.append("%s: %s" % (hypervisor, sorted(set(mine) ^ set(cls.PARAMETERS))))
            continue
        for name, row in mine.items():
            is_global = name in gnt.C.HVC_GLOBALS
            if row["global"] != is_global:
                bad.append("%s/%s global" % (hypervisor, name))
            if is_global:
                continue
            if row["type"] != TYPES[gnt.C.HVS_PARAMETER_TYPES[name]] or row["required"] != cls.PARAMETERS[name][0]:
                bad.append("%s/%s type or required" % (hypervisor, name))
            if row["default"] != str(gnt.C.HVC_DEFAULTS[hypervisor][name]):
                bad.append("%s/%s default %s" % (hypervisor, name, row["default"]))
    for name, value in gnt.C.BEC_DEFAULTS.items():
        if ours["backend"][name]["default"] != str(value):
            bad.append("backend %s" % name)
    count = 0
    for hypervisor, name, value, good in ours["verdicts"]:
        count += 1
        if verdict(hypervisor, name, value) != good:
            bad.append("%s %s='%s': ours %s" % (hypervisor, name, value, good))
    for line in bad:
        print("FAIL " + line)
    print("%d parameters, %d verdicts, %d differences" % (sum(len(ours[h]) for h in gnt.HV._HYPERVISOR_MAP), count, len(bad)))
    return 1 if bad or not count else 0


if __name__ == "__main__":
    sys.exit(main())
