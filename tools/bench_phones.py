# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ten thousand phones, a thousand of them wrong: what finding and mending them costs, beside the bare transfer and beside a loop of one task a phone.

Against a lab of its own. The bare transfer is what no client can do without: the same pages by plain HTTPS, parsed by lxml. The loop is ansible.builtin.uri
with one request a phone, on a sample, for that is how phones are changed where there is no module for it.
"""
from __future__ import annotations

import json
import os
import re
import shutil
import statistics
import time
from base64 import b64encode
from contextlib import nullcontext
from http.client import HTTPSConnection
from ssl import create_default_context

import yaml
from lxml import etree

from ansible_collections.collab.security.plugins.plugin_utils.operations import bulk
from ansible_collections.collab.security.plugins.plugin_utils.resources import phones as phones_
from tests.integration.administrator import APPLICATION
from tests.integration.administrator import Administrator
from tests.integration.harness import REPOSITORY
from tests.integration.harness import Estate
from tools.memory import Memory

PHONES, WRONG, POOLS, SAMPLE = 10_000, 1_000, 10, 20
NETWORK = "127.76"
PROFILE = "UDT-Encrypted-LSC-TFTPenc.ent-pa.com"
RULES = {"phones_rules": [{"name": "Everybody", "names": ["SEP0C75BD*"], "profile": PROFILE}]}
PLAY = [{"hosts": "publishers:&unified_cm", "gather_facts": False, "tasks": [
    {"name": "Open the session, as every run does", "collab.security.cluster_info": {"gather": ["version"]}},
    {"ansible.builtin.import_role": {"name": "collab.security.phones"}}]}]
ENVELOPE = ('<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:n="http://www.cisco.com/AXL/API/12.5"><e:Body><n:%s>%s</n:%s></e:Body>'
            "</e:Envelope>")


def estate_of(directory):
    """The lab's inventory with ten device pools, and all phones that are made by number as they should be."""
    source = directory / "source"
    shutil.copytree(REPOSITORY / "inventories" / "lab", source)
    estate = yaml.safe_load((source / "estate.yml").read_text())
    us = estate["clusters"]["us_cm"]
    for pool in us["device_pools"]:
        pool.pop("srst", None)
    us["device_pools"] += [{"name": "US_DP_%d" % n, "callmanager_group": "US_CMG_1"} for n in range(2, POOLS - len(us["device_pools"]) + 2)]
    us["phone_security_profiles"] = [{
        "name": PROFILE, "phoneType": "Universal Device Template", "protocol": "Protocol Not Specified", "deviceSecurityMode": "Encrypted",
        "transportType": "TLS", "authenticationMode": "By Existing Certificate (precedence to LSC)", "keySize": 2048, "tftpEncryptedConfig": True}]
    us["made_phones"] = {"security_profile": PROFILE, "lsc": {"days": 900}}
    (source / "estate.yml").write_text(yaml.safe_dump(estate))
    (directory / "phones.json").write_text(json.dumps(PLAY))
    return Estate(directory, NETWORK, source=source)


def ready(estate):
    """Mixed mode in force, every phone registered, a thousand phones wrong. Returns their names."""
    estate.play("site.yml", "--tags", "mixed_mode", variables={"collab_sip_trunks": []}).ok()
    for node, service in ((2, "Cisco CallManager"), (3, "Cisco CallManager"), (4, "Cisco Tftp")):
        admin = Administrator(estate)
        admin.address = "%s.1.%d" % (NETWORK, node)
        admin.cli("utils service restart " + service)
    for pool in re.findall("<name>([^<]*)</name>", Administrator(estate).axl(
            "listDevicePool", "<searchCriteria><name>%</name></searchCriteria><returnedTags><name/></returnedTags>")):
        Administrator(estate).axl("resetDevicePool", "<name>%s</name>" % pool)
    time.sleep(2)                                           # forty minutes of the lab's time
    # These restarts were an administrator's: the collection sees by the services' start that nothing is owed any more.
    estate.play("site.yml", "--tags", "restarts", variables={"service_restarts_reset_phones": False, "collab_disruption": []}).ok()
    return json.loads(estate.lab("spoil", "us_cm", str(WRONG)))


def run(estate, *arguments, watch=True):
    """One run of the role: seconds of its task, requests and writes as the lab has seen them, and peak memory in MB (watched, it is somewhat slower)."""
    since = estate.mark()
    with Memory() if watch else nullcontext() as memory:
        done = estate.play(str(estate.directory / "phones.json"), *arguments, variables=RULES, environment=memory.environment if watch else None).ok()
    task = next(t for t in done.report["tasks"] if t["action"] == "collab.security.phone_security")
    seen = [e["operation"] for e in estate.journal(since=since)]
    updates, told = seen.count("updatePhone"), seen.count("applyPhone")
    return {"seconds": task["seconds"], "requests": len(seen), "updates": updates, "told": told, "reads": len(seen) - updates - told,
            "megabytes": memory.peak / 1e6 if watch else None, "differ": task["result"]["counts"]["differ"]}


def bare(estate):
    """Seconds that the same pages take by plain HTTPS, parsed into dicts: the median of three."""
    context = create_default_context(cafile=str(estate.lab_directory / "ca" / "chain.pem"))
    context.load_verify_locations(str(estate.lab_directory / "pins" / "us-cm-pub.ent-pa.com.pem"))
    context.check_hostname = False                          # dialled by address
    connection = HTTPSConnection("%s.1.1" % NETWORK, 8443, context=context)
    login = "Basic " + b64encode(":".join(APPLICATION).encode()).decode()
    tags = "".join("<%s/>" % tag for tag in phones_.TAGS)

    def ask(operation, body, tag):
        connection.request("POST", "/axl/", (ENVELOPE % (operation, body, operation)).encode(), {
            "Content-Type": "text/xml", "SOAPAction": '"CUCM:DB ver=12.5 %s"' % operation, "Authorization": login})
        return [{e.tag: e.text for e in row} for row in etree.fromstring(connection.getresponse().read()).iter(tag)]

    taken = []
    for _time in range(3):
        start, read = time.perf_counter(), 0
        for skip in range(0, PHONES + 1, bulk.PAGE):
            read += len(ask("listPhone", "<searchCriteria><name>%%</name></searchCriteria><returnedTags>%s</returnedTags><skip>%d</skip><first>%d</first>" % (
                tags, skip, bulk.PAGE), "phone"))
        for skip in range(0, PHONES + 1, bulk.LSC_PAGE):
            ask("executeSQLQuery", "<sql>%s</sql>" % phones_.lsc_query(skip, bulk.LSC_PAGE), "row")
        if read < PHONES:
            raise SystemExit("the bare transfer read %d phones" % read)
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def loop(estate, names):
    """Seconds a phone that a task a phone takes: to read one, to write one, to tell one."""
    common = {"url": "https://%s.1.1:8443/axl/" % NETWORK, "method": "POST", "validate_certs": False, "force_basic_auth": True, "url_username": APPLICATION[0],
              "url_password": APPLICATION[1]}
    bodies = {"getPhone": "<name>{{ item }}</name>", "updatePhone": "<name>{{ item }}</name><securityProfileName>%s</securityProfileName>" % PROFILE,
              "applyPhone": "<name>{{ item }}</name>"}
    tasks = []
    for operation, body in bodies.items():
        headers = {"Content-Type": "text/xml", "SOAPAction": '"CUCM:DB ver=12.5 %s"' % operation}
        tasks.append({"name": operation, "delegate_to": "localhost", "loop": names,
                      "ansible.builtin.uri": dict(common, body=ENVELOPE % (operation, body, operation), headers=headers)})
    book, stamps = estate.directory / "loop.json", estate.directory / "stamps"
    book.write_text(json.dumps([{"hosts": "us-cm-pub", "gather_facts": False, "tasks": [{"name": "begin", "ansible.builtin.debug": {"msg": "x"}}, *tasks]}]))
    environment = {"ANSIBLE_CALLBACK_PLUGINS": str(REPOSITORY / "tools" / "bench_parts" / "callbacks"), "ANSIBLE_CALLBACKS_ENABLED": "stamps",
                   "BENCH_STAMPS": str(stamps), "ANSIBLE_PYTHON_INTERPRETER": os.sys.executable}
    estate.play(str(book), environment=environment).ok()
    ended = [float(line) for line in stamps.read_text().split()]
    return [(after - before) / len(names) for before, after in zip(ended, ended[1:], strict=False)]


def measure(directory, row):
    """All rows. row: bench.row."""
    directory.mkdir(parents=True)
    estate = estate_of(directory)
    estate.up("--phones", str(PHONES))
    try:
        wrong = ready(estate)
        transfer = bare(estate)
        drift, watched = run(estate, "--check", watch=False), run(estate, "--check")
        if drift["differ"] != WRONG or drift["updates"] + drift["told"]:
            raise SystemExit("the drift check is wrong: %r" % drift)
        estate.save("wrong")
        mend = run(estate)
        again = run(estate)
        if again["updates"] + again["told"] + again["differ"]:
            raise SystemExit("mending has left something: %r" % again)
        estate.load("wrong")
        read, write, tell = loop(estate, wrong[:SAMPLE])
    finally:
        estate.down()
    return [
        row("10,000 phones, 1,000 wrong: found", drift["seconds"], "s", PHONES * read, "a task a phone (uri)"),
        row("of that, bare transfer and parse of the same rows", transfer, "s"),
        row("so the whole takes, in times of the bare transfer (3 at most)", drift["seconds"] / transfer, ""),
        row("requests of it (25 at most)", drift["requests"], "", PHONES, "a task a phone"),
        row("mended and told", mend["seconds"], "s", PHONES * read + WRONG * (write + tell), "a task a phone (uri)"),
        row("writes of it (1,000)", mend["updates"], ""),
        row("phones told of it", mend["told"], ""),
        row("reads of it (60 at most)", mend["reads"], "", PHONES, "a task a phone"),
        row("peak memory of the run (250 MB at most)", max(watched["megabytes"], mend["megabytes"]), "MB"),
    ]
