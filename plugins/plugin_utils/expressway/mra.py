# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mobile and remote access on both sides: SIP with TLS, the mode, OAuth with refresh, the domains (guide, MRA and XMPP Federation; id:63293541382)."""
from __future__ import annotations

from ..reconcile import reconcile
from . import domains
from . import keys
from .settings import Setting
from .settings import Settings
from .settings import sip
from .sides import MRA
from .sides import Side
from .sides import allowed
from .sides import configured
from .sides import edge_of

STEP = "mra-verify-ucm"        # the guide has no step of its own for what its steps rest on
PAGE = "Configuration > Unified Communications > Configuration"
MODE = Setting("mobile and remote access", PAGE, MRA, ("Enabled",), "CollaborationEdge Enabled", "On", STEP)
# "OAuth local" is the token with refresh where users log in at Unified CM, "OAuth SSO" the same with single sign-on (RM150, id:63096338699).
OAUTH = Setting("OAuth with refresh", PAGE, MRA, ("OauthLocal", "OAuthLocal"), "CollaborationEdge OauthLocal", "On", STEP, disturbs=True)
OAUTH_SSO = "CollaborationEdge OauthSso"


class BadDomains(Exception):
    """What the inventory says of domains cannot be used; the message says what to do."""


def ensure(action, args, check):
    """Both sides, Expressway-E first. Reports in_use: whether clients may have been connected before."""
    wanted = wanted_domains(args["domains"], has_presence(action))
    c, e = Side(action), Side(edge_of(action))
    in_use = c.in_use()
    for side in (e, c):
        for settings in (sip(STEP), [MODE]):
            each = Settings(side, settings)
            reconcile(action.report, check, each.read, allowed(action.report, each.plan, args["granted"], in_use))
    oauth(c, args["granted"], in_use, check)
    of_c = domains.Domains(c, wanted, STEP)
    reconcile(action.report, check, of_c.read, allowed(action.report, of_c.plan, args["granted"], in_use))
    action.report.add(in_use=in_use)


def oauth(c, granted, in_use, check):
    """OAuth with refresh on Expressway-C; it is, too, where clients use single sign-on with it."""
    each = Settings(c, [OAUTH])

    def read():
        found = each.read()
        wrong = [setting for setting, value in found.items() if not keys.same(value, setting.wanted)]
        return {} if wrong and keys.same(configured(c.primary, OAUTH_SSO), "On") else found

    reconcile(c.action.report, check, read, allowed(c.action.report, each.plan, granted, in_use))


def wanted_domains(names, presence):
    """{domain: services} of the inventory's list; raises BadDomains."""
    if not names:
        raise BadDomains("domains: no domain is given, so nobody could register by mobile and remote access. Set collab_expressway.mra.domains. Nothing was "
                         "written.")
    return {name: [domains.SIP] + [domains.PRESENCE] * presence for name in domain_names(names)}


def domain_names(names):
    """The names, checked; raises BadDomains."""
    for name in names:
        labels = str(name).split(".")
        if len(labels) < 2 or not all(label and label.replace("-", "").isalnum() for label in labels):
            raise BadDomains("domains: %r is no name of a domain. Nothing was written." % name)
    return list(dict.fromkeys(str(name) for name in names))


def has_presence(action):
    """Whether the Unified CM cluster behind this Expressway-C has IM and Presence nodes in the inventory."""
    cluster = action.var("collab_cm_cluster")
    return any(action.node_of(str(name)).variables.get("collab_cm_cluster") == cluster for name in action.task_vars["groups"].get("im_presence", ()))
