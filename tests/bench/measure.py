#!/usr/bin/env python3
"""Run commands interleaved and compare them.

measure.py N NAME=COMMAND...   runs all commands N times in turn; prints the medians of wall and processor seconds
                               and of the largest memory, and the ratio of each to the first.
Exit 1 when a command fails. With --json the figures come as one JSON object.
"""
import json
import os
import shlex
import statistics
import sys
import time


def run(words):
    start = time.perf_counter()
    pid = os.fork()
    if pid == 0:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        try:
            os.execvp(words[0], words)
        finally:
            os._exit(127)
    _, status, usage = os.wait4(pid, 0)
    wall = time.perf_counter() - start
    if status != 0:
        sys.exit(f"failed with status {status}: {' '.join(words)}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024


def main():
    args = sys.argv[1:]
    as_json = "--json" in args
    args = [a for a in args if a != "--json"]
    count = int(args[0])
    commands = [(name, shlex.split(command)) for name, _, command in (a.partition("=") for a in args[1:])]
    seen = {name: [] for name, _ in commands}
    for _ in range(count):
        for name, words in commands:
            seen[name].append(run(words))
    rows = {name: [statistics.median(column) for column in zip(*runs)] for name, runs in seen.items()}
    if as_json:
        json.dump({name: dict(zip(("wall", "cpu", "rss"), row)) for name, row in rows.items()}, sys.stdout)
        return
    first = rows[commands[0][0]]
    print(f"{'':18}{'wall s':>9}{'cpu s':>9}{'MiB':>9}   x wall    x cpu    x mem   (medians of {count})")
    for name, row in rows.items():
        ratios = "".join(f"{value / base:9.2f}" for value, base in zip(row, first))
        print(f"{name:18}{row[0]:9.3f}{row[1]:9.3f}{row[2] / 2**20:9.1f}{ratios}")


if __name__ == "__main__":
    main()
