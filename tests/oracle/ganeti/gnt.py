"""What the Ganeti oracles share: the installed Ganeti, and one instance put before its own checks."""
import copy
import json
import re
import sys
import types

SKIP = 77
GANETI = "/usr/share/ganeti/default"


def skip(why):
    print("skipped: " + why)
    sys.exit(SKIP)


sys.path.insert(0, GANETI)
try:
    from ganeti import constants as C, errors, ht, objects, opcodes, utils
    from ganeti import hypervisor as HV
    from ganeti.hypervisor import hv_base, hv_kvm
    from ganeti.hypervisor.hv_kvm import validation
    from ganeti.cmdlib import common, instance_create, instance_storage, instance_utils
except ImportError as problem:
    skip("Ganeti's Python code is not installed (apt install ganeti): %s" % problem)

NAME = re.compile(r"^[a-z0-9._-]{1,255}$")
SAMPLES = "111111%02x-2222-4333-8444-555555555555"


class Cluster:
    """A cluster at its defaults. `balloon`: one that carries the balloon hvparam."""

    def __init__(self, balloon=False):
        self.types = dict(C.HVS_PARAMETER_TYPES)
        self.defaults = copy.deepcopy({name: dict(values) for name, values in C.HVC_DEFAULTS.items()})
        self.kvm = dict(hv_kvm.KVMHypervisor.PARAMETERS)
        if balloon:
            self.types["balloon"] = C.VTYPE_STRING
            self.defaults[C.HT_KVM]["balloon"] = ""
            self.kvm["balloon"] = hv_base.ParamInSet(False, frozenset(["none", "virtio"]))

    def fill(self, hypervisor, hvparams):
        """Checks hvparams as LUInstanceCreate does and returns the full set."""
        utils.ForceDictType(hvparams, self.types)
        full = objects.FillDict(self.defaults[hypervisor], hvparams)
        cls = HV._HYPERVISOR_MAP[hypervisor]
        stock = hv_kvm.KVMHypervisor.PARAMETERS
        hv_kvm.KVMHypervisor.PARAMETERS = self.kvm
        try:
            cls.CheckParameterSyntax(full)
        finally:
            hv_kvm.KVMHypervisor.PARAMETERS = stock
        common.CheckParamsNotGlobal(hvparams, C.HVC_GLOBALS, "hypervisor", "instance", "cluster")
        return full


class Config:
    """Stands in for the cluster's configuration."""

    def ReserveMAC(self, mac, _):
        pass

    def LookupNetwork(self, name):
        if name:
            raise errors.OpPrereqError("Network '%s' not found" % name, errors.ECODE_NOENT)

    def GenerateUniqueID(self, _):
        return utils.NewUUID()


def from_config_ini(text):
    """What `gnt-backup import` reads of a config.ini."""
    info = objects.SerializableConfigParser.Loads(text)
    for section in (C.INISECT_EXP, C.INISECT_INS):
        if not info.has_section(section):
            raise errors.ProgrammerError("Corrupted export config: no [%s]" % section)
    if int(info.get(C.INISECT_EXP, "version")) != C.EXPORT_VERSION:
        raise errors.OpPrereqError("Wrong export version")
    template = info.get(C.INISECT_INS, "disk_template")
    op = types.SimpleNamespace(os_type=None, disks=[], nics=[], tags=[], hypervisor=None, hvparams={}, beparams={}, osparams={},
                               osparams_private={}, disk_template=template)
    instance_create.LUInstanceCreate._ReadExportParams(types.SimpleNamespace(op=op), info)
    return {"name": info.get(C.INISECT_INS, "name"), "os": op.os_type, "disks": op.disks, "nics": op.nics, "tags": op.tags,
            "hypervisor": op.hypervisor, "hvparams": op.hvparams, "beparams": op.beparams, "osparams": op.osparams,
            "disk_template": template}


def from_batch(definition):
    """What `gnt-instance batch-create` makes of one definition."""
    unknown = set(definition) - set(opcodes.OpInstanceCreate.GetAllSlots())
    if unknown:
        raise errors.OpPrereqError("Unknown fields in definition: %s" % ", ".join(sorted(unknown)))
    op = opcodes.OpInstanceCreate(**definition)
    op.Validate(False)
    if definition.get("iallocator") is not None:
        raise errors.OpPrereqError("iallocator are not allowed to be set on instance objects")
    return from_parameters(dict(definition, os=definition["os_type"]))


def from_parameters(data):
    """The object of the hvparams form; its disks without what only an export directory has."""
    disks = [{key: value for key, value in disk.items() if key != "dump"} for disk in data["disks"]]
    return {"name": data["instance_name"], "os": data["os"], "disks": disks, "nics": data["nics"], "tags": data.get("tags", []),
            "hypervisor": data["hypervisor"], "hvparams": data["hvparams"], "beparams": data["beparams"],
            "osparams": data.get("osparams", {}), "disk_template": data["disk_template"]}


def check(spec, cluster, imported):
    """Puts an instance before Ganeti's checks, raising what Ganeti raises. Returns the checked parts."""
    if not NAME.match(spec["name"]) or ".." in spec["name"] or spec["name"].startswith("."):
        raise errors.OpPrereqError("Invalid hostname '%s'" % spec["name"])
    nics, disks = copy.deepcopy(spec["nics"]), copy.deepcopy(spec["disks"])
    if not imported:
        for nic in nics:
            utils.ForceDictType(nic, C.INIC_PARAMS_TYPES)
        for disk in disks:
            utils.ForceDictType(disk, C.IDISK_PARAMS_TYPES)
            assert ht.TIDiskParams(disk), "not a disk: %r" % disk
        for nic in nics:
            assert ht.TINicParams(nic), "not a NIC: %r" % nic
    utils.ValidateDeviceNames("NIC", nics)
    utils.ValidateDeviceNames("disk", disks)
    if len(disks) > C.MAX_DISKS or len(nics) > C.MAX_NICS:
        raise errors.OpPrereqError("too many devices")
    if not disks and spec["disk_template"] != C.DT_DISKLESS:
        raise errors.OpPrereqError("no disks")
    if spec["disk_template"] not in C.DISK_TEMPLATES:
        raise errors.OpPrereqError("disk template %s" % spec["disk_template"])
    for tag in spec["tags"]:
        objects.TaggableObject.ValidateTag(tag)
    hvparams = dict(spec["hvparams"])
    full = cluster.fill(spec["hypervisor"], hvparams)
    op = opcodes.OpInstanceCreate(instance_name=spec["name"], mode=C.INSTANCE_CREATE, hypervisor=spec["hypervisor"], hvparams=hvparams,
                                  beparams=dict(spec["beparams"]), nics=nics, disks=disks, disk_template=spec["disk_template"],
                                  os_type=spec["os"], osparams=spec["osparams"], tags=spec["tags"], pnode="node1", name_check=False,
                                  ip_check=False)
    if not imported:
        op.Validate(True)
    defaults = objects.Cluster(beparams={C.PP_DEFAULT: dict(C.BEC_DEFAULTS)}, nicparams={C.PP_DEFAULT: dict(C.NICC_DEFAULTS)})
    beparams = instance_utils.ComputeFullBeParams(op, defaults)
    return {"hvparams": full, "beparams": beparams, "nics": instance_utils.ComputeNics(op, defaults, None, Config(), "ec"),
            "disks": instance_storage.ComputeDisks(op.disks, op.disk_template, "xenvg"), "cluster": defaults, "spec": spec}


class Captured(Exception):
    pass


_HELP = {}


def _kvm_output(kind):
    if kind not in _HELP:
        _HELP[kind] = hv_kvm.KVMHypervisor._GetKVMOutput("/usr/bin/kvm", getattr(hv_kvm.KVMHypervisor, kind))
    return _HELP[kind]


def kvm_argv(checked):
    """The command line Ganeti would start kvm with; node-side checks but those of files included."""
    spec, hvp = checked["spec"], dict(checked["hvparams"])
    hvp.pop("balloon", None)
    hvp["kvm_path"] = "/usr/bin/kvm"  # a wrapper is not installed here
    validation.validate_vnc_parameters(hvp)
    validation.validate_spice_parameters(hvp, _kvm_output("_KVMOPT_HELP"))
    validation.validate_machine_version(hvp, _kvm_output("_KVMOPT_MLIST"))
    hyper = hv_kvm.KVMHypervisor.__new__(hv_kvm.KVMHypervisor)
    found = {}

    class Monitor:
        def __getattr__(self, _):
            return lambda *args, **keywords: None

    def run(_, argv, *args, **keywords):
        found["argv"] = [str(word) for word in argv]
        raise Captured()
    hyper.qmp = Monitor()
    hyper.ValidateParameters = lambda *_: None
    hyper._RunKVMCmd = run
    for name in ("_CheckDown", "_ClearUserShutdown", "_StartKvmd", "_ConfigureNIC", "BalloonInstanceMemory", "_CallMonitorCommand"):
        setattr(hyper, name, lambda *args, **keywords: None)
    hv_kvm.OpenTap = lambda *args, **keywords: ("tap0", [11], [])
    hyper._GetDefaultMachineVersion = lambda *_: "pc"
    for i, nic in enumerate(checked["nics"]):
        nic.uuid = SAMPLES % (0x80 + i)
        nic.nicparams = checked["cluster"].SimpleFillNIC(nic.nicparams)
        nic.mac = nic.mac if ":" in nic.mac else "aa:00:00:00:00:%02x" % i
        nic.hvinfo = {}
    disks = []
    for i, disk in enumerate(checked["disks"]):
        disks.append((objects.Disk(dev_type=spec["disk_template"], mode=disk["mode"], size=disk["size"], uuid=SAMPLES % i, params={},
                                   iv_name="disk/%d" % i), "/dev/disk%d" % i, None))
    instance = objects.Instance(name=spec["name"], uuid=SAMPLES % 0xff, hvparams=hvp, beparams=checked["beparams"], nics=checked["nics"],
                                os=spec["os"], hypervisor=spec["hypervisor"], network_port=11000, primary_node="node1")
    runtime = hyper._GenerateKVMRuntime(instance, disks, False, _kvm_output("_KVMOPT_HELP"))
    try:
        hyper._ExecuteKVMRuntime(instance, runtime, _kvm_output("_KVMOPT_HELP"))
    except Captured:
        pass
    return found["argv"]


def balloons(argv):
    """The balloon devices on a command line."""
    return [argv[i + 1] for i, word in enumerate(argv[:-1])
            if word == "-balloon" or (word == "-device" and argv[i + 1].startswith("virtio-balloon"))]


def load(path):
    with open(path, encoding="utf-8") as handle:
        return json.load(handle)
