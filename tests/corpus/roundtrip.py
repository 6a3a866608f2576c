#!/usr/bin/env python3
"""Real descriptors there and back through the program.

usage: roundtrip.py OVFKIT FOLDER [FORMAT... | --real]

With the descriptor travelling along the first bytes come back; without it whatever differs was announced. Prints how many
came back how. Through every format when none is named; --real:
through libvirt, and a real one stores and dumps the text.
"""
import collections
import json
import os
import shutil
import subprocess
import sys


def main():
    tool, folder, *formats = sys.argv[1:]
    through = [word for name in formats for word in ("--through", name)] or ["--matrix"]
    if formats == ["--real"]:
        if not shutil.which("virsh"):
            print("SKIP: virsh is not there")
            return 77
        through = ["--through", "libvirt", "-O", "libvirt.uri=test:///default", "-O", "libvirt.type=test"]
    if not os.path.isdir(folder):
        print(f"SKIP: {folder} is not there")
        return 77
    done = subprocess.run([tool, "roundtrip", "--json", "-q", *through, folder],
                          stdout=subprocess.PIPE, check=False)
    results = json.loads(done.stdout)["results"]
    counts = collections.Counter()
    wrong = []
    for result in results:
        way = result["through"] + (" with origin" if result["with_origin"] else "")
        counts[way, result["verdict"]] += 1
        if result["verdict"] == "unnamed" or result["with_origin"] and result["verdict"] not in ("identical", "refused"):
            wrong.append((result["file"], way, result["verdict"], result["reason"],
                          [row["path"] for row in result["rows"] if not row["named"]][:5]))
    for (way, verdict), number in sorted(counts.items()):
        print(f"{way:24} {verdict:10} {number}")
    for one in wrong:
        print("WRONG", *one)
    identical = counts["libvirt with origin", "identical"]
    if wrong or identical == 0:
        return 1
    print(f"{len(results)} round trips, nothing unannounced")
    return 0


if __name__ == "__main__":
    sys.exit(main())
