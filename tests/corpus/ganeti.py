#!/usr/bin/python3
"""Every Ganeti text of the corpus: Ganeti's own code takes it, and its kvm command line has the balloon as it always has."""
import os
import sys

folder = sys.argv[1]
if not os.path.isdir(folder):
    print("SKIPPED: no texts at", folder, "(no corpus)")
    sys.exit(77)
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "oracle", "ganeti"))
import gnt  # noqa: E402

FORMS = {
    "ganeti": lambda path: (gnt.from_config_ini(open(path, encoding="utf-8").read()), True),
    "ganeti-hvparams": lambda path: (gnt.from_parameters(gnt.load(path)), False),
    "ganeti-instance": lambda path: (gnt.from_batch(gnt.load(path)[0]), False),
}
cluster, bad = gnt.Cluster(), 0
for form, load in FORMS.items():
    texts = sorted(os.listdir(os.path.join(folder, form)))
    accepted = devices = 0
    for text in texts:
        try:
            spec, imported = load(os.path.join(folder, form, text))
            checked = gnt.check(spec, cluster, imported)
            assert "balloon" not in spec["hvparams"], "a stock cluster refuses the balloon parameter"
            if form == "ganeti-hvparams":
                devices += gnt.balloons(gnt.kvm_argv(checked)) == ["virtio-balloon"]
            accepted += 1
        except Exception as problem:  # whatever Ganeti raises is its refusal
            bad += 1
            print(form, text, type(problem).__name__, problem)
    print(f"{form}: {accepted} of {len(texts)} accepted" + (f", {devices} command lines with the balloon device" if devices else ""))
    bad += accepted == 0 or (form == "ganeti-hvparams" and devices != accepted)
sys.exit(1 if bad else 0)
