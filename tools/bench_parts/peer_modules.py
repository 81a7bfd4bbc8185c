#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Unified CM's version by ansible.netcommon's persistent connection, for the measurement."""
from __future__ import annotations

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.connection import Connection

REQUEST = ('<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><n:getCCMVersion xmlns:n="http://www.cisco.com/AXL/API/1.0"/></e:Body>'
           '</e:Envelope>')


def main():
    """Ask, return."""
    module = AnsibleModule(argument_spec={"path": {"type": "str"}}, supports_check_mode=True)
    answer = Connection(module._socket_path).send_request(REQUEST, path=module.params["path"])
    if "getCCMVersionResponse" not in answer:
        module.fail_json(msg=answer[:300])
    module.exit_json(changed=False)


if __name__ == "__main__":
    main()
