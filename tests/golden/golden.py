#!/usr/bin/env python3
"""Runs transcripts of the real program.

usage: golden.py --tool DIR --source DIR FILE...

A transcript is text with
    $ COMMAND     run by bash in a scratch folder that holds copies of samples/ and tests/golden/input/
    > LINE        of its standard output      (`>|` when the last line has no newline)
    ! LINE        of its standard error
    = N           its exit code, when it is not 0
and lines that start with # or are empty. With OVFKIT_BLESS=1 the transcripts are written anew: read the change.
"""
import argparse
import difflib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile


def quoted(mark, data):
    text = data.decode("utf-8", "backslashreplace")
    if not text:
        return []
    whole = text.endswith("\n")
    lines = text.split("\n")
    if whole:
        lines.pop()
    out = [f"{mark} {line}".rstrip(" ") if line else mark for line in lines]
    if not whole:
        out[-1] = f"{mark}| {lines[-1]}"
    return out


def run(command, folder, environment):
    done = subprocess.run(["bash", "-c", command], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=120, check=False)
    rows = quoted(">", done.stdout) + quoted("!", done.stderr)
    if done.returncode != 0:
        rows.append(f"= {done.returncode}")
    return rows


def replay(path, folder, environment):
    """The transcript as it should be, were the program right now."""
    out = []
    for line in path.read_text().split("\n"):
        if line.startswith("$ "):
            out.append(line)
            out += run(line[2:], folder, environment)
        elif not line.startswith((">", "!", "= ")):
            out.append(line)
    return "\n".join(out)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tool", required=True)
    parser.add_argument("--source", required=True, type=pathlib.Path)
    parser.add_argument("files", nargs="+", type=pathlib.Path)
    arguments = parser.parse_args()
    environment = {"PATH": f"{arguments.tool}:{os.environ['PATH']}", "HOME": "/nonexistent", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    failed = 0
    for path in arguments.files:
        with tempfile.TemporaryDirectory() as folder:
            shutil.copytree(arguments.source / "samples", f"{folder}/samples")
            shutil.copytree(arguments.source / "tests/golden/input", f"{folder}/input")
            now = replay(path, folder, environment)
        was = path.read_text()
        if now == was:
            continue
        if os.environ.get("OVFKIT_BLESS") == "1":
            path.write_text(now)
            print(f"{path}: written anew")
            continue
        failed += 1
        sys.stdout.writelines(difflib.unified_diff(was.splitlines(True), now.splitlines(True), str(path), "now"))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
