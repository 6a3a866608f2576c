#!/usr/bin/python3
"""Everything written for Ganeti is accepted by Ganeti's own code, and its kvm command line has the balloon that was reported."""
import os
import subprocess
import sys
import tempfile

import gnt

STOCK, PATCHED = gnt.Cluster(), gnt.Cluster(balloon=True)
REFUSALS = (gnt.errors.GenericError, KeyError, TypeError, ValueError, AttributeError, AssertionError)
if not os.path.exists("/usr/bin/kvm"):
    gnt.skip("/usr/bin/kvm is not there (apt install qemu-system-x86)")


def specs(folder, entry):
    path = os.path.join(folder, entry["file"])
    if entry["form"] == "ganeti":
        with open(path, encoding="utf-8") as handle:
            return gnt.from_config_ini(handle.read()), True
    data = gnt.load(path)
    return (gnt.from_batch(data[0]) if entry["form"] == "ganeti-instance" else gnt.from_parameters(data)), False


def examine(folder, entry):
    spec, imported = specs(folder, entry)
    patched = entry["options"].get("ganeti.profile") == "balloon-hvparam"
    if patched and "balloon" in spec["hvparams"]:
        try:
            gnt.check(spec, STOCK, imported)
            raise AssertionError("a stock cluster took the balloon hvparam")
        except gnt.errors.TypeEnforcementError as problem:
            assert "Unknown parameter 'balloon'" in str(problem), problem
    checked = gnt.check(spec, PATCHED if patched else STOCK, imported)
    be = checked["beparams"]
    assert be["maxmem"] == entry["maxmem"] and be["minmem"] <= be["maxmem"], be
    assert len(checked["disks"]) == entry["disks"] and len(checked["nics"]) == entry["nics"], "devices lost"
    if spec["hypervisor"] == "kvm":
        assert checked["hvparams"]["kernel_path"] == ""
        argv = gnt.kvm_argv(checked)
        assert argv.count("-m") == 1 and argv[argv.index("-m") + 1] == str(entry["maxmem"]), argv
        assert sum(1 for word in argv if "drive=disk-" in word or "if=ide" in word) >= entry["disks"], argv
        devices = gnt.balloons(argv)
        assert devices == ["virtio-balloon"], devices  # stock adds exactly one, whatever was asked
    rules = {note[0] for note in entry["notes"]}
    off = entry["balloon"] == "disabled"
    if off and patched and spec["hypervisor"] == "kvm":
        assert spec["hvparams"]["balloon"] == "none"
    elif off and spec["hypervisor"] == "kvm" and entry["options"].get("ganeti.balloon-off") == "wrapper":
        assert spec["hvparams"]["kvm_path"] == "/usr/local/lib/ganeti/kvm-noballoon" and "ganeti-balloon-wrapper" in rules
    elif off:
        assert be["minmem"] == be["maxmem"] and rules & {"ganeti-balloon-stock", "ganeti-balloon-hypervisor"}, rules
    return spec


def main():
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.argv[1], "write", folder], check=True)
        entries = gnt.load(os.path.join(folder, "manifest.json"))
        bad = 0
        counts = {}
        for entry in entries:
            if entry["refused"]:
                print("REFUSED by ovfkit: %s %s %s" % (entry["title"], entry["form"], entry["options"]))
                bad += 1
                continue
            try:
                spec = examine(folder, entry)
                counts[(entry["form"], spec["hypervisor"])] = counts.get((entry["form"], spec["hypervisor"]), 0) + 1
            except REFUSALS as problem:
                bad += 1
                print("FAIL %s %s %s %s: %s: %s" % (entry["file"], entry["title"], entry["form"], entry["options"], type(problem).__name__, problem))
        for key in sorted(counts):
            print("accepted: %-16s %-8s %d" % (key + (counts[key],)))
        print("%d written, %d refused" % (len(entries), bad))
        return 1 if bad or not entries else 0


if __name__ == "__main__":
    sys.exit(main())
