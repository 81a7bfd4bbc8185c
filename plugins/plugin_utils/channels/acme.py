# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ACME (RFC 8555): an account, an order for a request's names, their proof by DNS, the certificate. Spoken by the PyPI package acme, certbot's.

Options: url (of the directory), ca_file (PEM; the server is verified against it and nothing else), address, key_file and key_passphrase (the account's key),
user and password (key identifier and HMAC key of an external account binding, where the CA wants one).

An order is known here as long as the session lives; one that was left behind expires at the CA.
"""

from __future__ import annotations

import os

import josepy
import requests
from acme import challenges
from acme import client
from acme import errors
from acme import messages
from cryptography.hazmat.primitives import serialization

from ..errors import NodeError
from . import ca_https

# Of ACME's errors: a nonce that has grown old is no more than that, and nothing was done.
KINDS = {"externalAccountRequired": "auth", "unauthorized": "auth", "userActionRequired": "auth", "badNonce": "busy"}
PEM_END = "-----END CERTIFICATE-----\n"


class Channel:
    """One account at one CA. Single steps of the package are used, some of them its own (_post_as_get): what it offers to others waits inside."""

    login = ("acme", "user", "password")
    accepted = None

    def __init__(self, option):
        parts = ca_https.place_of(option)
        self.name, self.url, self.binding, self.orders, self.client = parts.netloc, option("url"), (option("user"), option("password")), {}, None
        key = _key(option("key_file"), option("key_passphrase"))
        self.net = client.ClientNetwork(josepy.JWKEC(key=key), alg=josepy.ES256, verify_ssl=os.path.expanduser(option("ca_file")), user_agent="collab.security")
        ca_https.prepare(self.net.session, parts, option("address"))

    def close(self):
        """End the HTTP connections."""
        self.net.session.close()

    def order(self, left, csr):
        """Order a certificate for the names of a request (PEM): {"order": its URL, "proofs": [{"name", "record", "value"}]}, without what is proven."""
        with self._exchange(left):
            acme = self._account()
            order = acme.new_order(csr.encode())
        self.orders[order.uri] = order
        return {"order": order.uri, "proofs": [
            {"name": one.body.identifier.value, "record": challenge.chall.validation_domain_name(one.body.identifier.value),
             "value": challenge.chall.validation(self.net.key)} for one, challenge in self._open(order)]}

    def prove(self, left, order):
        """Have the CA look at the TXT records of an order's names."""
        with self._exchange(left):
            for _one, challenge in self._open(self._known(order)):
                self.client.answer_challenge(challenge, challenge.chall.response(self.net.key))

    def look(self, left, order):
        """An order's state: {"status": pending, ready, processing, valid or invalid, "message": why it is invalid}."""
        known = self._known(order)
        with self._exchange(left):
            body = messages.Order.from_json(self.client._post_as_get(known.uri).json())
            self.orders[order] = known = known.update(body=body)
            said = [str(body.error)] if body.error else []
            if body.status == messages.STATUS_INVALID:
                for one in known.authorizations:
                    found = self.client.poll(one)[0].body
                    said += ["%s: %s" % (found.identifier.value, c.error) for c in found.challenges if c.error]
        return {"status": body.status.name, "message": "; ".join(said)}

    def finalize(self, left, order):
        """Hand the request in."""
        with self._exchange(left):
            known = self._known(order)
            self.client.begin_finalization(known)

    def fetch(self, left, order, keep=None):
        """The certificate and what the CA gives above it: {"certificates": [PEM, ...]}. keep: file to which that is written before this returns."""
        with self._exchange(left):
            known = self._known(order)
            text = self.client._post_as_get(known.body.certificate).text
        out = {"certificates": [one + PEM_END for one in text.split(PEM_END) if one.strip()]}
        if keep:
            ca_https.keep_answer(keep, out)
        return out

    def _known(self, order):
        if order not in self.orders:
            raise NodeError("refused", "the order %s is of an earlier session with the CA %s" % (order, self.name))
        return self.orders[order]

    def _account(self):
        """The account of this key, made where there is none yet."""
        if self.client is None:
            directory = client.ClientV2.get_directory(self.url, self.net)
            self.client = client.ClientV2(directory, self.net)
            user, secret = self.binding
            try:
                bound = user and messages.ExternalAccountBinding.from_data(self.net.key.public_key(), user, secret or "", directory)
            except ValueError:
                self.client = None
                raise NodeError("auth", "the HMAC key of the external account binding is not base64url, as CAs give it") from None
            try:
                self.client.new_account(messages.NewRegistration.from_data(terms_of_service_agreed=True, external_account_binding=bound or None))
            except errors.ConflictError as e:
                self.net.account = messages.RegistrationResource(uri=e.location, body=messages.Registration())
            except Exception:
                self.client = None
                raise
        return self.client

    @staticmethod
    def _open(order):
        """(authorization, its challenge by DNS) of the names that are not proven yet. NodeError for one that cannot be proven by DNS."""
        found = []
        for one in order.authorizations:
            if one.body.status == messages.STATUS_VALID:
                continue
            fitting = [c for c in one.body.challenges if isinstance(c.chall, challenges.DNS01)]
            if not fitting:
                raise NodeError("refused", "the CA takes no proof by DNS for %s" % one.body.identifier.value)
            found.append((one, fitting[0]))
        return found

    def _exchange(self, left):
        self.net._default_timeout = max(0.1, left)
        return _Exchange(self.name)


class _Exchange:
    """An exchange with the CA: what goes wrong in it is a NodeError."""

    def __init__(self, name):
        self.name, self.below = name, ca_https.exchange(name)

    def __enter__(self):
        self.below.__enter__()

    def __exit__(self, kind, error, trace):
        if isinstance(error, requests.exceptions.RequestException):
            return self.below.__exit__(kind, error, trace)
        if isinstance(error, messages.Error):
            word = (error.typ or "").rpartition(":")[2]
            raise NodeError(KINDS.get(word, "refused"), "the CA %s says %s: %s" % (self.name, word or "no", ca_https.words(Exception(error.detail)))) from None
        if isinstance(error, (errors.Error, josepy.errors.Error)):
            raise NodeError("refused", "the CA %s sent an answer that is not ACME's: %s" % (self.name, ca_https.words(error))) from None
        return self.below.__exit__(kind, error, trace)


def _key(path, passphrase):
    """The account's key; what is wrong with it is said without quoting it."""
    try:
        with open(path, "rb") as file:
            return serialization.load_pem_private_key(file.read(), passphrase.encode() if passphrase else None)
    except OSError as e:
        raise NodeError("refused", "the account's key %s cannot be read: %s" % (path, e.strerror)) from None
    except (TypeError, ValueError):
        raise NodeError("refused", "the account's key %s cannot be read: is its passphrase right, and is it a PEM key?" % path) from None
