# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HashiCorp Vault's PKI secrets engine, and OpenBao's: sign a request under a role. Spoken by the PyPI package hvac.

Options: url (https://NAME[:PORT]/MOUNT), password (a token; with user, the role ID of an AppRole, its secret ID), ca_file (PEM; the server is
verified against it and nothing else), address (where NAME is reached, when that is not what DNS says).

An AppRole's token is revoked when the session ends. What Vault issued is not looked for again: that would take the right to list all certificates, and
roles with no_store keep none.
"""

from __future__ import annotations

import os
import re

import hvac
import requests
from hvac import exceptions

from ..errors import NodeError
from . import ca_https

# Sealed, or a standby without a leader: somebody has to come, so nothing is gained by waiting.
DOWN = (exceptions.VaultDown, exceptions.VaultNotInitialized)
# It issues warnings where a role takes the name from the request, which is as it should be.
EXPECTED = 'but the role is set with "use_csr_'


class Channel:
    """One mount of one Vault, one account."""

    login = ("vault", "user", "password")
    accepted = None

    def __init__(self, option):
        parts = ca_https.place_of(option)
        self.name, self.mount = parts.netloc, re.sub("^v1(/|$)", "", parts.path.strip("/"))
        if not self.mount:
            raise NodeError("refused", "url '%s' of Vault must name the mount of its PKI engine: https://NAME[:PORT]/MOUNT" % option("url"))
        self.user, self.password, self.ours = option("user"), option("password"), False
        session = requests.Session()
        ca_https.prepare(session, parts, option("address"))
        session.verify = os.path.expanduser(option("ca_file"))      # hvac takes the session's word before its own option's
        # Without redirects: a standby that sends its clients on would have the token sent to a name that nobody gave. Token and certificate are given even
        # where there is none, for hvac would take those of whoever runs this.
        self.client = hvac.Client(url="https://" + parts.netloc, token="" if self.user else self.password, cert=(), session=session, allow_redirects=False)

    def close(self):
        """Revoke the token of its own login, end the HTTP connections."""
        try:
            if self.ours:
                self.client.auth.token.revoke_self()
        finally:
            self.client.adapter.close()

    def sign(self, left, csr, role, common_name, days, keep=None):
        """POST MOUNT/sign/ROLE: {"certificates": [PEM of the certificate, of its issuers ...], "warnings": [Vault's words]}.

        keep: file to which the answer is written before this returns, for Vault is not asked twice, and the asking run may be gone by then.
        """
        if self.user and not self.ours:
            self._log_in(left)
        wanted = {"ttl": "%dh" % (days * 24), "exclude_cn_from_sans": True}   # the names are those of the request, whether its CN is among them or not
        answer = self._exchange(left, "the role '%s'" % role, lambda: self.client.secrets.pki.sign_certificate(
            role, csr, common_name, extra_params=wanted, mount_point=self.mount))
        try:
            data = answer["data"]
            out = {"certificates": [data["certificate"], *(data.get("ca_chain") or [data["issuing_ca"]])],
                   "warnings": [w for w in answer.get("warnings") or () if EXPECTED not in w]}
        except (KeyError, TypeError, AttributeError):
            raise NodeError("refused", "Vault %s sent an answer that is not that of a PKI engine" % self.name) from None
        if keep:
            ca_https.keep_answer(keep, out)
        return out

    def _log_in(self, left):
        try:
            answer = self._exchange(left, "the AppRole", lambda: self.client.auth.approle.login(self.user, self.password))
        except NodeError as e:
            if e.kind == "refused":             # Vault says 400, "invalid role or secret ID"
                raise NodeError("auth", str(e)) from None
            raise NodeError("unreachable", str(e)) from None if e.kind == "lost" else e     # no certificate was asked for yet
        self.ours = bool(isinstance(answer, dict) and answer.get("auth"))
        if not self.ours:
            raise NodeError("refused", "Vault %s sent an answer to the login that is not Vault's" % self.name)

    def _exchange(self, left, what, call):
        self.client.adapter._kwargs["timeout"] = max(0.1, left)
        try:
            with ca_https.exchange(self.name):
                answer = call()
        except DOWN as e:
            raise NodeError("unreachable", "Vault %s does not serve: %s" % (self.name, self._said(e))) from None
        except exceptions.RateLimitExceeded as e:
            raise NodeError("busy", "Vault %s has had too many requests: %s" % (self.name, self._said(e))) from None
        except exceptions.Forbidden as e:
            raise NodeError("auth", "Vault %s refuses this account for %s: %s; nothing is tried a second time" % (self.name, what, self._said(e))) from None
        except (exceptions.BadGateway, exceptions.UnexpectedError) as e:
            raise NodeError("lost", "no answer from Vault %s: %s" % (self.name, self._said(e))) from None
        except exceptions.VaultError as e:
            raise NodeError("refused", "Vault %s refuses %s: %s" % (self.name, what, self._said(e))) from None
        if isinstance(answer, requests.Response) and answer.is_redirect:
            raise NodeError("refused", "Vault %s is a standby and sends its clients to %s; give the active node's name, or the load balancer's" % (
                            self.name, answer.headers.get("Location", "nowhere")))
        return answer

    @staticmethod
    def _said(error):
        return ca_https.words(Exception("; ".join(map(str, error.errors)) if isinstance(error.errors, list) else error.text or type(error).__name__))
