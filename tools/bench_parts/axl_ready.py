# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Time and memory until the AXL client can make requests, beyond importing zeep. Argument: cut (as here) or whole (a stock zeep client)."""
from __future__ import annotations

import importlib.metadata
import json
import os
import sys
import time

import zeep
import zeep.xsd
from lxml import etree

ROW = ('<phone uuid="{4404D8BB-7AEE-5F6C-9E2D-E861356665F5}"><name>SEP%012X</name><model>Cisco 8845</model><protocol>SIP</protocol>'
       '<securityProfileName uuid="{1}">Cisco 8845 - Standard SIP Non-Secure Profile</securityProfileName></phone>')


def megabytes():
    """Resident memory of this process."""
    with open("/proc/self/statm", encoding="ascii") as f:
        return int(f.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def schema_file(name):
    """A file of the 12.5 schema in the package ciscoaxl."""
    return next(f for f in importlib.metadata.files("ciscoaxl") if str(f).endswith("schema/12.5/" + name)).locate()


def bulk(schema):
    """Milliseconds to read a reply with 2,000 phones, raw and as zeep's objects."""
    rows = "".join(ROW % n for n in range(2000))
    text = ('<ns:listPhoneResponse xmlns:ns="%s"><return>%s</return></ns:listPhoneResponse>' % (schema.namespace, rows)).encode()
    start = time.perf_counter()
    rows = [{e.tag: e.text for e in phone} for phone in etree.fromstring(text).iter("phone")]
    raw = time.perf_counter() - start
    start = time.perf_counter()
    objects = schema.zeep.get_element("{%s}listPhoneResponse" % schema.namespace).parse(etree.fromstring(text), schema.zeep)
    made = time.perf_counter() - start
    if len(rows) != 2000 or len(objects["return"]["phone"]) != 2000:
        raise SystemExit("the reply was not read whole")
    return {"raw_ms": raw * 1000, "objects_ms": made * 1000}


def main():
    """Print the figures as JSON."""
    if sys.argv[1] == "whole":
        before, start = megabytes(), time.perf_counter()
        client = zeep.Client(str(schema_file("AXLAPI.wsdl")))
        out = {"seconds": time.perf_counter() - start, "megabytes": megabytes() - before, "operations": len(client.wsdl.bindings)}
    else:
        from ansible_collections.collab.security.plugins.plugin_utils.channels import axl_schema
        reader, writer = os.pipe()
        if os.fork() == 0:                  # cut in another process: what that needs meanwhile is not the client's
            start = time.perf_counter()
            text = axl_schema.cut(schema_file("AXLSoap.xsd").read_bytes(), axl_schema.OPERATIONS)
            with os.fdopen(writer, "wb") as f:
                f.write(b"%f\n" % (time.perf_counter() - start) + text)
            os._exit(0)
        os.close(writer)
        with os.fdopen(reader, "rb") as f:
            cut_seconds, text = float(f.readline()), f.read()
        os.wait()
        before, start = megabytes(), time.perf_counter()
        schema = axl_schema.Schema(text, "12.5")
        out = {"seconds": time.perf_counter() - start, "megabytes": megabytes() - before, "cut_seconds": cut_seconds}
        out.update(bulk(schema))
    print(json.dumps(out))


if __name__ == "__main__":
    main()
