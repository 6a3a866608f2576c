#!/usr/bin/env python3
"""Every command line we write starts QEMU (TCG, stopped), and its balloon is there or not as the source and the report say.
usage: starts.py OVFKIT SAMPLES [CORPUS]"""
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

TOOL = sys.argv[1]
QMP = "".join('{"execute":"%s"%s}' % (name, arguments) for name, arguments in [
    ("qmp_capabilities", ""), ("query-balloon", ""), ("qom-list", ',"arguments":{"path":"/machine/peripheral"}'), ("quit", "")])


def skip(why):
    print("SKIPPED: " + why)
    sys.exit(77)


def image(path, driver, folder):
    """A blank image of that format in the scratch folder."""
    made = os.path.join(folder, driver + ".img")
    if driver == "raw" or not shutil.which("qemu-img"):
        with open(made, "wb") as handle:
            handle.truncate(1 << 20)
    elif not os.path.exists(made):
        subprocess.run(["qemu-img", "create", "-q", "-f", driver, made, "1M"], check=True)
    own = os.path.join(folder, "%d-%s" % (len(os.listdir(folder)), os.path.basename(path)[-40:]))
    shutil.copy(made, own)
    return own


def runnable(argv, folder):
    """What this machine has not: images, bridges, a TPM, the firmware's variables; and no more memory than it has."""
    out, words = [argv[0]], iter(argv[1:])
    for word in words:
        if word in ("-nodefaults",):
            out.append(word)
            continue
        value = next(words)
        if "tpm" in value and word in ("-chardev", "-tpmdev", "-device"):
            continue
        if word == "-blockdev":
            driver = re.search(r"driver=(\w+)", value).group(1)
            path = re.search(r"file\.filename=(.*)$", value).group(1)
            value = value.replace("file.filename=" + path, "file.filename=" + image(path.replace(",,", ""), driver, folder))
        elif word == "-netdev":
            value = "user,id=" + re.search(r"id=([^,]+)", value).group(1)
        elif word == "-drive" and "unit=1" in value:
            value = re.sub(r"file=.*$", "file=" + variables(folder), value)
        elif word == "-m":
            value = "size=256M" if "maxmem" not in value else "size=256M,slots=16,maxmem=1G"
        elif word == "-smp" and int(value.split(",")[0]) > 8:
            value = "1"
        elif word in ("-vnc", "-spice"):
            continue
        out += [word, value]
    return out + ["-no-user-config", "-S", "-qmp", "stdio"]


def variables(folder):
    path = os.path.join(folder, "vars.fd")
    shutil.copy("/usr/share/OVMF/OVMF_VARS_4M.fd", path)
    return path


def wanted(state, rows):
    if state != "unspecified":
        return state == "enabled"
    for row in rows:
        if row["field"] == "balloon.state":
            return ": enabled is written" in row["detail"]
    raise ValueError("unspecified, and the report does not say what became of it")


def check(path):
    """Lines of failure, number of machines started."""
    with tempfile.TemporaryDirectory() as folder:
        report = os.path.join(folder, "report.json")
        command = [TOOL, "convert", str(path), "--to", "qemu-argv", "-O", "qemu.accel=tcg", "-q", "--lenient", "-o", folder + "/out/", "--report", report]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            return ([], 0) if done.returncode in (3, 4) else ([f"{path}: exit {done.returncode}: {done.stderr[-300:]}"], 0)
        told = json.loads(pathlib.Path(report).read_text())
        reports = told if isinstance(told, list) else told.get("reports", [told])
        states = [line.rsplit(": ", 1)[1].split()[0] for line in
                  subprocess.run([TOOL, "balloon", "get", str(path)], capture_output=True, text=True, check=False).stdout.splitlines()]
        texts = sorted(pathlib.Path(folder, "out").glob("**/*.json"))
        bad, count = [], 0
        if not texts or (len(texts) == 1) != (len(states) == 1):
            return [f"{path}: {len(texts)} texts for {len(states)} machines"], 0
        for index, text in enumerate(texts):
            argv = json.loads(text.read_text())
            if not shutil.which(argv[0]):
                continue
            scratch = os.path.join(folder, "images%d" % index)
            os.mkdir(scratch)
            run = subprocess.run(runnable(argv, scratch), input=QMP, capture_output=True, text=True, timeout=60, check=False)
            count += 1
            if run.returncode != 0 or "peripheral" in run.stderr or '"name"' not in run.stdout and "return" not in run.stdout:
                bad.append(f"{path}: {text.name}: {run.stderr[-300:]}")
                continue
            device = '"actual"' in run.stdout
            listed = '"name": "balloon0"' in run.stdout
            said = any("virtio-balloon" in word for word in argv)
            if not device == listed == said:
                bad.append(f"{path}: {text.name}: query-balloon {device}, qom-list {listed}, argv {said}")
            if len(texts) == 1 and device != wanted(states[0], reports[0]["rows"]):
                bad.append(f"{path}: {text.name}: the source says {states[0]}, QEMU has {device}")
        return bad, count


def main():
    if not shutil.which("qemu-system-x86_64"):
        skip("qemu-system-x86_64 is not installed")
    if not os.path.exists("/usr/share/OVMF/OVMF_CODE_4M.ms.fd"):
        skip("OVMF is not installed")
    files = sorted(pathlib.Path(sys.argv[2]).glob("**/*"))
    files = [f for f in files if f.suffix in (".ovf", ".xml", ".conf", ".sh", ".ini") and f.name != "run.sh"]
    own = len(files)
    if len(sys.argv) > 3 and os.path.isdir(sys.argv[3]):
        files += sorted(pathlib.Path(sys.argv[3]).glob("**/*.ovf"))
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = list(pool.map(check, files))
    bad = [line for lines, _ in results for line in lines]
    count = sum(number for _, number in results)
    print("\n".join(bad[:40]))
    print(f"{own} samples, {len(files) - own} descriptors of the corpus: {count} machines started, {len(bad)} failed")
    sys.exit(1 if bad or count < own // 2 else 0)


if __name__ == "__main__":
    main()
