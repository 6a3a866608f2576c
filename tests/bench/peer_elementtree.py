#!/usr/bin/env python3
"""peer_elementtree.py IN OUT: parse into a tree, write the tree."""
import sys
import xml.etree.ElementTree as ET

ET.parse(sys.argv[1]).write(sys.argv[2], encoding="UTF-8", xml_declaration=True)
