#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: phone_security
short_description: Phone security profiles and LSCs of all phones of a cluster
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Gives each phone the phone security profile and the locally significant certificate (LSC) that its kind and place call for, as Table 7-14 of the guide
    says, by rules. One call does a whole cluster.
  - All phones are read in a few large pages and compared on the control node. Only phones that differ are written, one request each, with the elements that
    differ and no others. While the cluster takes no writes (too many outstanding change notifications) it is waited for.
  - An LSC is wanted where it is missing, expired, about to expire, or from another issuer than the current one, and not otherwise. The certificate operation
    falls back by itself once it has ended, so it is never compared.
  - Then the phones are told (Apply Config, or a reset) in batches, device pool by device pool. The next batch waits until the phones of the last are
    registered again and have got the LSCs that were asked for. A batch that does not come back stops the rest.
  - What still has to be told is kept in the workspace, so an interrupted run is gone on with. Without O(granted) the phones are written, and telling them is
    reported as pending.
  - Nothing is deleted. Phones that no rule matches are left alone and counted.
extends_documentation_fragment:
  - collab.security._attributes
options:
  rules:
    description:
      - What each phone is to have. The first rule that matches a phone counts.
      - All conditions of a rule must hold, and of each at least one pattern. Patterns are shell globs, in any case. An empty list matches nothing.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: What the rule is called in the report.
        type: str
        required: true
      models:
        description: Patterns of the model, as AXL names it, for example C(Cisco 88*).
        type: list
        elements: str
      device_pools:
        description: Patterns of the device pool.
        type: list
        elements: str
      names:
        description: Patterns of the device name.
        type: list
        elements: str
      descriptions:
        description: Patterns of the description.
        type: list
        elements: str
      endpoint:
        description:
          - What kind of endpoint these are, which decides what is checked about them.
          - V(on_premises) for desk phones and room systems in the enterprise network, V(jabber) for Jabber on premises or not, V(mra) for hardware
            that only ever comes in by mobile and remote access.
        type: str
        choices: [on_premises, jabber, mra]
        default: on_premises
      skip:
        description: Leave these phones as they are.
        type: bool
        default: false
      profile:
        description: The phone security profile. It must exist.
        type: str
      lsc:
        description: Whether an LSC is wanted. By default it is for V(on_premises), and is not for the others.
        type: bool
      enrolment:
        description:
          - For phones without a MIC, or with an LSC that nobody takes any more. How a phone without a good LSC proves itself to CAPF. With
            O(rules[].enrolment.authentication_string) somebody has to type that on the phone, without it the phone need not prove itself at all (null string).
          - Once the phone has its LSC it gets O(rules[].profile).
        type: dict
        suboptions:
          profile:
            description: The phone security profile until then. Without it the phone keeps the one that it has.
            type: str
          authentication_string:
            description: 4 to 10 digits. A secret.
            type: str
  lsc_days:
    description: An LSC that is valid for fewer days than this is renewed.
    type: int
    default: 30
  lsc_issuers:
    description:
      - Common names of the CAs whose LSCs are all right.
      - By default those of the CA certificates in O(online_ca_file) while the online CA is in force (O(issuer_parameter)), else that of the CAPF certificate of
        the publisher.
    type: list
    elements: str
    default: []
  online_ca_file:
    description: PEM file with the certificates of the online CA. By default C(collab_ca_file).
    type: path
  issuer_parameter:
    description:
      - The parameter I(Certificate Issuer to Endpoint) as M(collab.security.capf_online_ca) takes it, once its name has been confirmed. While the cluster
        has the value of O(issuer_parameter.stored_value), the online CA issues the LSCs.
    type: dict
    suboptions:
      label:
        description: Label of the administration page.
        type: str
      value:
        description: What the page shows.
        type: str
      name:
        description: Internal name.
        type: str
      stored_value:
        description: What is stored while the page shows I(Online CA).
        type: str
      confirmed:
        description: Whether an administrator has confirmed both.
        type: bool
        default: false
  mic_signers:
    description: Common names of the manufacturing CAs and their roots, which CAPF-trust of the publisher must have for phones to prove themselves by their MIC.
    type: list
    elements: str
    default: [Cisco Root CA 2048, Cisco Manufacturing CA, Cisco Root CA M2, Cisco Manufacturing CA SHA2]
  method:
    description: How phones are told. V(apply) restarts a phone only where its new configuration needs it, V(reset) always.
    type: str
    choices: [apply, reset]
    default: apply
  batch_size:
    description: How many phones are told at a time, at most. A batch never has phones of two device pools.
    type: int
    default: 200
  timeout:
    description: How long to wait, in seconds, for the phones of one batch to be registered again, and then for their LSCs.
    type: int
    default: 900
  granted:
    description: Whether this run may disturb phones. If not, telling them is reported as pending.
    type: bool
    default: false
notes:
  - Needs C(collab_workspace) where phones are changed.
  - RIS answers 15 questions a minute. Keep C(collab_poll_seconds) at 5 or more on a real cluster.
seealso:
  - module: collab.security.phone_security_profile
  - module: collab.security.cluster_security_mode
"""

EXAMPLES = r"""
- name: Desk phones, Jabber, and phones at home
  collab.security.phone_security:
    rules:
      - name: Jabber
        models: [Cisco Unified Client Services Framework, Cisco Dual Mode for *, Cisco Jabber for Tablet]
        endpoint: jabber
        profile: UDT-Jabber-SIPOAuth
      - name: Home offices
        device_pools: ["*_HOME"]
        endpoint: mra
        profile: UDT-Encrypted-NullString.ent-pa.com
      - name: Lobby phones
        descriptions: ["*lobby*"]
        skip: true
      - name: Desk phones and room systems
        models: [Cisco 78*, Cisco 88*, Cisco Webex *, Cisco TelePresence *]
        profile: UDT-Encrypted-LSC-TFTPenc.ent-pa.com
    granted: "{{ 'phones' in collab_disruption }}"

- name: Phones without a MIC enrol with a string that is typed on them
  collab.security.phone_security:
    rules:
      - name: Wireless handsets
        names: [SEP00AA*]
        profile: UDT-Encrypted-LSC.ent-pa.com
        enrolment:
          authentication_string: "{{ vault_capf_string }}"
"""

RETURN = r"""
phones:
  description: Each phone that differs or had to be told, with its rule, what it has and gets, and what became of it.
  returned: always
  type: list
  elements: dict
  sample: [{"name": "SEP0011AABB0001", "model": "Cisco 8845", "device_pool": "US_DP_1", "rule": "Desk phones", "profile": "Cisco 8845 - Standard SIP",
            "wanted_profile": "UDT-Encrypted-LSC.ent-pa.com", "lsc": "missing", "certificate_operation": "Install/Upgrade", "registered": true,
            "state": "differs"}]
counts:
  description: How many phones were read, differ, were skipped, have no rule, and match each rule.
  returned: success
  type: dict
  sample: {"read": 10008, "differ": 1000, "skipped": 0, "without_rule": 3, "by_rule": {"Desk phones and room systems": 9000}}
lsc:
  description: LSCs where they are wanted, by state; all by the month in which they expire; and those that have expired or are about to, in that order.
  returned: success
  type: dict
  sample: {"wanted": 9000, "good": 8990, "missing": 8, "expired": 0, "about_to_expire": 2, "from_another_issuer": 0, "by_month": {"2031-05": 8992},
           "expiring": [{"name": "SEP0011AABB0001", "valid_until": "2026-12-01", "state": "about to expire"}]}
lsc_installed:
  description: How many phones got an LSC in this run.
  returned: when phones were told
  type: int
  sample: 6
before:
  description: What differs, counted by rule and value.
  returned: always
  type: dict
  sample: {"Desk phones": {"securityProfileName": {"Cisco 8845 - Standard SIP Non-Secure Profile": 6}}}
after:
  description: The same, as it is afterwards (or in check mode would be).
  returned: always
  type: dict
  sample: {"Desk phones": {"securityProfileName": {"UDT-Encrypted-LSC.ent-pa.com": 6}}}
operations:
  description: What was written, or in check mode would be, with the names of the phones that got the same.
  returned: always
  type: list
  elements: dict
  sample: [{"node": "us-cm-pub", "channel": "axl", "operation": "updatePhone", "object": "6 phones (Desk phones)", "arguments": {"names": []}}]
impact:
  description: What the operations disturb.
  returned: always
  type: list
  elements: dict
  sample: [{"node": "us-cm-pub", "kind": "phone_reset", "what": "6 phones of device pool US_DP_1"}]
findings:
  description: The kinds of differences, each with the number of phones and their first names, its severity, and the step and table of the guide.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "phone-lsc", "severity": "medium", "object": "6 phones (Desk phones)", "step": "lsc-install", "table": "7-14"}]
pending:
  description: What could not or may not be done in this run, why, and what to do.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "phones-not-granted", "object": "6 phones", "reason": "...", "what_to_do": ["..."], "step": "phone-apply"}]
"""
