#!/usr/bin/env python3
"""Hostile inputs through the real program: every command that takes such an input, each run held to what its case says
(cases.py) and to this: nothing made, changed or removed but the output; no output and nothing temporary after a failure; no
signal, no raw control character, no secret on a stream; memory and time within bounds.
usage: run.py PROGRAM [--only PATTERN] [--sanitizer] [-v]"""
import argparse
import fnmatch
import os
import pathlib
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time

CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
MEMORY = 256 << 20
ADDRESS_SPACE = 2 << 30
SECONDS = 5
REFUSED = {"document": {3, 4}, "reader": {3, 4}, "meaning": {3, 4}, "archive": {3, 4, 5, 6}, "package": {3, 4, 5, 6}, "text": {3, 4}, "digest": {3, 4, 5}, "disk": {3, 4, 5, 6}}

TRANSLATIONS = {
    "convert to libvirt": ["convert", "IN", "--to", "libvirt", "-o", "OUT/vm.xml"],
    "convert to ganeti": ["convert", "IN", "--to", "ganeti", "-o", "OUT/config.ini"],
    "import": ["import", "IN", "--to", "libvirt", "-o", "OUT/vm"],
}
LOOKS = {
    "inspect": ["inspect", "IN"],
    "inspect --json": ["inspect", "IN", "--json"],
    "balloon get": ["balloon", "get", "IN"],
}
PACKAGE = {
    "verify": ["verify", "IN"],
    "pack": ["pack", "IN", "-o", "OUT/packed.ova"],
}
COMMANDS = {
    "ovf": {**LOOKS, **TRANSLATIONS, **PACKAGE,
            "convert to dmtf": ["convert", "IN", "--to", "dmtf", "-o", "OUT/out.ovf"],
            "convert to qemu": ["convert", "IN", "--to", "qemu", "-o", "OUT/vm.sh"],
            "balloon set": ["balloon", "set", "enabled", "IN", "-o", "OUT/out.ovf"],
            "edit": ["edit", "IN", "--cpus", "3", "-o", "OUT/out.ovf"],
            "env": ["env", "IN", "-o", "OUT/env.xml"],
            "diff": ["diff", "IN", "IN"]},
    "ova": {**LOOKS, **TRANSLATIONS, **PACKAGE,
            "unpack": ["unpack", "IN", "-o", "OUT/folder"],
            "unpack -": ["unpack", "-", "-o", "OUT/folder"],
            "inspect -": ["inspect", "-"]},
    "text": {**LOOKS,
             "convert to dmtf": ["convert", "IN", "--to", "dmtf", "-o", "OUT/out.ovf"],
             "convert to kubevirt": ["convert", "IN", "--to", "kubevirt", "-o", "OUT/vm.yaml"],
             "export": ["export", "IN", "-o", "OUT/out.ova"]},
}
# Which commands must refuse what a case gets wrong; `document`: all of them.
REFUSE = {
    "reader": {*LOOKS, *TRANSLATIONS, "convert to dmtf", "convert to qemu", "balloon set", "edit", "env", "diff"},
    "meaning": {"convert to libvirt", "convert to ganeti", "import", "export"},
    "text": {"convert to dmtf", "convert to kubevirt", "export"},
    "package": {"verify", "pack", "unpack", "unpack -", "import", "export"},
    "digest": {"verify", "pack", "unpack", "unpack -", "import"},
    "disk": {"import", "export"},
}


def put(folder, name, content):
    path = folder / name
    if isinstance(content, tuple):
        kind, *rest = content
        if kind == "link":
            path.symlink_to(rest[0])
        elif kind == "fifo":
            os.mkfifo(path)
        else:
            with open(path, "wb") as file:
                file.truncate(rest[0])
    else:
        path.write_bytes(content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content)


def snapshot(root, but):
    seen = {}
    for folder, folders, files in os.walk(root):
        if pathlib.Path(folder) == but:
            folders.clear()
            continue
        for name in folders + files:
            info = os.lstat(os.path.join(folder, name))
            seen[os.path.join(folder, name)] = (info.st_mode, info.st_ino, info.st_size if not os.path.isdir(os.path.join(folder, name)) else 0, info.st_mtime_ns if name not in ("out",) else 0)
    return seen


class Runner:
    def __init__(self, program, work, sanitizer):
        self.program, self.work, self.sanitizer = os.path.abspath(program), work, sanitizer
        for name in ("in", "outside", "cwd", "out", "home", "tmp"):
            (work / name).mkdir()
        (work / "outside" / "secret").write_bytes(b"KDMV" + b"\n" + __import__("forge").CANARY * 40)
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(work / "home"), "TMPDIR": str(work / "tmp"), "LC_ALL": "C.UTF-8", **{k: v for k, v in os.environ.items() if "SAN_OPTIONS" in k}}
        help_text = subprocess.run([self.program, "--help"], capture_output=True, text=True, check=True).stdout
        self.known = set(re.findall(r"^  ([a-z]+) ", help_text, re.M))

    def limits(self):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if not self.sanitizer:
            resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))

    def execute(self, arguments, given):
        out, err = self.work / "stdout", self.work / "stderr"
        begin = time.monotonic()
        with open(out, "wb") as o, open(err, "wb") as e, open(given if given else os.devnull, "rb") as i:
            process = subprocess.Popen([self.program, *arguments], stdin=i, stdout=o, stderr=e, cwd=self.work / "cwd", env=self.environment, preexec_fn=self.limits)
            timer = time.monotonic() + SECONDS * (12 if self.sanitizer else 4)
            while True:
                pid, status, usage = os.wait4(process.pid, os.WNOHANG)
                if pid:
                    break
                if time.monotonic() > timer:
                    process.kill()
                time.sleep(0.001)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.monotonic() - begin
        streams = out.read_bytes()[:4 << 20], err.read_bytes()[:4 << 20]
        out.unlink(), err.unlink()
        return process.returncode, wall, usage.ru_maxrss << 10, streams

    def problems(self, case, label, code, wall, memory, streams):
        out, err = (text.decode("utf-8", "backslashreplace") for text in streams)
        # `inspect -` reads an archive no further than it must.
        must = case.expect == "document" or (case.expect == "archive" and label != "inspect -") or label in REFUSE.get(case.expect, ())
        cannot = code == 2 and ("holds" in err or "cannot be read twice" in err)
        if code < 0:
            yield f"signal {-code}"
        elif case.expect == "accept" and code != 0 and not cannot:
            yield f"exit {code}, must be accepted: {err.strip()[:200]}"
        elif must and code not in REFUSED[case.expect] and not cannot:
            yield f"exit {code}, must be refused with one of {sorted(REFUSED[case.expect])}: {err.strip()[:200]}"
        elif code not in (0, 1, 2, 3, 4, 5, 6) or (code == 2 and not cannot) or (code == 1 and label not in ("verify", "diff")):
            yield f"exit {code}: {err.strip()[:200]}"
        if must and code in REFUSED.get(case.expect, ()) and case.holds and not any(rule in err for rule in case.holds):
            yield f"names none of {case.holds}: {err.strip()[:200]}"
        if code not in (0, 1) and not err.strip():
            yield "says nothing"
        if not self.sanitizer and wall > SECONDS:
            yield f"took {wall:.1f} s"
        if not self.sanitizer and memory > MEMORY:
            yield f"{memory >> 20} MiB of memory"
        if re.search(r"ERROR: \w+Sanitizer|runtime error:", err):
            yield "sanitizer: " + err[:400]
        from forge import CANARY, PASSWORD
        for name, text in (("output", out), ("errors", err)):
            if CANARY.decode() in text:
                yield f"host file on the standard {name}"
            if PASSWORD in text:
                yield f"password on the standard {name}"
            if found := CONTROL.search(text):
                yield f"raw {found.group()!r} on the standard {name}"

    def written(self, code):
        from forge import CANARY, PASSWORD
        paths = [p for p in (self.work / "out").rglob("*") if not p.is_dir() or p.is_symlink()]
        if code not in (0, 1) and list((self.work / "out").iterdir()):
            yield f"left after a failure: {[p.name for p in (self.work / 'out').iterdir()]}"
        for path in paths:
            if not path.is_file() or path.is_symlink():
                yield f"no regular file: {path.name!r}"
                continue
            if ".ovfkit-" in path.name:
                yield f"temporary file: {path.name!r}"
            with open(path, "rb") as file:
                data = file.read(8 << 20)
            if CANARY in data:
                yield f"host file in {path.name!r}"
            if PASSWORD.encode() in data and path.stat().st_mode & 0o077 and path.suffix in (".xml", ".ini", ".sh", ".yaml"):
                yield f"password in {path.name!r}, which others can read"

    def run(self, case):
        for name in ("in", "out"):
            shutil.rmtree(self.work / name)
            (self.work / name).mkdir()
        for name, content in case.files.items():
            put(self.work / "in", name, content)
        given = str(self.work / "in" / case.input)
        for label, command in COMMANDS[case.kind if case.kind in COMMANDS else "text"].items():
            if command[0] not in self.known:
                continue
            before = snapshot(self.work, self.work / "out")
            arguments = [word.replace("OUT", str(self.work / "out"), 1) if word.startswith("OUT") else given if word == "IN" else word for word in command]
            code, wall, memory, streams = self.execute(arguments, given if "-" in command else None)
            found = list(self.problems(case, label, code, wall, memory, streams)) + list(self.written(code))
            after = snapshot(self.work, self.work / "out")
            found += [f"{'removed' if p not in after else 'made' if p not in before else 'changed'} outside the output: {p}" for p in before.keys() | after.keys() if before.get(p) != after.get(p)]
            yield label, code, found
            shutil.rmtree(self.work / "out")
            (self.work / "out").mkdir()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument("--only", default="*")
    parser.add_argument("--sanitizer", action="store_true")
    parser.add_argument("-v", action="store_true")
    options = parser.parse_args()
    work = pathlib.Path(tempfile.mkdtemp(prefix="ovfkit-attack-"))
    os.umask(0o022)
    os.environ["OVFKIT_OUTSIDE"] = str(work / "outside")
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    import every
    try:
        runner = Runner(options.program, work, options.sanitizer)
        cases = runs = bad = 0
        for case in every.cases():
            if not fnmatch.fnmatch(case.name, options.only):
                continue
            cases += 1
            failed = False
            for label, code, problems in runner.run(case):
                runs += 1
                if options.v:
                    print(f"{case.name}: {label}: exit {code}")
                for problem in problems:
                    failed = True
                    print(f"{case.name} ({case.expect}): {label}: {problem}".encode("ascii", "backslashreplace").decode())
            bad += failed
    finally:
        shutil.rmtree(work, ignore_errors=True)
    for command in sorted({c[0] for commands in COMMANDS.values() for c in commands.values()} - runner.known):
        print(f"not run: this program has no `{command}`")
    print(f"{cases} cases, {runs} runs, {bad} cases failed")
    sys.exit(1 if bad or not cases else 0)


if __name__ == "__main__":
    main()
