#!/usr/bin/env python3
"""Every rule of `ovfkit validate` by its own example.

usage: examples.py OVFKIT

A rule says a piece of a descriptor that is right and the same as it is wrong. The descriptors in base/ hold the right
ones: a rule must be silent there, and speak once the piece is replaced. The example of a package is its members.
"""
import hashlib
import io
import json
import pathlib
import subprocess
import sys
import tarfile
import tempfile

here = pathlib.Path(__file__).parent
bases = {path.name: path.read_text() for path in sorted((here / "base").glob("*.ovf"))}


def found(tool, path, profile):
    words = [tool, "validate", "--format", "json", str(path)] + (["--profile", profile] if profile else [])
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(f"{words}: exit {done.returncode}: {done.stderr.decode()}")
    report = json.loads(done.stdout)
    return {one["rule"]: one["severity"] for one in report["diagnostics"]}


def package(path, members):
    """`vm.ovf vm.mf=SHA1 disk1.vmdk`: an OVA of these, in that order."""
    names = [word.split("=")[0] for word in members.split()]
    files = {name: name.encode() * 100 for name in names if not name.startswith("vm.")}
    entries = "".join(f'<File ovf:id="{name}" ovf:href="{name}" ovf:size="{len(data)}"/>'
                      for name, data in sorted(files.items()) if name in ("disk1.vmdk", "setup.iso"))
    for name in ("disk1.vmdk", "setup.iso"):
        if name not in files:
            entries += f'<File ovf:id="{name}" ovf:href="{name}" ovf:size="1000"/>'
    text = bases["bare.ovf"].replace("<References/>", f"<References>{entries}</References>")
    files["vm.ovf"] = text.encode()
    if any(word.startswith("vm.mf") for word in members.split()):
        digest = next(word for word in members.split() if word.startswith("vm.mf")).partition("=")[2] or "SHA256"
        listed = [name for name in names if name not in ("vm.mf", "vm.cert")]
        files["vm.mf"] = "".join(f"{digest}({name})= {hashlib.new(digest.lower(), files[name]).hexdigest()}\n"
                                 for name in listed).encode()
    if "vm.cert" in names:
        key, cert = path.with_suffix(".key"), path.with_suffix(".crt")
        subprocess.run(["openssl", "req", "-x509", "-nodes", "-newkey", "rsa:2048", "-subj", "/CN=example", "-keyout", key,
                        "-out", cert], check=True, stderr=subprocess.DEVNULL)
        signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", key], input=files["vm.mf"], check=True,
                                   stdout=subprocess.PIPE).stdout
        files["vm.cert"] = f"SHA256(vm.mf)= {signature.hex()}\n".encode() + cert.read_bytes()
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as tar:
        for name in names:
            info = tarfile.TarInfo(name)
            info.size = len(files[name])
            tar.addfile(info, io.BytesIO(files[name]))


def candidates(rule, folder):
    """(where it is right, where it is wrong), as the example may stand in several descriptors."""
    if rule["good"].startswith("vm.ovf"):
        for name, key in (("good", "good"), ("bad", "bad")):
            package(folder / f"{name}.ova", rule[key])
        if rule["bad"] == "vm.ovf":  # a descriptor without a package
            (folder / "vm.ovf").write_text(bases["mail.ovf"])
            yield folder / "good.ova", folder / "vm.ovf"
            return
        yield folder / "good.ova", folder / "bad.ova"
        return
    for name, text in bases.items():
        if rule["good"] not in text:
            continue
        (folder / f"good-{name}").write_text(text)
        (folder / f"bad-{name}").write_text(text.replace(rule["good"], rule["bad"], 1))
        yield folder / f"good-{name}", folder / f"bad-{name}"


def check(tool, rule):
    profiles = rule["profiles"].split() or [""]
    tried = []
    for profile in profiles:
        with tempfile.TemporaryDirectory() as folder:
            for good, bad in candidates(rule, pathlib.Path(folder)):
                right, wrong = found(tool, good, profile), found(tool, bad, profile)
                if rule["rule"] not in right and wrong.get(rule["rule"]) == rule["severity"]:
                    break
                tried.append((profile, good.name, rule["rule"] in right, sorted(wrong)))
            else:
                return tried or "no descriptor in base/ has the right piece"
    return None


def main():
    tool = sys.argv[1]
    rules = [rule for rule in json.loads(subprocess.run([tool, "rules", "--json"], stdout=subprocess.PIPE, check=True).stdout)
             if "good" in rule]
    failed = 0
    for rule in rules:
        wrong = check(tool, rule)
        if wrong:
            failed += 1
            print(f"{rule['rule']}: {wrong}")
    print(f"{len(rules)} rules, {failed} without an example that holds")
    return 1 if failed or len(rules) < 80 else 0


if __name__ == "__main__":
    sys.exit(main())
