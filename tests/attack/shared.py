#!/usr/bin/env python3
"""The cases beside the checkout, by their own runner; its count is printed. Those of commands that the program does not have
are not judged, and counted.  usage: shared.py PROGRAM SHARED_DIR [--sanitizer]"""
import collections
import json
import os
import pathlib
import subprocess
import sys
import tempfile

program, shared = sys.argv[1], pathlib.Path(sys.argv[2])
runner = shared / "attack" / "run_attacks.py"
if not runner.exists():
    print(f"SKIP: no shared cases at {runner.parent}")
    sys.exit(77)
options = ["--time-factor", "10", "--rlimit-as", "0", "--rss-mib", "2048"] if "--sanitizer" in sys.argv else ["--time-factor", "2"]
known = subprocess.run([program, "--help"], capture_output=True, text=True, check=True).stdout
with tempfile.TemporaryDirectory() as folder:
    report = os.path.join(folder, "report.json")
    done = subprocess.run([sys.executable, runner, program, *options, "--json", report], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    print(done.stdout)
    results = json.loads(pathlib.Path(report).read_text())["results"]
missing = collections.Counter()
failed = 0
for case in results:
    commands = {failure["command"].split()[0] for failure in case["failures"]}
    absent = {command for command in commands if f"\n  {command} " not in known}
    if absent:  # its verdict is that of the command it is about
        missing.update(absent)
    elif commands:
        failed += 1
for command, count in missing.items():
    print(f"{count} cases need `{command}`, which this program does not have")
print(f"{len(results)} cases, {failed} failed")
sys.exit(1 if failed or not results else 0)
