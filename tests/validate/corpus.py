#!/usr/bin/env python3
"""Real descriptors through `ovfkit validate`.

usage: corpus.py OVFKIT FOLDER

An error where the file really is wrong, and nowhere else: every file with an error is in the list, with the rule that names
its fault. Prints how many findings each rule has.
"""
import collections
import json
import os
import subprocess
import sys

# What is wrong with each, looked at one by one.
WRONG = {
    "cot/invalid.ovf": {"ovf-disk-dangling", "ovf-drive-parent-kind", "ovf-file-dangling", "ovf-parent-unfit"},
    "ganeti/ganeti.ovf": {"ovf-parent-dangling"},
    "ganeti/gzip_disk.ovf": {"ovf-parent-dangling"},
    "ganeti/no_disk_in_ref.ovf": {"ovf-file-dangling"},
    "ganeti/no_ovf.ova": {"package-descriptor-missing"},
    "ganeti/wrong_manifest.ovf": {"package-digest-differs"},
    "ganeti/wrong_ova.ova": {"package-archive-malformed"},
    "ganeti/wrong_xml.ovf": {"xml-attribute-malformed"},
    # They name a file outside of their folder.
    "govmomi/ImportOvf2014/complete_vs.ovf": {"ovf-href-unsafe", "package-href-unsafe"},
    "govmomi/ImportOvf2014/complete_vsc_orig.ovf": {"ovf-href-unsafe", "package-href-unsafe"},
    "govmomi/invalid_ovf/path1/testLonCharacterPathLimit/testDBpathLimitwwwwwwwwwwwwwww/descriptor.ovf": {"xml-root-missing"},
    "govmomi/jeos_corrupted.ovf": {"xml-character-illegal"},
    "govmomi/ovf_negative_test/New_folder/haoUnOS2VMs/haoUnOS2VMs.ovf": {"ovf-startup-dangling"},
    "govmomi/policy/nostalgia-vapp.ovf": {"ovf-collection-empty", "ovf-system-missing"},
    "govmomi/security-test-content/ovf/large-disk/haoUnOS2VMs.ovf": {"ovf-disk-populated-exceeds"},
    "govmomi/security-test-content/ovf/negative-out-of-bound-disk/haoUnOS2VMs.ovf": {"ovf-disk-populated-exceeds", "ovf-number-invalid"},
    "govmomi/security-test-content/ovf/negative-size-disk/haoUnOS2VMs.ovf": {"ovf-disk-populated-exceeds", "ovf-number-invalid"},
    "govmomi/security-test-content/ovf/out-of-bounds-disk/haoUnOS2VMs.ovf": {"ovf-disk-populated-exceeds"},
    "govmomi/vbs/efi-nvram-with-extra-config-mismatch-illegal.ovf": {"vmware-nvram-dangling"},
    # Templates with placeholders where numbers and names will be.
    "ovirt/libguestfs+virt-v2v+test-o-ovirt.ovf": {"ovf-number-invalid", "package-href-unsafe"},
    "virtualbox/archlinux+arch-boxes+box.ovf": {"ovf-number-invalid"},
    "virtualbox/untangle+ngfw_isotools-stretch+untangle.ovf": {"ovf-number-invalid"},
    "proxmox/proxmox+pve-storage+XEE.ovf": {"xml-doctype-refused"},
}


def main():
    tool, folder = sys.argv[1:]
    if not os.path.isdir(folder):
        print(f"SKIP: {folder} is not there")
        return 77
    report = json.loads(subprocess.run([tool, "validate", "--format", "json", "--max-findings", "100000", folder],
                                       stdout=subprocess.PIPE, check=False).stdout)
    errors = collections.defaultdict(set)
    for one in report["diagnostics"]:
        if one["severity"] == "error":
            errors[os.path.relpath(one["input"], folder)].add(one["rule"])
    summary = report["summary"]
    for rule, number in sorted(summary["rules"].items(), key=lambda row: -row[1]):
        print(f"{number:6} {rule}")
    print(f"{summary['inputs']} inputs, {summary['errors']} errors in {len(errors)} of them, {summary['warnings']} warnings")
    wrong = [f"{name}: {sorted(errors[name] ^ WRONG.get(name, set()))}"
             for name in sorted(errors.keys() | WRONG.keys()) if errors[name] != WRONG.get(name, set())]
    for line in wrong:
        print("WRONG", line)
    return 1 if wrong or summary["inputs"] < 200 else 0


if __name__ == "__main__":
    sys.exit(main())
