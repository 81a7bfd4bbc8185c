# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The licence as AXL tells it, and whether it allows encryption (axl.md 2.8; vos.md 2)."""

from __future__ import annotations

from ..resources.objects import text

WHAT_TO_DO = ("Register the cluster with Cisco Smart Licensing (or its satellite) with a token that has 'Allow export-controlled functionality' set; "
              "then run again.")


def read(publisher):
    """{registration, export_control} as the cluster words them, empty text where the reply lacks one."""
    reply = publisher.ask("axl", "call", operation="getSmartLicenseStatus", arguments={})
    details = reply.get("LicenseDetails") or {}
    registration = details.get("Registration") or {}
    return {"registration": text(registration.get("Status")), "export_control": text(registration.get("ExportControlFunctionality"))}


def refusals(found):
    """Why mixed mode and SIP OAuth would be refused: a list of sentences, empty where nothing stands against them. Case does not count."""
    out = []
    if found["registration"].lower() != "registered":
        out.append("the cluster is not registered with Smart Licensing (status: %s)" % (found["registration"] or "none"))
    if found["export_control"].lower() != "allowed":
        out.append("export-controlled functionality is not allowed by the licence (it says: %s)" % (found["export_control"] or "nothing"))
    return out
