#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ios_sip_tls
short_description: SIP over TLS and SRTP on an IOS router
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - In C(sip-ua) one effective C(crypto signaling) line for each node of the Unified CM cluster that processes calls; dial-peers that lead to the cluster go to
    TLS; SRTP with its cipher suites, fallback and pass-through; on request a least version of TLS, and TLS profiles on releases that have them.
  - Compared by what is in force; a level above, a tenant, a whole network or a default may say it already. Where releases spell a thing in different ways, the
    router's own release decides; the guide's words are used on the releases that it was written for.
  - The dial-peers wait until Unified CM's trunk to this router is over TLS (O(switch)). Until then they are pending, and all else is done.
  - Lines of C(sip-ua), of TLS profiles, of the credential service and of DSP farms that refer to an earlier generation of the trustpoint are switched to the
    one in use, the new before the old goes.

extends_documentation_fragment:
  - collab.security._ios
options:
  trustpoint:
    description: Name of the trustpoint of M(collab.security.ios_certificate), of its first generation; the newest valid one is referred to.
    type: str
    default: CUBE-Certificate
  cluster:
    description: Unified CM cluster (inventory group). By default C(collab_cm_cluster) of the router.
    type: str
  peers:
    description: IPv4 addresses of far ends in the place of a Unified CM cluster, such as a SIP provider that encrypts. Their dial-peers need not wait.
    type: list
    elements: str
  dial_peers:
    description: Tags of the dial-peers that are secured. By default those whose target or server group is a node of the cluster.
    type: list
    elements: int
  switch:
    description: When the dial-peers go to TLS. With C(never) nothing is said of them; for a run in which a later task has them.
    type: str
    default: with_trunk
    choices: [with_trunk, now, never]
  granted:
    description: Whether this run may change how calls with O(peers) are signalled. Otherwise their dial-peers are pending.
    type: bool
    default: true
  srtp:
    description: SRTP on these dial-peers. C(fallback) lets a call go on without it where the far end has none (C(srtp fallback) and C(srtp negotiate cisco)).
    type: str
    default: fallback
    choices: [fallback, required, "off"]
  srtp_suites:
    description: Cipher suites that SRTP has to offer.
    type: list
    elements: str
    default: [AES_CM_128_HMAC_SHA1_80]
    choices: [AEAD_AES_256_GCM, AEAD_AES_128_GCM, AES_CM_128_HMAC_SHA1_80, AES_CM_128_HMAC_SHA1_32]
  srtp_class:
    description: Tag of the C(voice class srtp-crypto) that is made where the suites in force lack one of these.
    type: int
    default: 10
  pass_thru:
    description: Whether SRTP passes through (C(srtp pass-thru)), for stronger suites end to end. There is no interworking between RTP and SRTP then, so the
      dial-peers get no SRTP of their own.
    type: bool
    default: false
  tls_minimum:
    description: Least version of TLS. Without it nothing is said about it.
    type: str
    choices: ["1.2", "1.3"]
  tls_profile:
    description: A TLS profile for these connections, on IOS XE 17.3 and later.
    type: dict
    suboptions:
      tag:
        description: Its tag.
        type: int
        required: true
      ciphers:
        description: Cipher suites in order of preference, as the router spells them.
        type: list
        elements: str
      cn_san_validate:
        description: Whose names in certificates are validated.
        type: str
        choices: [server, client, bidirectional]
      names:
        description: Names that are accepted beside the host that is called.
        type: list
        elements: str
      tenants:
        description: Tags of the voice class tenants that get it (17.8 and later).
        type: list
        elements: int
seealso:
  - module: collab.security.ios_certificate
  - module: collab.security.sip_trunk
"""

EXAMPLES = r"""
- name: Towards Unified CM, with what the guide asks for
  collab.security.ios_sip_tls:

- name: Stronger suites, TLS 1.2 and newer, names validated
  collab.security.ios_sip_tls:
    srtp_suites: [AEAD_AES_256_GCM, AES_CM_128_HMAC_SHA1_80]
    tls_minimum: "1.2"
    tls_profile:
      tag: 100
      cn_san_validate: bidirectional
"""

RETURN = r"""
trustpoint:
  description: The trustpoint that the lines refer to, or nothing where the router has no valid certificate yet.
  returned: success
  type: str
  sample: CUBE-Certificate
dial_peers:
  description: Tags of the dial-peers in question.
  returned: success
  type: list
  elements: int
  sample: [300, 301]
commands:
  description: Configuration lines that were entered, or in check mode would be, in order; without secrets.
  returned: success
  type: list
  elements: str
  sample: ["sip-ua", "crypto signaling remote-addr 10.10.1.11 255.255.255.255 trustpoint CUBE-Certificate", "exit"]
before:
  description: Parts of the running configuration that differ, as they were.
  returned: always
  type: dict
  sample: {"running-config": "sip-ua\n"}
after:
  description: The same, as it is afterwards (or in check mode would be).
  returned: always
  type: dict
  sample: {"running-config": "sip-ua\n"}
operations:
  description: What was written, or in check mode would be, in order.
  returned: always
  type: list
  elements: dict
  sample: [{"node": "us-cube1", "channel": "ios_cli", "operation": "configure", "object": "...", "arguments": {"lines": ["..."]}}]
findings:
  description: Every difference from what is wanted, mended or not, with its severity and the step of the guide.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "ios-configuration", "severity": "high", "object": "sip-ua on us-cube1", "message": "...", "step": "ios-crypto-signaling"}]
pending:
  description: What could not or may not be done in this run, why, and what to do.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "ios-certificate", "object": "us-cube1", "reason": "...", "what_to_do": ["..."], "step": "ios-import"}]
impact:
  description: What the operations disturb.
  returned: always
  type: list
  elements: dict
  sample: []
"""
