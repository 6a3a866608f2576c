#!/usr/bin/env python3
"""Hostile images from the shared attack set, through the inspection and the readers: what must be rejected is, with an exit
code of the right class, quickly, and leaks nothing.  usage: attacks.py DISK_CONVERT MAKE_ATTACKS"""
import hashlib
import json
import pathlib
import subprocess
import sys
import tempfile

program, maker = sys.argv[1:3]
if not pathlib.Path(maker).exists():
    print(f"SKIP: no {maker}")
    sys.exit(77)

FAMILY = {".vmdk": "vmdk", ".qcow2": "qcow2", ".img": "raw"}
# What the image means decides the class: 3 malformed, 4 refused, 5 integrity.
REFUSED = {"flat-host-file", "flat-relative", "vmfs-ctype", "embedded-flat-extent", "two-extents", "parent-hint", "device-extent", "comp-algo",
           "polyglot-qcow2", "cowd", "backing-file", "backing-json", "data-file", "unknown-incompat", "size-max", "crypt", "snapshots-many",
           "raw-is-qcow2", "capacity-zero", "capacity-2e55", "capacity-max"}
INTEGRITY = {"lba-duplicate", "grain-short", "grain-not-zlib", "grain-bad-adler", "gt-beyond-eof", "gt-alias"}
wrong = []
with tempfile.TemporaryDirectory() as folder:
    subprocess.run([sys.executable, maker, folder, "--no-check"], check=True, stdout=subprocess.DEVNULL)
    record = json.loads(pathlib.Path(folder, "manifest.json").read_text())
    canary = record["canary"].encode() if isinstance(record["canary"], str) else b"CANARY-7f3a9c-must-never-leak"
    count = 0
    for case in record["cases"]:
        if case["category"] not in ("vmdk", "qcow2"):
            continue
        image = next(p for p in pathlib.Path(folder, "cases", case["id"]).iterdir() if p.suffix in FAMILY)
        short = case["id"].split("-", 1)[1] if case["id"] != "raw-is-qcow2" else case["id"]
        for how in ("", "stream=1"):
            if how and image.suffix == ".qcow2":
                continue
            out = pathlib.Path(folder, "out.raw")
            done = subprocess.run([program, FAMILY[image.suffix], image, "raw", out] + ([how] if how else []), capture_output=True, timeout=20)
            count += 1
            allowed = {0, 3, 4, 5}
            if case["expect"] == "accept":
                allowed = {0}
            elif case["expect"] == "reject":
                allowed = {4} if short in REFUSED else {5} if short in INTEGRITY else {3}
            said = done.stderr.decode(errors="replace")
            if done.returncode not in allowed:
                wrong.append(f"{case['id']} {how}: exit {done.returncode}, not {sorted(allowed)}: {said}")
            elif case["expect"] == "reject" and not any(name.lower() in said.lower() for name in case["names"][1:]):
                wrong.append(f"{case['id']} {how}: the message names none of {case['names'][1:]}: {said}")
            if done.returncode == 0 and case["guest"] and hashlib.sha256(out.read_bytes()).hexdigest() != case["guest"]:
                wrong.append(f"{case['id']} {how}: not what the guest should see")
            if canary in done.stderr + done.stdout or (out.exists() and canary in out.read_bytes()):
                wrong.append(f"{case['id']} {how}: leaks the canary")
            out.unlink(missing_ok=True)
print(f"{count} runs")
print("\n".join(wrong))
sys.exit(1 if wrong or count < 100 else 0)
