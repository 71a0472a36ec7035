"""Parses structured fields (RFC 9651) with http-sf.

The first argument is a JSON array of lists in their text form. Printed is one JSON array a line: the list's members, each as
[value, {parameter: value}].
"""

import json
import sys

import http_sf

for text in json.loads(sys.argv[1]):
    print(json.dumps(http_sf.parse(text.encode("ascii"), tltype="list")))
