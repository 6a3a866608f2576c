#!/usr/bin/env python3
"""Names the tests that were skipped and why. Only what needs the extra corpus beside the checkout may be.
usage: skipped.py JUNIT_XML"""
import re
import sys
import xml.etree.ElementTree as ET

bad = 0
for case in ET.parse(sys.argv[1]).getroot().iter("testcase"):
    if case.find("skipped") is None and case.get("status") not in {"notrun", "disabled"}:
        continue
    said = (case.findtext("system-out") or "").strip()
    reason = next((line.strip() for line in said.splitlines() if re.search(r"skip", line, re.I)), said.splitlines()[-1] if said else "no reason given")
    allowed = re.search(r"\b(shared|corpus)\b", said) is not None
    bad += not allowed
    print(f"skipped: {case.get('name')}: {reason}{'' if allowed else '  <- must not be skipped here'}")
sys.exit(1 if bad else 0)
