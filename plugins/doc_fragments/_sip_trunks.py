# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Which SIP trunks, and what is known of their far ends: both trunk modules take the same options, so that they decide alike."""

    DOCUMENTATION = r"""
options:
  trunks:
    description:
      - The SIP trunks that are to be secured, and what cannot be derived about them.
      - Without this option all SIP trunks of the cluster, but the presence trunks and those in O(exclude).
      - Trunks to a Unity Connection cluster of the inventory are left to M(collab.security.cuc_port_group), listed here or not.
    type: list
    elements: dict
    suboptions:
      name:
        description: Name of the trunk on the cluster.
        type: str
        required: true
      far_ends:
        description:
          - What is known of the trunk's destinations. Only needed where a far end listens on another port than O(trunks[].secure_port),
            or is dialled by an address and its name is to be verified.
          - For a trunk whose destination is an SRV record, the record's targets.
        type: list
        elements: dict
        suboptions:
          address:
            description: Address or name of the destination, as it stands in the trunk.
            type: str
            required: true
          port:
            description: Port on which the far end takes SIP over TLS. Default is O(trunks[].secure_port).
            type: int
          server_name:
            description: Name that the far end's certificate has to carry. Default is the destination itself, where that is a name.
            type: str
      secure_port:
        description: Port of all destinations after the switch.
        type: int
        default: 5061
      incoming_port:
        description:
          - Incoming port of the trunk's secure profile.
          - By default 5061; one above the original profile's port where that is not 5060, so that what was kept apart stays apart
            (business-to-business beside mobile and remote access).
        type: int
      subject_names:
        description:
          - X.509 subject names of the far ends, instead of the common names of the certificates that they serve.
          - A name that contradicts the served certificate is a finding, and the trunk is not switched.
        type: list
        elements: str
      peer:
        description: What the far end is. It only decides which step of the guide a finding about the X.509 subject names.
        type: str
        choices: [cms, expressway, intercluster, ios, unity]
        default: ios
  exclude:
    description: SIP trunks that are left alone.
    type: list
    elements: str
    default: []
  ca_file:
    description:
      - PEM file with the certificates of the CA that the far ends have to prove themselves against.
      - By default the C(ca_file) of the connection (C(collab_ca_file) in the inventory).
    type: path
  client_certificate:
    description: PEM file with a client certificate for far ends that want one for a handshake. Not needed to see what they serve.
    type: path
  client_key_file:
    description: PEM file with the key of O(client_certificate).
    type: path
  suffix:
    description:
      - What is appended to an existing profile's name to name its secure copy. Names have at most 75 characters.
    type: str
    default: " - TLS"
  require_server_name:
    description:
      - Whether a far end that is dialled by a bare address counts as proven only if its name was given.
      - By default its chain is proven, its name is taken from the certificate, and a finding says so.
    type: bool
    default: false
"""
