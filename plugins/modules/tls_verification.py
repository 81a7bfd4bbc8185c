#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: tls_verification
short_description: TLS handshakes with a cluster, as a client sees them
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Makes real TLS handshakes from the control node and judges them. Chain, name, validity and extended key usage, whether the RSA certificate is
    served, whether it is the one that is installed, whether a client certificate is asked for, and whether one is accepted.
  - By default 8443 of every node, 5061 of every node that processes calls, and 5090 and 5091 of these when SIP OAuth mode is on.
  - Of Unity Connection 5061 is looked at once a port group speaks TLS. Until then that is a finding.
  - Of Expressway the web interface of every peer, SIP by TLS, and on Expressway-E mobile and remote access (8443) once that is on,
    and the ports of traversal zones, without the client certificate, for these take only that of their Expressway-C.
  - A router takes SIP by TLS only from the addresses that it was told, and the control node's is none of them. So it is asked which certificate it
    shows to the nodes of Unified CM and to phones, and that is judged as if it had been served, while these nodes are judged by the CA certificates that the
    router itself holds. The credential service of SRST is met by a handshake. Dial-peers to Unified CM without TLS are a finding.
  - Nothing but handshakes is sent, and to a router the commands that show its configuration and its keys. Certificates that do not verify are read to
    report them, and are never trusted for anything.
extends_documentation_fragment:
  - collab.security._attributes.read_only
options:
  ca_file:
    description: PEM file with the certificates to verify against. By default the C(ca_file) of the connection, of Expressway-E its C(public_ca_file).
    type: path
  ports:
    description:
      - Which of the cluster's ports are looked at. V(8443) stands for C(collab_https_port) of each node.
      - V(5061), V(5090) and V(5091) are Unified CM's; V(5222) and V(5269) are those of IM and Presence, where TLS begins within XMPP.
    type: list
    elements: int
    default: [8443, 5061, 5090, 5091, 5222, 5269]
  targets:
    description: More addresses to look at, for example the far ends of SIP trunks.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name in the report. By default O(targets[].address).
        type: str
      address:
        description: Address or name to connect to.
        type: str
        required: true
      port:
        description: Port to connect to.
        type: int
        default: 5061
      server_name:
        description: Name that the certificate has to carry. Without it chain and usage are judged, and the name is reported.
        type: str
      purpose:
        description: What it is, for the report.
        type: str
        default: far end
  client_certificate:
    description: PEM file with a client certificate to offer where one is asked for.
    type: path
  client_key_file:
    description: PEM file with the key of O(client_certificate).
    type: path
  client_key_passphrase:
    description: Passphrase of O(client_key_file).
    type: str
seealso:
  - module: collab.security.service_restart
"""

EXAMPLES = r"""
- name: Prove what the cluster serves
  collab.security.tls_verification:
    client_certificate: /srv/pki/probe.pem
    client_key_file: /srv/pki/probe.key
  register: handshakes

- name: Show it
  ansible.builtin.debug:
    msg: "{{ handshakes.table }}"

- name: Look at the far end of a trunk
  collab.security.tls_verification:
    ports: []
    targets:
      - address: 10.10.1.1
        server_name: us-cube1.ent-pa.com
"""

RETURN = r"""
handshakes:
  description: One row for each port.
  returned: success
  type: list
  elements: dict
  contains:
    node:
      description: Node or target.
      type: str
    address:
      description: Address that was dialled.
      type: str
    port:
      description: Port, C(-) for a certificate of a router that no port is known of.
      type: raw
    purpose:
      description: What the port is for.
      type: str
    server_name:
      description: Name that the certificate had to carry.
      type: str
    sha256:
      description: SHA-256 fingerprint of the certificate served.
      type: str
    valid_until:
      description: When it ends, ISO 8601 in UTC.
      type: str
    certificate:
      description: Which certificate it should be, and the beginning of its fingerprint.
      type: str
    installed:
      description: Whether it is the installed one, C(yes), C(no) where none could be read, or C(other).
      type: str
    chain:
      description: Whether a verifying handshake succeeded.
      type: str
    name:
      description: Whether it carries the name.
      type: str
    usage:
      description: C(yes) for use by servers and clients, C(server) for servers only, C(no).
      type: str
    rsa:
      description: Whether it is an RSA certificate.
      type: str
    client:
      description: Client certificate, C(no) where none is asked for, C(asked) where none was offered, C(accepted) or C(refused).
      type: str
    protocol:
      description: TLS version.
      type: str
    cipher:
      description: Cipher suite.
      type: str
    problems:
      description: What is wrong, in words.
      type: list
      elements: str
    verdict:
      description: C(proved) or C(failed).
      type: str
table:
  description: The rows as lines of a table for people, followed by what failed and why.
  returned: success
  type: list
  elements: str
expected:
  description: How many handshakes there should be.
  returned: success
  type: int
proved:
  description: How many of them are as they should be.
  returned: success
  type: int
findings:
  description: One for each handshake that failed.
  returned: always
  type: list
  elements: dict
"""
