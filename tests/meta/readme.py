#!/usr/bin/env python3
"""README.md: every command runs, its balloon matrix and table of formats are what the tool prints, its links lead somewhere.
usage: readme.py SOURCE_DIR TOOL_DIR

Blocks marked ```sh run in the order they stand, in a scratch copy of samples/, with the tool in the PATH. A block after
a line `<!-- not re-run -->` is only looked at: its programs must exist."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

root, tool = pathlib.Path(sys.argv[1]), sys.argv[2]
readme = (root / "README.md").read_text()
wrong = []
ran = 0

environment = dict(os.environ, PATH=f"{tool}:{os.environ['PATH']}")
with tempfile.TemporaryDirectory() as folder:
    shutil.copytree(root / "samples", f"{folder}/samples")
    for skipped, block in re.findall(r"(<!-- not re-run -->\n)?```sh\n(.*?)```", readme, re.S):
        if skipped:
            for command in block.splitlines():
                if not (root / command.split()[0]).exists():
                    wrong.append(f"{command}: there is no such program")
            continue
        ran += 1
        done = subprocess.run(["bash", "-euc", block], cwd=folder, env=environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            wrong.append(f"exit {done.returncode} of\n{block}{done.stdout}{done.stderr}")


def printed(*arguments):
    return subprocess.run([f"{tool}/ovfkit", *arguments], capture_output=True, text=True, check=True).stdout


matrix = printed("formats", "--balloon")
if matrix not in readme:
    wrong.append("the balloon matrix is not what `ovfkit formats --balloon` prints:\n" + matrix)
if "LOST" in matrix:
    wrong.append("the balloon matrix shows a silent loss")
for row in printed("formats").splitlines()[1:]:
    if f"`{row.split()[0]}`" not in readme:
        wrong.append(f"the table of formats lacks {row.split()[0]}")
for link in re.findall(r"\]\(([^)#:]+)\)", readme):
    if not (root / link).exists():
        wrong.append(f"{link}: the link leads nowhere")
print(f"{ran} blocks ran")
print("\n".join(wrong))
sys.exit(1 if wrong or ran == 0 else 0)
