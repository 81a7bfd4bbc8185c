# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading a cluster's SIP trunks and profiles, and proving their far ends: what both trunk modules do before they decide.

Reads only. One listSipTrunk, one listSipTrunkSecurityProfile, one listServiceParameter, one listProcessNode, and one
getSipTrunk for each trunk in question, since a list has no destinations (axl.md 2.3); then one probe for each far end.
"""
from __future__ import annotations

import os
from dataclasses import dataclass

from cryptography import x509

from .asking import axl
from .errors import NodeError
from .expressway.cm_trunk import with_neighbor_ports
from .handshakes import look
from .ios.far_end import router_at
from .ios.far_end import shown_to
from .pki.names import covers
from .pki.names import subject_names
from .resources import sip_trunk as trunks_
from .resources.objects import boolean
from .resources.parameters import CLUSTER_WIDE
from .resources.parameters import list_request
from .resources.sip_trunk import BadTrunks
from .resources.sip_trunk_security_profile import PROFILE
from .resources.trunk_plan import plan_profiles
from .resources.trunk_plan import plan_trunks

SECURE_PORT = 5061
NO_LISTENER = ["Open a TLS listener for SIP on the far end (port %(port)d), with a certificate of the enterprise CA, then run again.",
               "If it listens elsewhere, set 'secure_port' of the trunk, or 'port' of that far end."]
NO_CHAIN = ["Give the far end a certificate of the enterprise CA, with its intermediate certificates; or, if another CA is right, add that CA to the file "
            "that 'ca_file' names and to the trust stores."]
NO_NAME = ["Give the far end a certificate that carries %(server_name)s; or, if it goes by another name, set 'server_name' of that far end."]
NO_SERVER_NAME = ["Set 'server_name' of that far end to the name that its certificate has to carry."]


@dataclass
class Survey:
    """What was read and proven: trunks, profiles, presence trunks and why, wanted trunks, proofs, and the two plans."""

    trunks: dict
    profiles: dict
    presence: dict
    specs: dict
    proofs: dict
    profile_plans: dict
    trunk_plans: dict


def read_profiles(node):
    """All SIP trunk security profiles of the cluster, by name."""
    return PROFILE.read_all(axl(node, PROFILE.list_request()))


def read_trunks(node, names=None):
    """All SIP trunks by name; those in ``names`` (all, where it is None) with their destinations, the others without."""
    listed = trunks_.TRUNK.read_all(axl(node, trunks_.TRUNK.list_request()))
    found = {}
    for name, trunk in listed.items():
        wanted = names is None or name in names
        found[name] = {**trunk, **trunks_.read_trunk(axl(node, trunks_.get_request(name)))} if wanted else {**trunk, "destinations": []}
        found[name]["uuid"] = found[name]["uuid"] or trunk["uuid"]
    return found


def read_presence(node, trunks, more_nodes=()):
    """{trunk: why} of the presence trunks; ``more_nodes`` are names and addresses of IM and Presence nodes known from elsewhere."""
    published = trunks_.published(axl(node, list_request(trunks_.PUBLISH_SERVICE, CLUSTER_WIDE)))
    tags = {"name": "", "processNodeRole": ""}
    nodes = axl(node, ("listProcessNode", {"searchCriteria": {"name": "%"}, "returnedTags": tags}))
    return trunks_.presence_trunks(trunks, published, [*trunks_.presence_nodes(nodes), *more_nodes])


def prove(node, end, ca_file, require_name=False, client_certificate=None, client_key_file=None):
    """Probes one far end and judges what it served: a proof (see resources/trunk_plan.py).

    The name is judged here, since SIP peers (and Unified CM) count the common name beside alternative names, and a TLS client does not.
    """
    seen, chain_error = look(node, end["address"], end["port"], end["server_name"], ca_file=ca_file, client_certificate=client_certificate,
                             client_key_file=client_key_file)
    return judge(end, seen, chain_error, require_name)


def judge(end, seen, chain_error, require_name):
    """The proof of one far end: listener, then chain, then name. ``chain_error`` is why the chain does not verify, or None."""
    proof = {**end, "proven": False, "names": [], "carried": [], "reason": "", "advice": []}
    if not seen.get("chain"):
        return {**proof, "reason": "no TLS listener (%s)" % (seen.get("error") or "nothing was served"), "advice": [line % proof for line in NO_LISTENER]}
    certificate = x509.load_pem_x509_certificate(seen["chain"][0].encode())
    carried = subject_names(certificate)
    proof.update(carried=carried, names=carried[:1])
    if not carried:
        return {**proof, "reason": "its certificate has no name that Unified CM could compare", "advice": NO_CHAIN}
    if chain_error:
        return {**proof, "reason": "its certificate for %s is not proven by the CA file (%s)" % (carried[0], chain_error), "advice": NO_CHAIN}
    if proof["server_name"] and not covers(certificate, proof["server_name"], common_name_counts=True):
        return {**proof, "reason": "its certificate is for %s, not for %s" % (", ".join(carried), proof["server_name"]),
                "advice": [line % proof for line in NO_NAME]}
    if require_name and not proof["server_name"]:
        return {**proof, "reason": "its certificate is for %s, and no name to expect there is given" % ", ".join(carried), "advice": NO_SERVER_NAME}
    return {**proof, "proven": True}


def chosen(node, asked, exclude, more_presence_nodes=(), elsewhere=None):
    """(all trunks, presence trunks and why, {wanted trunk: the operator's words}). Raises BadTrunks where the operator's lists do not fit the cluster.

    ``elsewhere`` (trunks as read) -> names of those that another step of the run secures, whether the operator named them here or not.
    """
    listed = read_trunks(node, [spec["name"] for spec in asked] if asked is not None else None)
    trunks_.check_names(listed, asked or (), exclude)
    presence = read_presence(node, listed, more_presence_nodes)
    wanted = trunks_.select(listed, presence, asked, exclude)
    for name in elsewhere(listed) if elsewhere else ():
        wanted.pop(name, None)
    return listed, presence, wanted


def survey(node, args, more_presence_nodes=(), prover=None, elsewhere=None, complete=None):
    """Reads the cluster by its publisher ``node``, checks the operator's list, proves the far ends, plans. Returns a Survey.

    ``args`` has trunks, exclude, ca_file, suffix, require_server_name, client_certificate, client_key_file (the modules'
    options). Raises BadTrunks before any far end is probed where the list does not fit the cluster.
    ``complete`` (trunks as read, {wanted trunk: the operator's words}) -> these words with what the inventory knows besides.
    """
    listed, presence, specs = chosen(node, args.get("trunks"), args.get("exclude"), more_presence_nodes, elsewhere)
    specs = complete(listed, specs) if complete else specs
    ends = {name: trunks_.far_ends(listed[name], spec) for name, spec in specs.items()}
    prover = prover or (lambda end: prove(node, end, args["ca_file"], args.get("require_server_name"), args.get("client_certificate"),
                                          args.get("client_key_file")))
    seen, proofs = {}, {}
    for name, listeners in ends.items():
        proofs[name] = []
        for end in listeners:
            key = (end["address"], end["port"], end["server_name"])
            if key not in seen:                                             # a host behind two trunks is asked once
                seen[key] = prover(end)
            proofs[name].append(seen[key])
    profiles = read_profiles(node)
    profile_plans = plan_profiles(listed, profiles, specs, proofs, args["suffix"])
    return Survey(listed, profiles, presence, specs, proofs, profile_plans, plan_trunks(listed, specs, proofs, profile_plans))


def any_of(*others):
    """(trunks as read) -> the names that any of these functions gives (None counts as one that gives none)."""
    given = [other for other in others if other]
    return (lambda trunks: {name for other in given for name in other(trunks)}) if given else None


def survey_for(action, args, elsewhere=None):
    """The survey of an action's cluster, its options made ready; what does not fit fails the task before anything is written."""
    node = action.publisher
    ready = {**args, "ca_file": _path(args.get("ca_file")) or node.option("ca_file"), "client_certificate": _path(args.get("client_certificate")),
             "client_key_file": _path(args.get("client_key_file"))}
    if not ready["ca_file"]:
        raise BadTrunks("ca_file: no file of CA certificates is given, so no far end can be proven; set collab_ca_file (or the option ca_file)")

    def prover(end):
        router = router_at(action, end["address"])
        if router is None:
            return prove(node, end, ready["ca_file"], ready.get("require_server_name"), ready["client_certificate"], ready["client_key_file"])
        try:
            seen, chain_error = shown_to(action, router, ready["ca_file"])
        except NodeError as e:
            seen, chain_error = {"error": str(e)}, None
        return judge(end, seen, chain_error, ready.get("require_server_name"))

    return survey(node, ready, presence_hosts(action), prover, elsewhere, with_neighbor_ports(action))


def presence_hosts(action):
    """Names and addresses of the IM and Presence nodes in the inventory's group im_presence, where there is one."""
    found = []
    for name in action.task_vars["groups"].get("im_presence", ()):
        host = action.node_of(str(name))
        found += [value for value in (host.name, host.fqdn, host.host) if value]
    return found


def _path(name):
    """An absolute path: the broker that opens it lives elsewhere."""
    return os.path.abspath(os.path.expanduser(name)) if name else None


def own_end(action, ca_file):
    """Why the cluster itself is not ready for trunks over TLS: one sentence for each call-processing node that does not prove itself on 5061.

    A far end that authenticates the cluster sees this certificate; while it is the self-signed one of day 0, a switched trunk would stay down.
    """
    ca_file, wrong = _path(ca_file) or action.publisher.option("ca_file"), []
    for node in action.nodes.values():
        if "call_processing" in node.roles:
            seen = node.ask("tls", "probe", address=node.host, port=SECURE_PORT, server_name=node.fqdn, ca_file=ca_file, rsa_only=True)
            if not seen.get("verified"):
                wrong.append("%s:%d: %s" % (node.name, SECURE_PORT, seen.get("error") or "its certificate is not proven"))
    return wrong


def replan(found, suffix, trunks=None, profiles=None):
    """The same survey with trunks or profiles read again; the far ends stay as they were proven."""
    trunks, profiles = trunks or found.trunks, profiles or found.profiles
    profile_plans = plan_profiles(trunks, profiles, found.specs, found.proofs, suffix)
    return Survey(trunks, profiles, found.presence, found.specs, found.proofs, profile_plans, plan_trunks(trunks, found.specs, found.proofs, profile_plans))


def encrypted_presence(found):
    """Names of presence trunks that someone has encrypted: the guide leaves them plain."""
    return [name for name in sorted(found.presence) if found.trunks[name]["securityProfileName"] in found.profiles
            and (found.profiles[found.trunks[name]["securityProfileName"]]["securityMode"] == "Encrypted" or boolean(found.trunks[name]["srtpAllowed"]))]
