#!/usr/bin/env python3
"""Every VirtualMachine we write against the field rules of kubevirt.io/v1, from a table of its own.
usage: fields.py OVFKIT SAMPLES [CORPUS]"""
import pathlib
import re
import subprocess
import sys
import tempfile

try:
    import yaml
except ImportError:
    print("SKIPPED: python3-yaml is not installed")
    sys.exit(77)

TOOL = sys.argv[1]
LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\Z")
QUANTITY = re.compile(r"[1-9][0-9]*(Ki|Mi|Gi)?\Z")
MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}\Z")
UUID = re.compile(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}\Z")


def text(value):
    return isinstance(value, str) and value != ""


def label(value):
    return text(value) and LABEL.match(value) is not None


def count(value):
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def flag(value):
    return isinstance(value, bool)


def one_of(*words):
    return lambda value: value in words


def like(pattern):
    return lambda value: isinstance(value, str) and pattern.match(value) is not None


EMPTY = {}
NETWORK_NAME = like(re.compile(r"([a-z0-9][-a-z0-9.]*/)?[a-z0-9][-a-z0-9.]*\Z"))
DISK = {"name!": label, "disk": {"bus": one_of("virtio", "sata", "scsi", "usb"), "readonly": flag}, "cdrom": {"bus": one_of("sata", "scsi", "usb")},
        "bootOrder": count, "serial": text, "cache": one_of("none", "writethrough", "writeback"), "shareable": flag}
INTERFACE = {"name!": label, "model": one_of("e1000", "e1000e", "ne2k_pci", "pcnet", "rtl8139", "virtio"), "macAddress": like(MAC),
             "masquerade": EMPTY, "bridge": EMPTY, "bootOrder": count, "state": one_of("up", "down")}
DEVICES = {"disks": [DISK], "interfaces": [INTERFACE], "rng": EMPTY, "tpm": EMPTY, "autoattachGraphicsDevice": flag,
           "autoattachSerialConsole": flag, "autoattachMemBalloon": flag, "useVirtioTransitional": flag,
           "watchdog": {"name!": text, "i6300esb!": {"action": one_of("reset", "poweroff", "shutdown")}},
           "sound": {"name!": text, "model": one_of("ich9", "ac97")}}
DOMAIN = {"cpu": {"sockets": count, "cores": count, "threads": count, "maxSockets": count, "model": text},
          "memory!": {"guest!": like(QUANTITY), "maxGuest": like(QUANTITY)},
          "firmware": {"uuid": like(UUID), "bootloader": {"bios": EMPTY, "efi": {"secureBoot": flag}}},
          "features": {"smm": {"enabled": flag}}, "machine": {"type": text}, "clock": {"utc": EMPTY, "timezone": text}, "devices!": DEVICES}
VOLUME = {"name!": label, "dataVolume": {"name!": label}, "persistentVolumeClaim": {"claimName!": label}, "containerDisk": {"image!": text}}
SPEC = {"architecture": one_of("amd64", "arm64", "s390x"), "domain!": DOMAIN,
        "networks": [{"name!": label, "pod": EMPTY, "multus": {"networkName!": NETWORK_NAME}}], "volumes": [VOLUME]}
MACHINE = {"apiVersion!": one_of("kubevirt.io/v1"), "kind!": one_of("VirtualMachine"),
           "metadata!": {"name!": label, "annotations": {"description": text}},
           "spec!": {"runStrategy!": one_of("Halted"), "template!": {
               "metadata": {"annotations": {"kubevirt.io/free-page-reporting-disabled": one_of("true")}}, "spec!": SPEC}}}


def walk(value, rule, path, wrong):
    if callable(rule):
        if not rule(value):
            wrong.append(f"{path}: {value!r}")
    elif isinstance(rule, list):
        if not isinstance(value, list) or not value:
            wrong.append(f"{path}: not a list")
            return
        for index, inner in enumerate(value):
            walk(inner, rule[0], f"{path}[{index}]", wrong)
    else:
        if not isinstance(value, dict):
            wrong.append(f"{path}: not a mapping")
            return
        known = {key.rstrip("!"): inner for key, inner in rule.items()}
        for key in rule:
            if key.endswith("!") and key[:-1] not in value:
                wrong.append(f"{path}: lacks {key[:-1]}")
        for key, inner in value.items():
            if key not in known:
                wrong.append(f"{path}: there is no {key}")
            else:
                walk(inner, known[key], f"{path}.{key}", wrong)


def names(items, wrong, what):
    seen = [item["name"] for item in items]
    if len(seen) != len(set(seen)):
        wrong.append(f"two {what} of one name")
    return set(seen)


def whole(machine, wrong):
    """What the admission webhook checks beyond single fields."""
    spec = machine["spec"]["template"]["spec"]
    domain, devices = spec["domain"], spec["domain"]["devices"]
    disks, volumes = names(devices.get("disks", []), wrong, "disks"), names(spec.get("volumes", []), wrong, "volumes")
    if disks != volumes:
        wrong.append(f"disks {disks} and volumes {volumes} differ")
    interfaces, networks = names(devices.get("interfaces", []), wrong, "interfaces"), names(spec.get("networks", []), wrong, "networks")
    if interfaces != networks:
        wrong.append(f"interfaces {interfaces} and networks {networks} differ")
    if sum("pod" in network for network in spec.get("networks", [])) > 1:
        wrong.append("two pod networks")
    for item in devices.get("disks", []) + spec.get("volumes", []) + devices.get("interfaces", []) + spec.get("networks", []):
        kinds = [key for key in item if key in ("disk", "cdrom", "dataVolume", "persistentVolumeClaim", "containerDisk", "masquerade", "bridge", "pod", "multus")]
        if len(kinds) != 1:
            wrong.append(f"{item['name']}: {kinds}")
    orders = [item["bootOrder"] for item in devices.get("disks", []) + devices.get("interfaces", []) if "bootOrder" in item]
    if len(orders) != len(set(orders)):
        wrong.append("two devices with one bootOrder")
    efi = domain.get("firmware", {}).get("bootloader", {}).get("efi")
    if efi is not None and efi.get("secureBoot", True) and not domain.get("features", {}).get("smm", {}).get("enabled"):
        wrong.append("secure boot without SMM")


def main():
    files = [f for f in sorted(pathlib.Path(sys.argv[2]).glob("**/*")) if f.suffix in (".ovf", ".xml", ".conf", ".sh", ".ini", ".yaml") and f.name != "run.sh"]
    own = len(files)
    if len(sys.argv) > 3:
        files += sorted(pathlib.Path(sys.argv[3]).glob("**/*.ovf"))
    bad, count_of = [], 0
    for path in files:
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run([TOOL, "convert", str(path), "--to", "kubevirt", "-q", "-o", folder + "/out/"], capture_output=True, text=True, check=False)
            if done.returncode in (3, 4):
                continue
            if done.returncode != 0:
                bad.append(f"{path}: exit {done.returncode}: {done.stderr[-300:]}")
                continue
            state = subprocess.run([TOOL, "balloon", "get", str(path)], capture_output=True, text=True, check=False).stdout.split()
            for made in sorted(pathlib.Path(folder, "out").glob("**/*.yaml")):
                count_of += 1
                wrong = []
                machine = yaml.safe_load(made.read_text())
                walk(machine, MACHINE, "", wrong)
                if not wrong:
                    whole(machine, wrong)
                    said = machine["spec"]["template"]["spec"]["domain"]["devices"].get("autoattachMemBalloon")
                    word = {None: "unspecified", True: "enabled", False: "disabled"}[said]
                    if word not in state:
                        wrong.append(f"the balloon is {word}, the source says {state}")
                bad += [f"{path}: {line}" for line in wrong]
    print("\n".join(bad[:40]))
    print(f"{own} samples, {len(files) - own} descriptors of the corpus: {count_of} VirtualMachines, {len(bad)} wrong")
    sys.exit(1 if bad or count_of < own // 2 else 0)


if __name__ == "__main__":
    main()
