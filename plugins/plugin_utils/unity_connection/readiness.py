# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must hold on both ends before port group and trunk are switched: each reason against it as (reason, what to do). Reads only.

In check mode what the same run would have made before (certificates, trust, encryption, mixed mode) is taken as made; what cannot be read
or derived is a reason all the same.
"""
from __future__ import annotations

from pathlib import Path

from ..certificates.reading import read_node
from ..operations import estate
from ..pki.facts import short
from ..pki.pem import read_certificates
from ..pki.restarts import CONVERSATION_MANAGER
from ..resources import unity_connection as cuc
from ..sip_trunks import own_end
from . import encryption

PAGE = "In Cisco Unity Connection Administration > Telephony Integrations > Port Group > %s"
STORES = {"cuc": ("tomcat-trust", "CallManager-trust"), "cm": ("CallManager-trust",)}


class Readiness:
    """What stands against a Switch."""

    def __init__(self, switch):
        self.switch, self.action, self.cm, self.args, self.check = switch, switch.action, switch.cm, switch.args, switch.check

    def waits(self):
        """All reasons, those first that a person has to deal with."""
        found = [*self.interface(), *self.trunk(), *self.profile()]
        if not self.check:
            found += [*self.encryption(), *self.mixed(), *self.trust(), *self.own()]
        return found

    def interface(self):
        """Fields that the interface lacks, or is known to ignore."""
        group = self.switch.group
        lacking = cuc.lacking(group.group)
        if lacking and cuc.SRTP not in lacking and not self.switch.changes and not self.switch.not_served():
            lacking = []                                # profile and NGE set by hand, and proven from outside
        ignored, reason = self.switch.memory.read(group.name)
        ignored = [field for field in ignored if field in self.switch.changes]
        if lacking:
            yield self.by_hand("CUPI of this release has no field for %s" % labels(lacking))
        elif ignored and not self.args["try_again"]:
            yield self.ignored(ignored, reason)

    def ignored(self, fields, reason):
        """The reason for fields that were written in vain; what had been written is put back."""
        return self.by_hand("CUPI of this release does not take %s (%s); the port group is as it was" % (labels(fields), reason))

    def by_hand(self, reason):
        """What a person does about the port group, so that the next run does the rest."""
        name, port = self.switch.group.name, self.args["port"]
        return reason, [
            PAGE % name + ": select the SIP security profile %d/TLS, check 'Enable Next Generation Encryption' and 'Secure RTP', save, and reset the port "
            "group." % port,
            "In the same window, at once: run again with 'trunks' in collab_disruption; the run finds the port group secured and switches the trunk."]

    def trunk(self):
        """No trunk, or one whose far ends are not ready."""
        if not self.switch.trunks.names:
            yield ("no SIP trunk of %s dials a node of %s, so nothing is switched" % (self.cm.cluster, self.action.cluster),
                   ["Name the trunk in unity_connection_trunks, if it dials Unity Connection by an address or name that the inventory does not have."])
        for name, plan in self.switch.plans.items():
            if plan.waits and plan.differences:
                yield "trunk %s: %s" % (name, plan.waits[0]), plan.waits[1]

    def profile(self):
        """The SIP security profile to select."""
        if not self.switch.profile and not self.check:
            yield ("Unity Connection has no SIP security profile %d/TLS" % self.args["port"],
                   ["Run collab.security.cuc_sip_security_profile first; what it could not do, its own report says."])

    def encryption(self):
        """Encryption of the product, and whether it is in force."""
        now = encryption.read(self.action.publisher)[0]
        if now is False:
            yield "encryption of Unity Connection is off", ["Run collab.security.cuc_encryption first (role unity_connection)."]
        owing = sorted({entry["node"] for entry in self.switch.owed.items(CONVERSATION_MANAGER)})
        if owing:
            yield ("%s has not restarted on %s since a change that it has to read" % (CONVERSATION_MANAGER, ", ".join(owing)),
                   ["Run again in a window with 'services' in collab_disruption."])

    def mixed(self):
        """Unity Connection takes Unified CM's certificates from an ITL file that needs mixed mode (id:63335859960)."""
        if not estate.mixed(self.cm.publisher):
            yield "%s is not in mixed mode, which secure voice mail needs" % self.cm.cluster, ["Set mixed mode first (role mixed_mode)."]

    def trust(self):
        """Each side's stores have to hold the CA of the other side's certificate."""
        path = self.args["ca_file"]
        certificates = read_certificates(Path(path).read_text(encoding="utf-8"), path)
        for side, stores in ((self.action, STORES["cuc"]), (self.cm, STORES["cm"])):
            held = side.each(side.nodes, lambda node, stores=stores: read_node(node, node.variables.get("collab_release"), stores=stores, known=certificates))
            for name, holdings in held.items():
                for store, missing in holdings.lacking(certificates, stores).items():
                    yield ("%s on %s lacks %s" % (store, name, ", ".join(short(one) for one in missing)),
                           ["Have every node trust the enterprise CA first (role certificates)."])

    def own(self):
        """Unified CM's own certificate, which Unity Connection will look at."""
        wrong = own_end(self.cm, self.args["ca_file"])
        if wrong:
            yield ("Unified CM's own certificate for SIP is not proven by the CA file: %s" % "; ".join(wrong),
                   ["Give CallManager its certificate from the enterprise CA and restart it (roles certificates and service_restarts)."])


def labels(fields):
    """Fields in the words of the administration page."""
    return ", ".join("'%s'" % cuc.FIELDS[field][2] for field in fields)
