# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is assumed of Serviceability, of the certificate API and of OS Administration."""

from __future__ import annotations

from ..certificates.reading import has_api
from ..channels.serviceability import NOT_ACTIVATED
from ..pki.holdings import from_snapshot
from ..pki.holdings import multi_server_word
from ..pki.pem import read_certificate
from .assumption import Assumption
from .assumption import Look
from .assumption import NotSeen
from .assumption import answers
from .assumption import refused

STATES = {"Started", "Stopped", "Starting", "Stopping"}


def _states(answer):
    return {one["status"] for one in answer.value["services"]} <= STATES


def _started(pattern_of):
    def look(answer):
        times = [one["start_time"] for one in answer.value["services"] if one["start_time"]]
        if not times:
            raise NotSeen("no service says when it was started")
        return all(pattern_of(time) for time in times)
    return look


def _ctime(time):
    return time[:3].isalpha() and time[-4:].isdigit()


SERVICEABILITY = (
    Look("serviceability", "status", {"services": []}, (
        Assumption("serviceability-status", "a service that is not activated reads Stopped with %d" % NOT_ACTIVATED, _states, answers),
        Assumption("serviceability-status", "the time of a start is written as 'Mon Nov  3 10:15:00 2025'", _started(_ctime), answers),
        Assumption("services-names", "network services are listed by the names that their pages have",
                   lambda a: {"Cisco Tomcat", "A Cisco DB"} <= {one["name"] for one in a.value["services"]}),
    )),
)
RIS = (
    Look("serviceability", "devices", {"names": ["NOSUCHDEVICE0"]}, (
        Assumption("ris-exact-names", "selectCmDeviceExt takes a name that there is not, and answers with no device", lambda a: a.value == []),
    ), "leader"),
)


def _distribution(answer):
    return multi_server_word(answer.value) == "multi-server"


def _units(answer):
    return all(not one["service"].endswith("-trust") for one in answer.value["trusts"])


CERTMGR = (
    Look("certmgr", "snapshot", {}, (
        Assumption("certmgr-snapshot", "it has identities and trusts; a trust store is called by its unit, without -trust", _units,
                   lambda a: bool(from_snapshot(a.value).identities)),
    ), releases=has_api),
    Look("certmgr", "options", {}, (
        Assumption("certmgr-options", "the values that a request takes are listed by service", lambda a: isinstance(a.value["csr"], list),
                   lambda a: a.error is None or refused(404)(a)),
        Assumption("certmgr-csr-multi-server", "a request for several servers is called 'multi-server'", _distribution,
                   lambda a: a.error is None or refused(404)(a)),
    ), releases=has_api),
)


def labels(answer):
    """The labels of a page's fields, and their choices."""
    return {field["label"] for field in answer.value["fields"] if field.get("label")}


def _labelled(*wanted):
    return lambda answer: set(wanted) <= {label.rstrip(" :*") for label in labels(answer)}


def _multi_server(answer):
    return "Multi-server(SAN)" in answer.text


def page(name, *assumptions):
    """A Look at one page."""
    return Look("os_admin", "read", {"page": name}, assumptions, "leader")


OS_ADMIN = (
    page("csr",
         Assumption("os-admin-csr", "the page Generate CSR has the fields Certificate Purpose, Distribution, Key Length and Hash Algorithm",
                    _labelled("Certificate Purpose", "Distribution", "Key Length", "Hash Algorithm")),
         Assumption("os-admin-csr", "the choice for several servers is written 'Multi-server(SAN)'", _multi_server, lambda a: "ulti-" in a.text),
         Assumption("os-admin-links", "Security, Certificate Management, Generate CSR lead there", answers)),
    page("upload",
         Assumption("os-admin-upload", "the page Upload Certificate/Certificate chain has Certificate Purpose and Upload File",
                    _labelled("Certificate Purpose", "Upload File"))),
    page("monitor",
         Assumption("os-admin-monitor", "Certificate Monitor has Notification Start Time, Notification Frequency, Enable E-mail Notification, E-mail IDs",
                    _labelled("Notification Start Time", "Notification Frequency", "Enable E-mail Notification", "E-mail IDs"),
                    _labelled("Notification Start Time", "Notification Frequency")),
         Assumption("os-admin-monitor", "Certificate Monitor offers Enable LSC Monitoring", lambda a: "LSC" in a.text, answers)),
    page("revocation",
         Assumption("os-admin-revocation", "Certificate Revocation has the fields of OCSP, and none of revocation lists",
                    lambda a: "OCSP" in a.text and "CRL" not in a.text, lambda a: a.error is not None or "OCSP" in a.text)),
)


def _tls(version):
    return lambda answer: answer.value["protocol"] == version


def _chain(answer):
    if not answer.value["chain"]:
        raise NotSeen("no handshake was completed: %s" % answer.value["error"])
    served = [read_certificate(pem, "the certificate") for pem in answer.value["chain"]]
    if len(served) == 1 and served[0].issuer == served[0].subject:
        raise NotSeen("the certificate is self-signed")
    return len(served) > 1 and served[-1].issuer != served[-1].subject


HANDSHAKE = (
    Look("tls", "probe", {"address": "host", "port": "https_port", "server_name": "fqdn"}, (
        Assumption("tls-version", "the highest version spoken is TLS 1.2", _tls("TLSv1.2"), answers),
        Assumption("tls-https", "a listener sends its chain without the root", _chain, answers),
    )),
)
EVERY_NODE = SERVICEABILITY + CERTMGR + HANDSHAKE
