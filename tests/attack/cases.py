"""The hostile inputs. A case is what lies in its folder, what is given to the program, and what every command must do:

accept   exit 0                                     document  every command refuses: exit 3 or 4
meaning  translation refuses; others may show it    archive   whatever opens the package refuses
reader   as document, but what only moves files     text      translation of a platform's text refuses
         need not look that deep                    package   whatever reads the files refuses
digest   verify and unpack refuse: exit 5           disk      whatever reads the disk refuses
safe     either, but nothing outside the output, nothing left, no signal, no leak
"""
import codecs
import zlib
from dataclasses import dataclass, field

import forge
from forge import BASE, LAST_ITEM, O, PASSWORD, href, member, ova, ovf, package, pax, tar_header, vmdk, vmdk_text, with_item

Q = "<rasd:VirtualQuantity>%s</rasd:VirtualQuantity>"
CAPACITY = 'ovf:capacity="1048576"'


@dataclass
class Case:
    name: str
    kind: str                       # ovf ova libvirt ganeti qemu proxmox kubevirt
    expect: str
    files: dict                     # name -> bytes, text, ("link", target), ("fifo",) or ("hole", size)
    input: str = ""
    holds: list = field(default_factory=list)  # rule ids, one of which every refusal must name


def descriptor(name, expect, text, *rules, disk=None, **files):
    return Case("ovf-" + name, "ovf", expect, {"vm.ovf": text, "disk1.vmdk": vmdk() if disk is None else disk, **{k.replace("_", "."): v for k, v in files.items()}}, "vm.ovf", list(rules))


def archive(name, expect, data, *rules):
    return Case("ova-" + name, "ova", expect, {"vm.ova": data}, "vm.ova", list(rules))


def controls():
    yield descriptor("plain", "accept", BASE)
    yield descriptor("bom", "accept", b"\xef\xbb\xbf" + BASE.encode())
    yield descriptor("utf16", "accept", codecs.BOM_UTF16_LE + BASE.replace("UTF-8", "UTF-16").encode("utf-16-le"))
    yield descriptor("latin1", "accept", BASE.replace("UTF-8", "ISO-8859-1").replace(">machine<", ">Ger\xe4t<").encode("latin-1"))
    yield archive("plain", "accept", package())
    yield archive("manifest", "accept", package(manifest=forge.digests([("vm.ovf", BASE), ("disk1.vmdk", vmdk())])))
    yield archive("no-end", "accept", package(end=b""))
    yield archive("gzip", "accept", forge.gz(package()))


def tar():
    for name, bad in {"up": "../up.vmdk", "up-inside": "a/../../up.vmdk", "absolute": O + "/pwned", "backslash": "..\\pwned", "drive": "C:pwned",
                      "newline": "a\nb", "escape": "a\x1b[2Jb", "dot": ".", "empty": "", "component": "a//b", "deep": "/".join("abcdefghijk"), "utf8": b"a\xff\xfeb"}.items():
        yield archive("name-" + name, "archive", package(between=member(bad, b"pwned")))
    for kind in (b"1", b"2", b"3", b"4", b"6", b"S", b"M", b"V", b"Z"):
        yield archive("type-" + kind.decode(), "archive", package(between=tar_header("odd", 0, kind=kind, link=b"/etc/passwd")))
    yield archive("link-then-file", "archive", package(between=tar_header("d", 0, kind=b"2", link=O.encode() + b"") + member("d/pwned", b"x")))
    yield archive("link-as-disk", "archive", ova(member("vm.ovf", BASE), tar_header("disk1.vmdk", 0, kind=b"2", link=O.encode() + b"/secret")))
    yield archive("pax-path", "archive", package(between=pax(b"x", "path=../pwned") + member("ok", b"x")))
    yield archive("pax-global-path", "archive", package(between=pax(b"g", "path=../pwned") + member("ok", b"x")))
    yield archive("pax-size", "archive", package(between=pax(b"x", "size=18446744073709551615") + member("ok", b"x")))
    yield archive("pax-size-negative", "archive", package(between=pax(b"x", "size=-1") + member("ok", b"x")))
    yield archive("pax-length", "archive", package(between=pax(b"x", b"999999 path=a\n") + member("ok", b"x")))
    yield archive("long-name-up", "archive", package(between=member("././@LongLink", b"../" * 50 + b"pwned\0", kind=b"L") + member("ok", b"x")))
    yield archive("long-name-huge", "archive", package(between=member("././@LongLink", b"a" * 70000, kind=b"L") + member("ok", b"x")))
    for name, size in {"negative": b"\xff" * 12, "huge": b"\x80" + b"\x7f" * 11, "text": b"12x4567890\0 ", "beyond": b"77777777777"}.items():
        yield archive("size-" + name, "archive", ova(member("vm.ovf", BASE), tar_header("disk1.vmdk", 0, size_field=size)))
    yield archive("checksum", "archive", package(between=tar_header("odd", 0, checksum=7)))
    yield archive("cut", "archive", package()[:70000])
    yield archive("cut-header", "archive", ova(member("vm.ovf", BASE), tar_header("disk1.vmdk", 0)[:200], end=b""))
    yield archive("twice", "archive", package(after=member("disk1.vmdk", b"other")))
    yield archive("twice-dot", "archive", package(after=member("./disk1.vmdk", b"other")))
    yield archive("two-descriptors", "archive", package(before=member("other.ovf", BASE)))
    yield archive("none", "archive", ova(member("disk1.vmdk", vmdk())))
    yield archive("zeros", "document", bytes(10240))
    yield archive("empty", "document", b"")
    yield archive("zip", "document", b"PK\x03\x04" + bytes(1000))
    yield archive("many", "archive", package(after=b"".join(member(f"m{i}", b"") for i in range(1100))))
    yield archive("descriptor-huge", "archive", ova(member("vm.ovf", BASE + " " * (17 << 20))))
    yield archive("gzip-bomb", "archive", forge.gz(member("vm.ovf", BASE) + tar_header("vm.mf", 200 << 20) + bytes(200 << 20)))
    yield archive("gzip-cut", "package", forge.gz(package())[:-30])
    yield archive("setuid", "safe", package(between=member("ok", b"x", mode=b"0006755")))
    yield archive("case", "safe", package(after=member("DISK1.VMDK", b"other")))
    yield archive("behind", "safe", package() + package())
    yield archive("dash", "safe", package(between=member("--checkpoint-action=exec=touch pwned", b"")))


def references():
    hrefs = {"absolute": O + "/secret", "up": "../outside/secret", "percent": "%2e%2e/outside/secret", "percent-slash": "..%2foutside%2fsecret", "file": "file://" + O + "/secret",
             "http": "http://127.0.0.1:9/x", "json": "json:{&quot;driver&quot;:&quot;file&quot;,&quot;filename&quot;:&quot;" + O + "/secret&quot;}", "nbd": "nbd:127.0.0.1:10809", "fat": "fat:/etc",
             "device": "/dev/zero", "self": "/proc/self/environ", "empty": "", "query": "disk1.vmdk?x"}
    for name, bad in hrefs.items():
        yield descriptor("href-" + name, "package", href(bad))
        yield archive("href-" + name, "package", package(href(bad)))
    yield descriptor("href-missing", "package", href("nothere.vmdk"))
    yield descriptor("href-link", "package", href("link.vmdk"), link_vmdk=("link", O + "/secret"))
    yield descriptor("href-folder-link", "package", href("d/secret"), d=("link", O))
    yield descriptor("href-fifo", "package", href("pipe.vmdk"), pipe_vmdk=("fifo",))
    yield descriptor("size-wrong", "package", ovf(('ovf:href="disk1.vmdk"', 'ovf:href="disk1.vmdk" ovf:size="5"')))
    yield descriptor("sparse-8t", "disk", href("big.raw"), big_raw=("hole", 8 << 40))


def xml():
    head = '<?xml version="1.0"?>\n'
    root = BASE.split("\n", 1)[1]
    bombs = "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 9))
    yield descriptor("bomb", "document", f'{head}<!DOCTYPE Envelope [<!ENTITY a0 "lol">{bombs}]>{root.replace("machine", "&a8;")}', "xml-doctype-refused")
    yield descriptor("xxe", "document", f'{head}<!DOCTYPE Envelope [<!ENTITY x SYSTEM "file://{O}/secret">]>{root.replace("machine", "&x;")}', "xml-doctype-refused")
    yield descriptor("doctype", "document", f"{head}<!DOCTYPE Envelope>{root}", "xml-doctype-refused")
    yield descriptor("entity", "document", ovf((">machine<", ">&nothing;<")))
    yield descriptor("deep", "document", ovf((">machine<", ">" + "<a>" * 60000 + "</a>" * 60000 + "<")))
    yield descriptor("deep-open", "document", head + "<a>" * 200000)
    yield descriptor("attributes", "document", ovf(("<Info>machine", "<Info " + " ".join(f'a{i}="1"' for i in range(300)) + ">machine")))
    yield descriptor("attribute-long", "reader", ovf(('ovf:id="vm1"', f'ovf:id="{"a" * 700000}"')))
    yield descriptor("text-long", "document", ovf((">machine<", ">" + "a" * (1100 << 10) + "<")))
    yield descriptor("items", "reader", with_item("".join(f"<Item><rasd:InstanceID>{i}</rasd:InstanceID><rasd:ResourceType>1</rasd:ResourceType></Item>" for i in range(100, 4300))))
    yield descriptor("attribute-twice", "document", ovf(('ovf:id="vm1"', 'ovf:id="vm1" ovf:id="vm2"')), "xml-attribute-duplicate")
    yield descriptor("two-roots", "document", BASE + "<Envelope/>")
    yield descriptor("behind", "document", BASE + "junk")
    yield descriptor("nul", "document", BASE.replace("machine", "ma\0chine"))
    yield descriptor("nul-behind", "document", BASE + "\0<hidden/>")
    for name, reference in {"nul": "&#0;", "surrogate": "&#xD800;", "escape": "&#27;", "beyond": "&#x110000;", "huge": "&#99999999999999999999;"}.items():
        yield descriptor("reference-" + name, "document", ovf((">machine<", f">{reference}<")))
    yield descriptor("escape", "document", BASE.replace("machine", "\x1b]0;pwned\x07"))
    for name, bad in {"bad": b"\xff\xfe", "overlong": b"\xc0\xaf", "surrogate": b"\xed\xa0\x80", "cut": b"\xe2\x82"}.items():
        yield descriptor("utf8-" + name, "document", BASE.encode().replace(b">machine<", b">" + bad + b"<"))
    yield descriptor("encoding", "document", BASE.replace("UTF-8", "EBCDIC-CP-US"))
    yield descriptor("utf7", "document", BASE.replace("UTF-8", "UTF-7"))
    yield descriptor("utf16-cut", "document", (codecs.BOM_UTF16_LE + BASE.replace("UTF-8", "UTF-16").encode("utf-16-le"))[:-1])
    yield descriptor("utf16-lone", "document", codecs.BOM_UTF16_LE + BASE.replace("UTF-8", "UTF-16").replace("machine", "\ud800", 1).encode("utf-16-le", "surrogatepass"))
    yield descriptor("other-root", "reader", head + "<html/>")
    yield descriptor("namespace", "reader", BASE.replace("http://schemas.dmtf.org/ovf/envelope/1", "urn:nobody:knows"))
    yield descriptor("nothing", "document", "")
    yield descriptor("cdata-open", "document", ovf((">machine<", "><![CDATA[x<")))
    yield descriptor("required", "meaning", ovf(("    <VirtualHardwareSection>", '    <x:New xmlns:x="urn:x"><Info/></x:New>\n    <VirtualHardwareSection>')))
    yield descriptor("xinclude", "safe", ovf((">machine<", '><xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="' + O + '/secret" parse="text"/><')))


def numbers():
    for name, value in {"negative": "-1", "2e63": "9223372036854775808", "2e64": "18446744073709551616", "exponent": "1e6", "hex": "0x100000", "words": "much",
                        "float": "1048576.5", "plus": "+1048576", "arabic": "\u0661\u0660", "long": "9" * 5000}.items():
        yield descriptor("capacity-" + name, "meaning", ovf((CAPACITY, f'ovf:capacity="{value}"')))
    for name, unit in {"negative": "byte * 2^-20", "huge": "byte * 2^99999999999", "2e64": "byte * 2^64", "zero": "byte * 0", "percent": "percent", "bits": "hertz", "words": "lots",
                       "inject": "byte * 2^20) or (1=1", "chain": "byte" + " * 2^10" * 300}.items():
        yield descriptor("unit-" + name, "meaning", ovf((CAPACITY, f'{CAPACITY} ovf:capacityAllocationUnits="{unit}"')))
    for name, value in {"negative": "-512", "zero": "0", "huge": "18446744073709551615", "wrap": "17592186044417", "exponent": "5e2"}.items():
        yield descriptor("memory-" + name, "meaning", ovf((Q % 512, Q % value)))
    for name, value in {"negative": "-2", "zero": "0", "huge": "5000", "words": "two", "wrap": "4294967298"}.items():
        yield descriptor("cpus-" + name, "meaning", ovf((Q % 2, Q % value)))
    for name, value in {"negative": "-1", "huge": "4294967296", "over": "4096"}.items():
        yield descriptor("unit-address-" + name, "meaning", ovf(("OnParent>0<", f"OnParent>{value}<")))
    yield descriptor("address-negative", "meaning", ovf(("<rasd:Address>0<", "<rasd:Address>-1<")))
    yield descriptor("type-wrap", "meaning", ovf(("<rasd:ResourceType>17<", "<rasd:ResourceType>4294967313<")))
    yield descriptor("capacity-zero", "safe", ovf((CAPACITY, 'ovf:capacity="0"')))
    yield descriptor("capacity-empty", "safe", ovf((CAPACITY, 'ovf:capacity=""')))
    yield descriptor("populated", "safe", ovf((CAPACITY, CAPACITY + ' ovf:populatedSize="1048577"')))


def identities():
    second = '<Disk ovf:diskId="d2" ovf:capacity="1048576" %s ovf:format="http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized"/>\n  </DiskSection>'
    yield descriptor("file-twice", "meaning", ovf(("  </References>", '    <File ovf:id="file1" ovf:href="disk2.vmdk"/>\n  </References>')))
    yield descriptor("disk-twice", "meaning", ovf(("  </DiskSection>", (second % "").replace("d2", "d1"))))
    yield descriptor("item-twice", "safe", ovf(("<rasd:InstanceID>5<", "<rasd:InstanceID>4<")))
    yield descriptor("drive-twice", "meaning", with_item("<Item><rasd:AddressOnParent>1</rasd:AddressOnParent><rasd:ElementName>again</rasd:ElementName><rasd:HostResource>ovf:/disk/d1</rasd:HostResource>"
                                                         "<rasd:InstanceID>4</rasd:InstanceID><rasd:Parent>3</rasd:Parent><rasd:ResourceType>17</rasd:ResourceType></Item>"))
    yield descriptor("file-dangling", "meaning", ovf(('fileRef="file1"', 'fileRef="file9"')))
    yield descriptor("disk-dangling", "meaning", ovf(("ovf:/disk/d1", "ovf:/disk/d9")))
    yield descriptor("disk-path", "meaning", ovf(("ovf:/disk/d1", "file://" + O + "/secret")))
    yield descriptor("disk-xpath", "meaning", ovf(("ovf:/disk/d1", "ovf:/disk/d1' or '1'='1")))
    yield descriptor("parent-dangling", "meaning", ovf(("<rasd:Parent>3<", "<rasd:Parent>9<")))
    yield descriptor("parent-self", "meaning", ovf(("<rasd:Parent>3<", "<rasd:Parent>4<")))
    yield descriptor("parent-cycle", "meaning", ovf(("<rasd:Parent>3<", "<rasd:Parent>5<"), ("<rasd:ResourceSubType>E1000<", "<rasd:Parent>4</rasd:Parent><rasd:ResourceSubType>E1000<")))
    yield descriptor("parent-cpu", "meaning", ovf(("<rasd:Parent>3<", "<rasd:Parent>1<")))
    yield descriptor("delta-self", "meaning", ovf((CAPACITY, CAPACITY + ' ovf:parentRef="d1"')))
    yield descriptor("delta-cycle", "meaning", ovf((CAPACITY, CAPACITY + ' ovf:parentRef="d2"'), ("  </DiskSection>", second % 'ovf:parentRef="d1"')))
    yield descriptor("collections", "reader", '<?xml version="1.0"?>' + BASE.split("\n", 1)[1].replace("<VirtualSystem ", '<VirtualSystemCollection ovf:id="c"><Info/>' * 12 + "<VirtualSystem ").replace(
        "</VirtualSystem>", "</VirtualSystem>" + "</VirtualSystemCollection>" * 12))
    yield descriptor("balloons", "meaning", with_item(forge.BALLOON % 8 + forge.BALLOON % 9))
    yield descriptor("slot-twice", "safe", with_item("<Item><rasd:AddressOnParent>0</rasd:AddressOnParent><rasd:InstanceID>9</rasd:InstanceID><rasd:Parent>3</rasd:Parent><rasd:ResourceType>17</rasd:ResourceType></Item>"))
