# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secure SRST from end to end: what the playbooks leave behind lets an encrypted phone register at its branch router while Unified CM is down."""
from __future__ import annotations

import hashlib
import json
import ssl
import time
from pathlib import Path

from tests.integration.administrator import Administrator
from tests.integration.conftest import free_network
from tests.integration.harness import Estate

PHONE = "SEP0011AABB0300"
CALL_MANAGERS = (2, 3)      # us-cm-sub1 and us-cm-sub2


def branch(estate: Estate) -> tuple[dict[str, bool], dict[str, str]]:
    """({phone at the router: whether by TLS}, {phone that was turned down: why})."""
    status = json.loads(estate.lab("status", "--json"))
    router = next(one for cluster in status["clusters"] for one in cluster.get("routers", ()) if one["name"] == "us-branch1")
    return {phone["name"]: phone["secure"] for phone in router["phones"]}, router["turned_down"]


def call_managers(estate: Estate, command: str) -> None:
    """What a person does at the command line of each call-processing node."""
    for number in CALL_MANAGERS:
        person = Administrator(estate)
        person.address = f"{estate.network}.1.{number}"
        person.cli(f"utils service {command} Cisco CallManager")


def until(estate: Estate, wanted: tuple[dict, dict]) -> None:
    """Phones look for a router a while after they have lost their CallManager."""
    end = time.monotonic() + 20
    while branch(estate) != wanted:
        assert time.monotonic() < end, branch(estate)
        time.sleep(0.2)


def test_an_encrypted_phone_finds_its_branch_router(tmp_path: Path) -> None:
    """From plain to encrypted, the certificate confirmed by a person; the router and the phone then believe each other, and nobody else is let in."""
    estate = Estate(tmp_path, free_network(), ("us_cm", "us_srst"))
    estate.up()
    try:
        estate.play("site.yml").ok()
        call_managers(estate, "stop")
        until(estate, ({}, {PHONE: "the phone holds no certificate of the router"}))
        call_managers(estate, "start")
        until(estate, ({}, {}))
        estate.lab("srst", "us_cm", "US_BRANCH_SRST")
        served = ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate((estate.network + ".9.81", 2445)))
        estate.play("site.yml", "--tags", "srst,phones", variables={"collab_srst_references": [
            {"name": "US_BRANCH_SRST", "server_name": "us-branch1.ent-pa.com", "certificate_sha256": hashlib.sha256(served).hexdigest()}]}).ok()
        call_managers(estate, "stop")
        until(estate, ({PHONE: True}, {}))
    finally:
        estate.down()
