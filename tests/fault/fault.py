#!/usr/bin/env python3
"""Every write, fsync, link and rename of every command that writes fails once with EIO and with ENOSPC, and is once the last
thing the process does; kills at random moments; targets that are full, closed or read-only; many runs on one output. Afterwards
there is what was there before or all that was to be written, the exit code says which, and nothing else.
usage: fault.py PROGRAM SHIM SOURCE_DIR [--long]"""
import collections
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

program, shim, source = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
LONG = "--long" in sys.argv
sys.path.insert(0, str(source / "tests" / "attack"))
import forge  # noqa: E402

TEMPORARY = ".ovfkit-"
counts = collections.Counter()
problems = []
os.umask(0o022)
work = pathlib.Path(tempfile.mkdtemp(prefix="ovfkit-fault-"))
given = work / "given"
given.mkdir()
(given / "vm.ovf").write_text(forge.BASE)
(given / "disk1.vmdk").write_bytes(forge.vmdk())
(given / "vm.ova").write_bytes(forge.package(manifest=forge.digests([("vm.ovf", forge.BASE), ("disk1.vmdk", forge.vmdk())])))
SCENARIOS = {
    "convert": ["convert", "GIVEN/vm.ovf", "--to", "libvirt", "-o", "OUT/vm.xml"],
    "convert to two files": ["convert", "GIVEN/vm.ovf", "--to", "ganeti", "-o", "OUT/new/config.ini"],
    "convert, replacing": ["convert", "GIVEN/vm.ovf", "--to", "libvirt", "-o", "OUT/old.xml", "--force"],
    "balloon set in place": ["balloon", "set", "enabled", "OUT/vm.ovf", "--in-place"],
    "edit in place": ["edit", "OUT/vm.ovf", "--cpus", "7", "--in-place"],
    "pack": ["pack", "GIVEN/vm.ovf", "-o", "OUT/vm.ova"],
    "pack, replacing": ["pack", "GIVEN/vm.ovf", "-o", "OUT/old.ova", "--force"],
    "unpack": ["unpack", "GIVEN/vm.ova", "-o", "OUT/folder"],
}
if shutil.which("openssl"):
    subprocess.run(["openssl", "req", "-x509", "-nodes", "-newkey", "rsa:2048", "-keyout", "k", "-out", "c", "-subj", "/CN=fault"], cwd=given, capture_output=True, check=True)
    SCENARIOS["sign"] = ["sign", "GIVEN/vm.ova", "--key", "GIVEN/k", "--cert", "GIVEN/c", "-o", "OUT/signed.ova"]


def fresh(out):
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    (out / "vm.ovf").write_text(forge.BASE)
    for name in ("old.xml", "old.ova"):
        (out / name).write_text("what was there before\n")


def tree(out):
    return {str(p.relative_to(out)): p.read_bytes() for p in sorted(out.rglob("*")) if p.is_file()}


def command(words, out):
    return [program] + [w.replace("GIVEN", str(given)).replace("OUT", str(out)) for w in words]


def run(words, out, **environment):
    env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "SOURCE_DATE_EPOCH": "1700000000"}
    if environment:
        env.update(LD_PRELOAD=shim, **environment)
    return subprocess.run(command(words, out), env=env, capture_output=True, text=True, check=False, timeout=60)


def bad(name, what):
    problems.append(f"{name}: {what}")


def judge(name, done, out, before, after, killed):
    now = tree(out)
    left = [p for p in now if TEMPORARY in p]
    if killed:
        mixed = {p: data for p, data in now.items() if TEMPORARY not in p and data not in (before.get(p), after.get(p))}
        gone = [p for p in before if p not in now]
        if mixed or gone:
            bad(name, f"half a file: {sorted(mixed)} or gone: {gone}")
        return
    if left:
        bad(name, f"left behind: {left}")
    if done.returncode == 0 and now != after:
        bad(name, "exit 0, and not all is there")
    elif done.returncode == 6 and now != before:
        bad(name, f"exit 6, and something changed: {sorted(p for p in now.keys() | before.keys() if now.get(p) != before.get(p))}")
    elif done.returncode not in (0, 6):
        bad(name, f"exit {done.returncode}: {done.stderr[:200]}")
    elif done.returncode == 6 and not done.stderr.strip():
        bad(name, "says nothing")


def numbers(count):
    return range(1, count + 1) if LONG or count <= 12 else sorted({*range(1, 5), *range(count - 3, count + 1), *random.Random(count).sample(range(1, count + 1), 4)})


def sweep(name, words):
    out = work / "out"
    fresh(out)
    before = tree(out)
    done = run(words, out)
    after = tree(out)
    if done.returncode or after == before:
        return bad(name, f"does not work at all: exit {done.returncode}: {done.stderr[:300]}")
    for call in ("write", "fsync", "rename", "link"):
        fresh(out)
        run(words, out, FAULT_CALL=call, FAULT_COUNT=str(work / "count"))
        for nth in numbers(int((work / "count").read_text())):
            for fault in ({"FAULT_ERRNO": "5"}, {"FAULT_ERRNO": "28"}, {"FAULT_KILL": "1"}):
                fresh(out)
                done = run(words, out, FAULT_CALL=call, FAULT_NTH=str(nth), **fault)
                killed = done.returncode == -signal.SIGKILL
                counts["killed at a call" if killed else "failed calls"] += 1
                judge(f"{name}: {call} {nth} {fault}", done, out, before, after, killed)
                if killed:
                    again(name, words, out, after)
    for _ in range(250 if LONG else 3):
        fresh(out)
        process = subprocess.Popen(command(words, out), env={"SOURCE_DATE_EPOCH": "1700000000"}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(random.random() * 0.03)
        process.kill()
        process.wait()
        counts["killed at a random moment"] += 1
        judge(f"{name}: killed", process, out, before, after, True)
        again(name, words, out, after)


def again(name, words, out, after):
    """The next run is not in the way of what a killed one left, and takes it away."""
    done = run(words + ([] if "--force" in words or "--in-place" in words else ["--force"]), out)
    now = tree(out)
    wrong = {p for p in now.keys() | after.keys() if now.get(p) != after.get(p)}
    if done.returncode or wrong:
        bad(name, f"the run after a kill: exit {done.returncode}, wrong: {sorted(wrong)} {done.stderr[:200]}")


def odd_targets():
    convert = ["convert", "GIVEN/vm.ovf", "--to", "libvirt", "-o", "-"]
    for name, target in (("full", "> /dev/full"), ("closed", ">&-")):
        done = subprocess.run(["bash", "-c", '"$@" ' + target, "sh", *command(convert, work / "out")], capture_output=True, text=True, check=False)
        if done.returncode != 6:
            bad(f"standard output {name}", f"exit {done.returncode}")
    done = run(["convert", "GIVEN/vm.ovf", "--to", "libvirt", "-o", "/dev/full"], work / "out")
    if done.returncode != 6:
        bad("/dev/full", f"exit {done.returncode}")
    os.mkfifo(work / "pipe")
    for words in (["inspect", str(work / "pipe")], ["verify", str(work / "pipe")], ["inspect", str(work / "nothing")]):
        done = run(words, work / "out")
        if done.returncode not in (3, 4, 6):
            bad(" ".join(words[:1]) + " of a FIFO or of nothing", f"exit {done.returncode}")
    closed = work / "closed"
    closed.mkdir(mode=0o555)
    drop = (lambda: os.setuid(65534)) if os.getuid() == 0 else None
    os.chmod(work, 0o755)
    done = subprocess.run(command(["convert", "GIVEN/vm.ovf", "--to", "libvirt", "-o", str(closed / "x.xml")], work), capture_output=True, text=True, preexec_fn=drop, check=False)
    if done.returncode != 6 or list(closed.iterdir()):
        bad("a folder that cannot be written", f"exit {done.returncode}")
    counts["odd targets and inputs"] += 7


def together():
    out = work / "out"
    for name in ("convert", "pack", "unpack"):
        fresh(out)
        run(SCENARIOS[name], out)
        after = tree(out)
        for _ in range(40 if LONG else 2):
            fresh(out)
            processes = [subprocess.Popen(command(SCENARIOS[name], out), env={"SOURCE_DATE_EPOCH": "1700000000"}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for _ in range(16)]
            codes = sorted(p.wait() for p in processes)
            counts["runs at once"] += 16
            if codes != [0] + [6] * 15 or tree(out) != after:
                bad(f"16 times {name} at once", f"exits {codes}, there: {sorted(tree(out))}")


try:
    for scenario, arguments in SCENARIOS.items():
        sweep(scenario, arguments)
    odd_targets()
    together()
finally:
    shutil.rmtree(work, ignore_errors=True)
print("\n".join(problems[:60]))
print(", ".join(f"{count} {what}" for what, count in counts.items()) + f", {len(problems)} bad outcomes")
sys.exit(1 if problems or not counts else 0)
