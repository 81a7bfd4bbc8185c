#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: tomcat_restart
short_description: Restart Cisco Tomcat where it does not serve its installed certificate
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - For Prime Collaboration Deployment, which has the platform's command line and no other interface for its certificate. The certificate that is served is
    compared with the one that is installed; where they differ, Cisco Tomcat is restarted by the command line, and waited for.
  - Clusters of Unified CM, IM and Presence and Unity Connection have M(collab.security.service_restart).
extends_documentation_fragment:
  - collab.security._attributes
options:
  granted:
    description: Whether services may restart (V(services) in C(collab_disruption)). Without that the restart is reported as pending.
    type: bool
    default: false
  timeout:
    description: How long to wait, in seconds, for the certificate to be served.
    type: int
    default: 300
"""

EXAMPLES = r"""
- name: Have the installed certificate served
  collab.security.tomcat_restart:
    granted: "{{ 'services' in collab_disruption }}"
"""

RETURN = r"""
installed:
  description: Fingerprint of the installed certificate.
  returned: success
  type: str
served:
  description: Fingerprint of the certificate that is served.
  returned: success
  type: str
before:
  description: What differs, object by object, as it was read.
  returned: always
  type: dict
after:
  description: The same, as it is afterwards (or in check mode would be).
  returned: always
  type: dict
operations:
  description: What was written, or in check mode would be, in order.
  returned: always
  type: list
  elements: dict
impact:
  description: What the operations disturb.
  returned: always
  type: list
  elements: dict
findings:
  description: Every difference from what is wanted, mended or not, with its severity and the step of the guide.
  returned: always
  type: list
  elements: dict
pending:
  description: What could not or may not be done in this run, why, and what to do.
  returned: always
  type: list
  elements: dict
"""
