#!/usr/bin/python3
"""Our reader of config.ini and Python's configparser, which Ganeti uses, agree: on hand-made corners and on thousands of mutations."""
import configparser
import json
import os
import random
import subprocess
import sys
import tempfile

SEED = 20240229
CORNERS = [
    "[a]\nx = 1\n  two\n\n  three\ny=2\n", "[a]\nx = 1\n# c\n  two\n", "[a]\nx\n", "[a]\nx=\n", "[a]\n  y=5\n x=3\n", "[a]\nX=5\nx=3\n",
    "[a]\n[a]\n", "x=1\n", "[a]\n=5\n", "[a]\nx: 5 ; c\ny : = 4\n", "[a] junk\nx=1\n", "[a]junk]b\nx=1\n",
    "[DEFAULT]\nq=1\n[a]\nx=%(q)s %(nope)s\n", "[DEFAULT]\nq=1\n[a]\nx=%(q)s%%\n", "[a]\nx=%(x)s\n", "[a]\nx=50%\n", "[a]\nx=50%d\n",
    "[a]\nx=%(y)s\ny=%(Z)s\nz=7\n", "[a]\nx = a\n ; comm\n  b # not\n", "[a\nx=1\n", "\ufeff[a]\nx=1\n", "[a]\r\nx=1\r\n",
    "[a]\n  \tx=1\n    y=2\nz=3\n", "[a]\nx=1\n\n\n y=2\n", "[a]\nx=1\n[b]\n y=2\n", "[a]\nx=1\n [b]\n y=2\n", "[a]\nrem foo\nx=1\n",
    "[]\nx=1\n", "[a]\nkey with space = v\n", "[a]\nx=%(y\ny=1", "[a]\nx=%()s\n", "[a]\nx=%(y))s\ny=1\n", "", "\n\n", "; only\n", "[a]",
    "[a]\nx = %(y)s%(y)s\ny = %%\n", "[DEFAULT]\n[DEFAULT]\nx=1\n[b]\n", "[a]\nx=1\n[DEFAULT]\nx=2\nz=3\n",
    "[a]\n" + "".join("k%d = %%(k%d)s\n" % (i, i + 1) for i in range(12)) + "k12 = end\n",
    "[a]\n" + "".join("k%d = %%(k%d)s\n" % (i, i + 1) for i in range(9)) + "k9 = end\n",
]
REAL = """[export]
version = 0
os = noop+default
[instance]
name = web.example.com
hypervisor = kvm
nic0_mac = aa:00:00:11:22:33
nic0_link = br0
nic0_mode = bridged
disk0_size = 64
tags = a b
[hypervisor]
kernel_args = ro x=50%% %(acpi)s
acpi = True
[backend]
maxmem = 512
  more
minmem = 256
"""
PIECES = ["%", "%%", "%(acpi)s", "%(", ")s", "[", "]", "[x]", "=", ":", "\n", "\n  ", "\n\t", ";", "#", " ", "  ", "\nX = 1", "[DEFAULT]", "%(X)s", "None", "\r\n"]


def theirs(text):
    parser = configparser.ConfigParser()
    try:
        parser.read_string(text)
        return {name: dict(parser.items(name)) for name in parser.sections()}
    except configparser.Error:
        return None


def main():
    chance = random.Random(SEED)
    texts = list(CORNERS)
    for _ in range(4000):
        text = chance.choice([REAL, chance.choice(CORNERS)])
        for _ in range(chance.randint(1, 4)):
            at = chance.randint(0, len(text))
            text = text[:at] + chance.choice(PIECES) + text[at + chance.choice([0, 0, 1, 3]):]
        texts.append(text)
    bad = agreed = refused = 0
    with tempfile.TemporaryDirectory() as folder:
        names = []
        for i, text in enumerate(texts):
            names.append(os.path.join(folder, "%d.ini" % i))
            with open(names[-1], "w", encoding="utf-8", newline="") as handle:
                handle.write(text)
        lines = []
        for start in range(0, len(names), 500):
            lines += subprocess.run([sys.argv[1], "parse"] + names[start:start + 500], check=True, capture_output=True, text=True).stdout.splitlines()
    for text, line in zip(texts, lines):
        ours, wanted = json.loads(line), theirs(text)
        if wanted is None and ours["error"]:
            refused += 1
        elif wanted is not None and not ours["error"] and ours["sections"] == wanted:
            agreed += 1
        else:
            bad += 1
            if bad < 10:
                print("FAIL %r\n  configparser: %s\n  ovfkit: %s" % (text, wanted, line))
    print("%d texts: %d read alike, %d refused by both, %d differ" % (len(texts), agreed, refused, bad))
    return 1 if bad or len(lines) != len(texts) or agreed < 100 or refused < 100 else 0


if __name__ == "__main__":
    sys.exit(main())
