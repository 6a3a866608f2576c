#!/usr/bin/env python3
"""The table of limits in SECURITY.md is what the headers say, all of it.  usage: limits.py SOURCE_DIR"""
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
CONSTANT = re.compile(r"(?:std::(?:size_t|uint64_t|uint32_t)|int) (\w+) = ([^;]+);")
NOT_A_LIMIT = {"copy_buffer", "max_member_end"}
limits = {}
for header in ("lib/include/ovfkit/limits.hpp", "lib/package/limits.hpp"):
    for name, value in CONSTANT.findall((root / header).read_text()):
        if name not in NOT_A_LIMIT:
            value = re.sub(r"(?<=\d)[UL]+\b", "", value)
            if not re.fullmatch(r"[\d <]+", value):
                sys.exit(f"{header}: {name} = {value}: not understood")
            left, _, shift = value.partition("<<")
            limits[name] = int(left) << int(shift or 0)
UNITS = {"": 0, "KiB": 10, "MiB": 20, "GiB": 30, "TiB": 40}
table = {}
for name, value, unit in re.findall(r"^\| `(\w+)` \| (\d+) ?(\w*) \|", (root / ".github/SECURITY.md").read_text(), re.M):
    table[name] = int(value) << UNITS[unit]
wrong = [f"{name}: {limits.get(name)} in the code, {table.get(name)} in the table" for name in sorted(limits.keys() | table.keys())
         if limits.get(name) != table.get(name)]
print(f"{len(limits)} limits")
print("\n".join(wrong))
sys.exit(1 if wrong or len(limits) < 20 else 0)
