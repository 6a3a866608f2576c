#!/usr/bin/env python3
"""Inputs to start from: the samples, and what the attack cases hold, by target.  usage: seeds.py SOURCE_DIR OUT_DIR"""
import pathlib
import shutil
import subprocess
import sys
import tempfile

root, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
sys.path.insert(0, str(root / "tests" / "attack"))
import every  # noqa: E402
import forge  # noqa: E402

LARGEST = 1 << 17
count = 0


def put(target, name, data):
    global count
    data = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    if len(data) <= LARGEST:
        (out / target).mkdir(parents=True, exist_ok=True)
        (out / target / name).write_bytes(data)
        count += 1


def samples():
    for path in sorted((root / "samples").rglob("*")) + sorted((root / "tests" / "unit" / "dialect").rglob("*.ovf")):
        if not path.is_file() or path.suffix in {".cpp", ".sh", ".txt"} and "qemu" not in path.parts:
            continue
        data = path.read_bytes()
        if path.suffix == ".ovf":
            put("descriptor", path.name, data)
            put("reports", path.name, data)
            put("reports", "two-" + path.name, data + b"\0" + forge.BASE.encode())
        elif path.suffix == ".xml":
            put("libvirt", path.name, data)
        elif path.name == "config.ini":
            put("ganeti", path.name, data)
        for form in range(8):
            if path.suffix != ".ovf":
                put("platforms", f"{form}-{path.name}", bytes([form]) + data)


def cases():
    for case in every.cases():
        for name, data in case.files.items():
            if isinstance(data, tuple) or len(data) > LARGEST:
                continue
            suffix = name.rsplit(".", 1)[-1]
            target = {"ovf": "descriptor", "ova": "package", "vmdk": "vmdk", "qcow2": "qcow2", "xml": "libvirt", "ini": "ganeti"}.get(suffix)
            if target:
                put(target, f"{case.name}-{name}", data)
            if data[:2] == b"\x1f\x8b":
                put("compressed", case.name, data)


def small_ones():
    right = forge.digests([("vm.ovf", forge.BASE), ("disk1.vmdk", b"x")])
    for i, text in enumerate([right, right.replace("SHA256", "SHA2-256"), forge.digests([("a b(c)=d", b"")], "sha512"), "SHA1(x)= " + "0" * 40 + "\r\n", "a%20b/c.vmdk"]):
        put("manifest", str(i), text)
    for text in ["byte * 2^20", "byte*1024*1024", "MegaBytes", "hertz * 10^6", "18446744073709551615", "0", "00042", "percent", "kibibyte"]:
        put("numbers", text.replace(" ", "_").replace("*", "x"), text)
    for bits in (9, 12):
        put("qcow2", f"plain{bits}", forge.qcow2(bits=bits))
    small = forge.vmdk(capacity=128, grain=16, grains=[(0, __import__("zlib").compress(b"ab" * 4096), None), (32, __import__("zlib").compress(bytes(8192)), None)])
    put("vmdk", "small", small[:LARGEST])
    put("package", "small", forge.package(disk=b"disk", manifest=forge.digests([("vm.ovf", forge.BASE), ("disk1.vmdk", b"disk")])))
    for kind in ("gzip", "bz2", "lzma"):
        module = __import__(kind)
        put("compressed", kind, module.compress(b"ovfkit " * 500))
    put("compressed", "base64", "b3Zma2l0")
    for i in range(16):
        put("roundtrip", str(i), bytes((i * 37 + j * 11) % 256 for j in range(60)))
    put("certificate", "plain", "SHA256(in.mf)= " + "ab" * 256 + "\n-----BEGIN CERTIFICATE-----\nMIID\n-----END CERTIFICATE-----\n")
    if shutil.which("openssl"):
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(["openssl", "req", "-x509", "-nodes", "-newkey", "rsa:2048", "-keyout", "k", "-out", "c", "-subj", "/CN=fuzz"], cwd=folder, capture_output=True, check=False)
            if done.returncode == 0:
                put("certificate", "real", b"SHA256(in.mf)= " + b"ab" * 256 + b"\n" + (pathlib.Path(folder) / "c").read_bytes())


shutil.rmtree(out, ignore_errors=True)
samples()
cases()
small_ones()
print(f"{count} inputs")
