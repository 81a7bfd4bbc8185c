# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a server that Unified CM calls has to chain to: tomcat-trust as it is, and the CA file that is to be in it."""
from __future__ import annotations

import os

from .certificates.reading import read_node
from .pki.pem import PemError
from .pki.pem import read_certificates

STORE = "tomcat-trust"


class BadCaFile(Exception):
    """The file of CA certificates cannot be used; the message names the variable."""


def trusted(node, release):
    """Certificates in tomcat-trust of a node."""
    return read_node(node, release, stores=[STORE]).trust.get("tomcat", [])


def ca_certificates(action, path, variable):
    """The certificates of the file in an option, else of the connection's ca_file. variable: how the operator calls the file."""
    path = os.path.abspath(os.path.expanduser(path)) if path else action.publisher.option("ca_file")
    if not path:
        raise BadCaFile("ca_file: no file of CA certificates is given; set %s or collab_ca_file" % variable)
    try:
        with open(path, encoding="utf-8") as file:
            return read_certificates(file.read(), "%s (%s)" % (variable, path))
    except (OSError, UnicodeDecodeError, PemError) as e:
        raise BadCaFile("%s (%s) cannot be used: %s. Nothing was written." % (variable, path, getattr(e, "strerror", None) or e)) from None
