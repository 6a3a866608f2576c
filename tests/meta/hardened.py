#!/usr/bin/env python3
"""The program is linked as lib/cmake/harden.cmake says, and every file of a release is compiled so.
usage: hardened.py SOURCE_DIR PROGRAM BUILD_TYPE SANITIZERS"""
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

source, program, build_type, sanitizers = sys.argv[1:5]
if not shutil.which("readelf"):
    print("SKIP: there is no readelf")
    sys.exit(77)
if sanitizers:
    print(f"SKIP: a build with -fsanitize={sanitizers} is not hardened")
    sys.exit(77)
wrong = []


def readelf(*arguments):
    return subprocess.run(["readelf", "-W", *arguments, program], capture_output=True, text=True, check=True).stdout


def expect(holds, what):
    if not holds:
        wrong.append(what)


segments = readelf("-l")
dynamic = readelf("-d")
symbols = readelf("--dyn-syms")
stack = [line.split() for line in segments.splitlines() if "GNU_STACK" in line]
expect("DYN (" in readelf("-h"), "not position independent")
expect("GNU_RELRO" in segments, "no RELRO")
expect("BIND_NOW" in dynamic or "Flags: NOW" in dynamic, "functions are not bound at the start")
expect(stack and "RWE" not in stack[0] and "E" not in stack[0][-2], "the stack can be executed")
expect(not any(" RWE " in line for line in segments.splitlines()), "a segment can be written and executed")
expect("RPATH" not in dynamic and "RUNPATH" not in dynamic, "libraries are looked for in a folder of the build")
if build_type != "Debug":
    expect("__stack_chk_fail" in symbols, "no stack protector")
    expect("_chk@" in symbols.replace("__stack_chk", ""), "nothing of the C library is checked")

# A release, whatever this build is: how it would be compiled.
with tempfile.TemporaryDirectory() as build:
    made = subprocess.run(["cmake", "-S", source, "-B", build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=RelWithDebInfo", "-DBUILD_TESTING=OFF"],
                          capture_output=True, text=True, check=False)
    if made.returncode:
        sys.exit(made.stdout + made.stderr)
    commands = json.loads((pathlib.Path(build) / "compile_commands.json").read_text())
    expect(len(commands) > 100, "no compile commands")
    for entry in commands:
        if not pathlib.Path(entry["file"]).is_relative_to(pathlib.Path(source) / "lib") and "/tools/" not in entry["file"]:
            continue
        for flag in ("-O2", "-D_FORTIFY_SOURCE=3", "-D_GLIBCXX_ASSERTIONS", "-fstack-protector-strong", "-fstack-clash-protection"):
            expect(flag in entry["command"].split(), f"{entry['file']}: compiled without {flag}")
print("\n".join(wrong[:20]))
sys.exit(1 if wrong else 0)
