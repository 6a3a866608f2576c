"""What the package tests share: a scratch folder, packages made by hand, and the tool."""
import hashlib
import io
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile

failures = []
checks = 0
TOOL = os.path.abspath(sys.argv[1])
DISK = hashlib.sha256(b"disk").digest() * 4000


def need(*tools):
    missing = [tool for tool in tools if not shutil.which(tool)]
    if missing:
        print("SKIP: not installed: " + " ".join(missing))
        sys.exit(77)


def scratch():
    folder = tempfile.TemporaryDirectory(prefix="ovfkit-package-")
    os.chdir(folder.name)
    return folder


def ovfkit(*arguments, stdin=subprocess.DEVNULL, **more):
    return subprocess.run([TOOL, *map(str, arguments)], stdin=stdin, capture_output=True, check=False, **more)


def check(right, what, result=None):
    global checks
    checks += 1
    if not right:
        text = "" if result is None else f" (exit {result.returncode}: {result.stderr.decode('utf-8', 'backslashreplace')[:300]})"
        failures.append(what + text)
        print("FAILED " + failures[-1])


def finish():
    print(f"{checks} checks, {len(failures)} failed")
    sys.exit(1 if failures or not checks else 0)


def descriptor(files=(("file1", "disk1.vmdk", len(DISK), ""),), xmlns="http://schemas.dmtf.org/ovf/envelope/1"):
    rows = "".join(f'<File ovf:href="{href}" ovf:id="{ident}"' + ("" if size is None else f' ovf:size="{size}"') + f"{more}/>"
                   for ident, href, size, more in files)
    disks = "".join(f'<Disk ovf:capacity="1048576" ovf:diskId="d-{ident}" ovf:fileRef="{ident}" '
                    f'ovf:format="http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized"/>' for ident, *_ in files)
    item = "<rasd:InstanceID>{0}</rasd:InstanceID><rasd:ResourceType>{1}</rasd:ResourceType><rasd:VirtualQuantity>{2}</rasd:VirtualQuantity>"
    return (f'<?xml version="1.0"?>\n<Envelope xmlns="{xmlns}" xmlns:ovf="{xmlns}" xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/'
            'cim-schema/2/CIM_ResourceAllocationSettingData">\n'
            f"<References>{rows}</References>\n<DiskSection><Info>d</Info>{disks}</DiskSection>\n"
            '<VirtualSystem ovf:id="vm"><Info>v</Info><VirtualHardwareSection><Info>h</Info>\n'
            "<Item><rasd:ElementName>cpu</rasd:ElementName>" + item.format(1, 3, 1) + "</Item>\n"
            "<Item><rasd:AllocationUnits>byte * 2^20</rasd:AllocationUnits><rasd:ElementName>mem</rasd:ElementName>" + item.format(2, 4, 512) +
            "</Item>\n</VirtualHardwareSection></VirtualSystem>\n</Envelope>\n").encode()


def manifest(pairs, algorithm="SHA256"):
    return "".join(f"{algorithm}({name})= {hashlib.new(algorithm, data).hexdigest()}\n" for name, data in pairs).encode()


def archive(*members, form=tarfile.USTAR_FORMAT):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as tar:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                tar.addfile(member)
                continue
            info = tarfile.TarInfo(member[0])
            info.size = len(member[1])
            tar.addfile(info, io.BytesIO(member[1]))
    return out.getvalue()


def put(path, data):
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def members_of(path):
    with tarfile.open(path) as tar:
        return [(member.name, tar.extractfile(member).read()) for member in tar.getmembers()]
