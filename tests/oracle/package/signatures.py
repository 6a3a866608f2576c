#!/usr/bin/env python3
"""Signatures of openssl are understood, ours by openssl.  usage: signatures.py OVFKIT"""
import json
import re

from common import *

need("openssl")
folder = scratch()
OVF = descriptor()
MF = manifest([("vm.ovf", OVF), ("disk1.vmdk", DISK)])


def openssl(*arguments):
    return subprocess.run(["openssl", *arguments], capture_output=True, check=True).stdout


def certificate(name, *more, key="rsa:2048"):
    openssl("req", "-x509", "-nodes", "-sha256", "-days", "365", "-newkey", *key.split("|"), "-keyout", f"{name}.key", "-out", f"{name}.crt",
            "-subj", f"/CN=ovfkit {name}", *more)


def signed(name, mf=MF, digest="sha256", label=None, extra=b""):
    put("sign.mf", mf)
    raw = openssl("dgst", f"-{digest}", "-sign", f"{name}.key", "sign.mf")
    return f"{label or digest.upper()}(vm.mf)= {raw.hex()}\n".encode() + open(f"{name}.crt", "rb").read() + extra


def package(cert, mf=MF):
    return put("x.ova", archive(("vm.ovf", OVF), ("vm.mf", mf), *([("vm.cert", cert)] if cert is not None else []), ("disk1.vmdk", DISK)))


def verify(cert, *more, mf=MF):
    return ovfkit("verify", package(cert, mf), *more)


def state(result):
    return json.loads(result.stdout)["holds"] if result.stdout else None


certificate("a")
certificate("b")
certificate("ec", key="ec|-pkeyopt|ec_paramgen_curve:P-256")
certificate("short", key="rsa:1024")
GOOD = signed("a")

# What openssl signed.
for name, digest in (("a", "sha256"), ("a", "sha384"), ("a", "sha512"), ("ec", "sha256")):
    result = verify(signed(name, digest=digest), "--json")
    check(result.returncode == 0 and state(result) == "signature" and b"[package-certificate-untrusted]" in result.stderr, f"{name} {digest}", result)
    result = verify(signed(name, digest=digest), "--json", "--ca-file", f"{name}.crt", "--require-signature")
    check(result.returncode == 0 and state(result) == "trusted-signature", f"{name} {digest} trusted", result)
check(verify(GOOD, "--ca-file", "b.crt", "--require-signature").returncode == 5, "another key is trusted")
result = verify(GOOD, "--ca-file", "/dev/null", "--require-signature")
check(result.returncode == 5 and b"[package-signature-refused]" in result.stderr, "nothing is trusted", result)
for weak in (signed("a", digest="sha1"), signed("short")):
    result = verify(weak)
    check(result.returncode == 0 and b"[package-signature-weak]" in result.stderr, "a weak signature", result)
    check(verify(weak, "--require-signature", "--ca-file", "a.crt").returncode == 5, "a weak signature does when one is required")
with open("x.ova", "rb") as stream:
    check(subprocess.run([TOOL, "verify", "-"], stdin=stream, capture_output=True, check=False).returncode == 0, "from standard input")

# A chain: root, intermediate, signer.
openssl("req", "-new", "-nodes", "-newkey", "rsa:2048", "-keyout", "i.key", "-out", "i.csr", "-subj", "/CN=ovfkit middle")
put("ca.ext", b"basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign\n")
openssl("x509", "-req", "-in", "i.csr", "-CA", "a.crt", "-CAkey", "a.key", "-CAcreateserial", "-out", "i.crt", "-extfile", "ca.ext", "-days", "30")
openssl("req", "-new", "-nodes", "-newkey", "rsa:2048", "-keyout", "leaf.key", "-out", "leaf.csr", "-subj", "/CN=ovfkit leaf")
openssl("x509", "-req", "-in", "leaf.csr", "-CA", "i.crt", "-CAkey", "i.key", "-CAcreateserial", "-out", "leaf.crt", "-days", "30")
middle = open("i.crt", "rb").read()
check(verify(signed("leaf", extra=middle), "--ca-file", "a.crt", "--require-signature").returncode == 0, "a chain with its intermediate")
check(verify(signed("leaf"), "--ca-file", "a.crt", "--require-signature").returncode == 5, "a chain without it")

# VirtualBox's second signature.
put("sign.mf", MF)
cms = openssl("cms", "-sign", "-binary", "-in", "sign.mf", "-signer", "a.crt", "-inkey", "a.key", "-md", "sha256", "-outform", "PEM")
result = verify(GOOD + cms, "--json")
check(result.returncode == 0 and json.loads(result.stdout)["signature"]["cms"], "a CMS signature", result)
other = openssl("cms", "-sign", "-binary", "-in", "sign.mf", "-signer", "b.crt", "-inkey", "b.key", "-md", "sha256", "-outform", "PEM")
check(b"[package-signature-invalid]" in verify(GOOD + other).stderr, "a CMS signature by another certificate")
put("other.txt", b"other")
wrong = openssl("cms", "-sign", "-binary", "-in", "other.txt", "-signer", "a.crt", "-inkey", "a.key", "-md", "sha256", "-outform", "PEM")
check(verify(GOOD + wrong).returncode == 5, "a CMS signature of something else")

# Wrong in every way.
first = GOOD.split(b"\n")[0]
pem = open("a.crt", "rb").read()
for rule, code, cert, mf in [
        ("package-signature-invalid", 5, GOOD, MF + b"\n"),
        ("package-signature-invalid", 5, re.sub(rb"= [0-9a-f]{512}", b"= " + b"0" * 512, GOOD), MF),
        ("package-signature-invalid", 5, re.sub(rb"= [0-9a-f]{512}", b"= 00", GOOD), MF),
        ("package-signature-invalid", 5, first + b"\n" + open("b.crt", "rb").read(), MF),
        ("package-signature-malformed", 5, re.sub(rb"= [0-9a-f]{512}", b"= " + b"z" * 512, GOOD), MF),
        ("package-signature-malformed", 5, GOOD.replace(b"(vm.mf)", b"(other.mf)"), MF),
        ("package-signature-malformed", 5, GOOD.replace(b"SHA256", b"MD5"), MF),
        ("package-signature-malformed", 5, first + b"\n", MF),
        ("package-signature-malformed", 5, pem, MF),
        ("package-signature-malformed", 5, first + b"\n" + GOOD, MF),
        ("package-signature-malformed", 5, GOOD[:-200], MF),
        ("package-signature-malformed", 5, first + b"\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", MF),
        ("package-signature-malformed", 5, GOOD + pem * 20, MF),
        ("package-signature-malformed", 5, b"", MF),
        ("package-certificate-key", 4, GOOD + open("a.key", "rb").read(), MF)]:
    result = verify(cert, mf=mf)
    check(result.returncode == code and f"[{rule}]".encode() in result.stderr, f"{rule}: {cert[:40]}", result)
put("no-mf.ova", archive(("vm.ovf", OVF), ("vm.cert", GOOD), ("disk1.vmdk", DISK)))
check(b"[package-manifest-missing]" in ovfkit("verify", "no-mf.ova").stderr, "a certificate without a manifest")
openssl("req", "-new", "-nodes", "-newkey", "rsa:2048", "-keyout", "old.key", "-out", "old.csr", "-subj", "/CN=old")
put("old.index", b"")
put("old.conf", b"[ca]\ndefault_ca=c\n[c]\ndatabase=old.index\nnew_certs_dir=.\npolicy=p\ndefault_md=sha256\nrand_serial=yes\n[p]\ncommonName=supplied\n")
openssl("ca", "-batch", "-selfsign", "-config", "old.conf", "-in", "old.csr", "-keyfile", "old.key", "-out", "old.crt", "-notext",
        "-startdate", "20200101000000Z", "-enddate", "20200201000000Z")
result = verify(signed("old"), "--ca-file", "old.crt")
check(b"[package-certificate-dates]" in result.stderr and b"[package-certificate-untrusted]" in result.stderr, "an expired certificate", result)

# What we sign.
put("src/vm.ovf", OVF)
put("src/disk1.vmdk", DISK)
result = ovfkit("sign", "src", "--key", "a.key", "--cert", "a.crt", "-o", "signed.ova")
check(result.returncode == 0, "sign", result)
members = dict(members_of("signed.ova"))
check(list(members) == ["vm.ovf", "vm.mf", "vm.cert", "disk1.vmdk"] and members["vm.ovf"] == OVF and members["vm.mf"] == MF, "the signed package")
put("o.mf", members["vm.mf"])
put("o.cert", members["vm.cert"])
put("o.sig", bytes.fromhex(members["vm.cert"].decode().split("= ")[1].split("\n")[0]))
put("o.pub", openssl("x509", "-in", "o.cert", "-pubkey", "-noout"))
check(b"Verified OK" in openssl("dgst", "-sha256", "-verify", "o.pub", "-signature", "o.sig", "o.mf"), "openssl verifies our signature")
check(ovfkit("verify", "signed.ova", "--ca-file", "a.crt", "--require-signature").returncode == 0, "so do we")
check(ovfkit("sign", "signed.ova", "--key", "b.key", "--cert", "b.crt", "-o", "again.ova").returncode == 0, "sign again")
check(ovfkit("verify", "again.ova", "--ca-file", "b.crt", "--require-signature").returncode == 0, "by another key")
for key, cert in (("b.key", "a.crt"), ("ec.key", "ec.crt"), ("short.key", "short.crt"), ("a.crt", "a.crt"), ("a.key", "a.key")):
    check(ovfkit("sign", "src", "--key", key, "--cert", cert, "-o", "no.ova").returncode == 2, f"{key} with {cert} is refused")
openssl("rsa", "-in", "a.key", "-aes128", "-passout", "pass:x", "-out", "locked.key")
check(ovfkit("sign", "src", "--key", "locked.key", "--cert", "a.crt", "-o", "no.ova").returncode == 2, "a key with a passphrase is refused")
check(ovfkit("pack", "signed.ova", "-o", "kept.ova").returncode == 0 and dict(members_of("kept.ova")) == members, "packing again keeps the signature")
result = ovfkit("pack", "signed.ova", "-o", "new.ova", "--digest", "SHA512")
check(b"[package-signature-dropped]" in result.stderr and "vm.cert" not in dict(members_of("new.ova")), "another manifest drops it", result)
result = ovfkit("balloon", "set", "enabled", "signed.ova", "-o", "set.ova")
check(result.returncode == 0 and b"[package-signature-dropped]" in result.stderr, "so does another descriptor", result)
finish()
