#!/usr/bin/env python3
"""virt-v2v and ovfkit read the same machine from what ovfkit writes as dmtf 1.1 and as vmware: memory, virtual CPUs, disks,
removable media, network cards, firmware. Each VM is split off, its files stand in as small empty ones, and
`virt-v2v -i ova FOLDER --print-source` says what it sees.

usage: print_source.py OVFKIT SOURCE_DIR [CORPUS]
"""
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

tool, source = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
corpus = pathlib.Path(sys.argv[3]) if len(sys.argv) > 3 else None
if not shutil.which("virt-v2v"):
    print("SKIPPED: virt-v2v is not installed")
    sys.exit(77)
environment = dict(os.environ, LIBGUESTFS_BACKEND="direct", LC_ALL="C")


def run(*words):
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, errors="replace", env=environment,
                          timeout=120, check=False)


def ours(descriptor):
    """What ovfkit says, in the words virt-v2v has."""
    said = json.loads(run(tool, "inspect", "-q", "--json", descriptor).stdout)
    system = said["virtual_systems"][0]
    disks = [drive for drive in system["drives"] if drive["kind"] == "disk"]
    return said, {
        "memory": system["memory_bytes"], "vcpus": system["cpus"] or 1,
        "firmware": "uefi" if system["firmware"] == "efi" else "bios", "disks": len(disks),
        "removable": sum(drive["kind"] != "disk" for drive in system["drives"]),
        "nics": [nic["network"] for nic in system["nics"]]}


def theirs(folder):
    done = run("virt-v2v", "-i", "ova", folder, "--print-source")
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if "error:" in line]
        return None, errors[0].split("error:")[1].strip() if errors else "exit " + str(done.returncode)
    text = done.stdout

    def field(name):
        found = re.search(rf"^\s*{name}: *(.*)$", text, re.M)
        return found.group(1).strip() if found else ""

    def part(title, following):
        found = re.search(rf"^{title}:\n(.*?)^{following}", text, re.M | re.S)
        return [line.strip() for line in (found.group(1).splitlines() if found else []) if line.strip()]
    tail = text.split("\nNICs:\n", 1)
    nics = [re.sub(r'^\w+ "(.*)".*$', r"\1", line.strip()) for line in (tail[1].splitlines() if len(tail) > 1 else [])
            if line.strip()]
    return {"memory": int(field("memory").split()[0]), "vcpus": int(field("nr vCPUs")), "firmware": field("firmware"),
            "disks": len(part("disks", "removable media")), "removable": len(part("removable media", "NICs")),
            "nics": nics}, ""


def why_not(said):
    """What virt-v2v is known not to read."""
    system = said["virtual_systems"][0]
    files = {disk["id"]: disk["file"] for disk in said["disks"]}
    if any(drive["kind"] == "disk" and not files.get(drive["disk"]) for drive in system["drives"]):
        return "a blank disk"
    if not any(drive["kind"] == "disk" for drive in system["drives"]):
        return "no disk"
    if not system["memory_bytes"]:
        return "no memory size"
    on = {c["id"]: c["type"] for c in system["controllers"]}
    types = {on.get(drive["controller"]) for drive in system["drives"] if drive["kind"] == "disk"}
    if not types <= {"ide", "scsi", "sata", "nvme"}:
        return "a disk on a controller it does not look at"
    if any(re.search(r"[^A-Za-z0-9._-]", entry["href"] or "") for entry in said["files"]):
        return "file names that are not plain"
    if any(entry["compression"] or entry["chunk_size"] for entry in said["files"]):
        return "compressed or chunked files"
    return ""


def compare(job):
    path, dialect, work = job
    rows = []
    made = work / f"{abs(hash((str(path), dialect)))}"
    # Any option of the dialect: written anew, not passed on as it came.
    options = ["-O", "dmtf.version=1.1" if dialect == "dmtf" else "vmware.balloon=item"]
    done = run(tool, "convert", "-q", path, "--to", dialect, "--split", *options, "-o", str(made) + "/")
    if done.returncode:
        return [(path, dialect, "not converted", f"exit {done.returncode}")]
    for number, descriptor in enumerate(sorted(made.rglob("*.ovf"))):
        folder = made / f"vm-{number}"
        folder.mkdir()
        shutil.copy(descriptor, folder / "vm.ovf")
        said, mine = ours(folder / "vm.ovf")
        reason = why_not(said)
        if reason:
            rows.append((path, dialect, "not comparable", reason))
            continue
        for entry in said["files"]:
            with open(folder / entry["href"], "wb") as out:
                out.truncate(65536)
        other, error = theirs(folder)
        if other is None:
            rows.append((path, dialect, "refused", error))
        else:
            wrong = [f"{key}: {mine[key]} / {other[key]}" for key in mine if mine[key] != other[key]]
            rows.append((path, dialect, "different" if wrong else "alike", "; ".join(wrong)))
    return rows


paths = sorted((source / "samples").glob("*.ovf")) + sorted((source / "samples").glob("*.xml"))
if corpus and corpus.is_dir():
    paths += sorted(corpus.rglob("*.ovf"))
with tempfile.TemporaryDirectory() as folder:
    jobs = [(path, dialect, pathlib.Path(folder)) for path in paths for dialect in ("dmtf", "vmware")]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        rows = [row for part in pool.map(compare, jobs) for row in part]
count = {}
for path, dialect, verdict, detail in rows:
    key = (dialect, verdict, detail if verdict in ("not comparable", "not converted", "refused") else "")
    count[key] = count.get(key, 0) + 1
for (dialect, verdict, detail), number in sorted(count.items()):
    print(f"{dialect:8} {verdict:15} {number:5}  {detail}")
bad = [row for row in rows if row[2] == "different" or row[2] == "refused"]
for path, dialect, verdict, detail in bad:
    print(f"{path.name} as {dialect}: {verdict}: {detail} (ovfkit / virt-v2v)")
alike = sum(row[2] == "alike" for row in rows)
print(f"{alike} machines alike, {len(bad)} not")
sys.exit(1 if bad or alike < 8 else 0)
