"""XMPP federation of Expressway-E: what its page holds (expressway.md 1.3, "UI fields it must cover"). xConfiguration has no path for any of it.

The one row of table `xmpp`, key "": the words below are the lab's own; how REST calls them is a variant (lab.expressway.rest).
"""

from __future__ import annotations

# The page's values; security: none = No TLS.
CHOICES = {"federation": ("On", "Off"), "static_routes": ("On", "Off"), "security": ("NoTLS", "TLSOptional", "TLSRequired"),
           "client_certificates": ("On", "Off"), "privacy": ("Off", "AllowList", "DenyList")}
DEFAULTS = {"federation": "Off", "static_routes": "Off", "security": "TLSOptional", "client_certificates": "Off", "privacy": "Off", "dialback_secret": ""}
