#!/usr/bin/python3
"""QEMU starts with the command lines Ganeti makes of our parameters, and its monitor finds the balloon they promise."""
import os
import re
import subprocess
import sys
import tempfile

import gnt

STOCK = gnt.Cluster()
QEMU = "/usr/bin/qemu-system-x86_64"
if not os.path.exists(QEMU) or not os.path.exists("/usr/bin/kvm"):
    gnt.skip(QEMU + " is not there (apt install qemu-system-x86)")


def runnable(argv, image):
    """The same machine without what needs a cluster: sockets, taps, block devices, the background."""
    out, skip = [], 0
    for i, word in enumerate(argv[1:], 1):
        if skip:
            skip -= 1
            continue
        following = argv[i + 1] if i + 1 < len(argv) else ""
        if word in ("-pidfile", "-D", "-qmp", "-monitor", "-serial", "-uuid", "-name", "-vnc", "-spice", "-chroot", "-runas"):
            skip = 1
        elif word == "-daemonize":
            pass
        elif word == "-netdev":
            out += [word, "user,id=" + re.search(r"id=([^,]+)", following).group(1)]
            skip = 1
        elif word == "-drive":
            out += [word, re.sub(r"file=[^,]+", "file=" + image, following).replace("aio=native,", "") + ",snapshot=on"]
            skip = 1
        elif word == "-device" and ("spice" in following or "vport" in following or "virtserial" in following):
            skip = 1
        elif word == "-cpu" and following == "host":
            out += [word, "max"]
            skip = 1
        elif word == "-chardev":
            skip = 1
        else:
            out.append(word)
    return [QEMU] + out + ["-S", "-monitor", "stdio", "-serial", "null", "-display", "none"]


def machine_of(argv, image):
    command = [word.replace(",accel=kvm", "") for word in runnable(argv, image)]
    done = subprocess.run(command, input="info balloon\nquit\n", capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout + done.stderr


def main():
    seen, bad = set(), 0
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.argv[1], "write", folder], check=True)
        image = os.path.join(folder, "disk.raw")
        with open(image, "wb") as handle:
            handle.truncate(1 << 20)
        for entry in gnt.load(os.path.join(folder, "manifest.json")):
            if entry["refused"] or entry["form"] != "ganeti-hvparams" or entry["title"] == "spice":
                continue
            spec = gnt.from_parameters(gnt.load(os.path.join(folder, entry["file"])))
            if spec["hypervisor"] != "kvm" or "balloon" in spec["hvparams"]:
                continue
            argv = gnt.kvm_argv(gnt.check(spec, STOCK, False))
            shape = tuple(runnable(argv, image))
            if shape in seen:
                continue
            seen.add(shape)
            status, said = machine_of(argv, image)
            if status != 0 or "balloon: actual=512" not in said and "balloon: actual=516" not in said:
                bad += 1
                print("FAIL %s %s: status %s: %s" % (entry["title"], spec["hvparams"], status, said[-300:]))
    print("%d different machines started, %d failed" % (len(seen), bad))
    return 1 if bad or len(seen) < 20 else 0


if __name__ == "__main__":
    sys.exit(main())
