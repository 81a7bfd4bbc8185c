# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How endpoints can be entered: web, SSH, console, settings menu, administrator passwords, plain HTTP services (guide, Preventing Unauthorized Access).

Reads only, in bulk: the phones, their own settings, those of the common phone profiles and of the enterprise. A finding is one setting of one model, with how
many phones it is about and some of their names. A password's text goes no further than the question whether there is one.
"""
from __future__ import annotations

from collections import defaultdict
from operator import itemgetter

from ..asking import axl
from ..errors import NodeError
from ..operations.bulk import CannotPage
from ..operations.bulk import pages
from ..resources import endpoint_settings as settings_
from ..resources.endpoint_settings import ON
from ..resources.endpoint_settings import UNKNOWN
from ..resources.objects import boolean
from ..resources.objects import rows
from ..resources.objects import text
from ..resources.parameters import ENTERPRISE
from ..resources.parameters import list_request

SHOWN, NAME = 5, itemgetter(0)
ACL = ("Unified CM has no setting for it: which stations reach an endpoint's management interfaces is the network's to say",
       ["Limit HTTP, HTTPS, SSH and Telnet towards the endpoints' networks to the management stations, by access lists on the switches or routers before them.",
        "Then set collab_endpoint_access_lists: true."])
ENTERPRISE_LAYER = "the enterprise phone configuration"


class Endpoints:
    """One run of the module. action: DeviceAction; args: its options."""

    def __init__(self, action, args):
        self.action, self.args, self.report, self.node = action, args, action.report, action.publisher
        self.partial = False            # a table could not be read: what nothing sets may be set there

    def run(self):
        """Read, judge, report."""
        if not self.args["access_lists"]:
            self.report.pending("endpoint-access-lists", "endpoints", *ACL, step="ep-acl")
        phones, own, profiles, enterprise = self.phones(), self.own(), self.profiles(), self.enterprise()
        groups, counted = defaultdict(list), 0
        for name, model, profile in phones:
            if settings_.is_soft(model) or name in self.args["exclude"]:
                continue
            counted += 1
            layers = [("the phone", own.get(name, {})), ("common phone profile %s" % profile, profiles.get(profile, {})), (ENTERPRISE_LAYER, enterprise)]
            if None in (layers[0][1], layers[1][1], layers[2][1]):
                groups["unreadable", model, None, None].append(name)
                continue
            self.judge(groups, name, model, layers)
        self.tell(groups)
        self.services()
        self.report.add(phones=counted)

    # reading

    def phones(self):
        """[(name, model, common phone profile)] of every phone."""
        def ask(skip, first):
            operation, arguments = settings_.phones_request(skip, first)
            return settings_.phones(self.node.ask("axl", "raw", operation=operation, arguments=arguments))

        return list(pages(ask, settings_.PHONES, NAME))

    def own(self):
        """{phone: its own settings, None where they cannot be read}, over the tables of each size."""
        found = {}
        for table, size in settings_.TABLES.items():
            def ask(skip, first, table=table):
                return self.sql(settings_.device_query(table, skip, first))

            for name, xml in self.read(table, lambda ask=ask, size=size: list(pages(ask, size, NAME))):
                found[name] = settings_.elements(xml)
        return found

    def profiles(self):
        """{common phone profile: settings}."""
        return {name: settings_.elements(xml) for name, xml in self.read("commonphoneconfigxml", lambda: self.sql(settings_.PROFILES_QUERY))}

    def enterprise(self):
        """The settings of the enterprise phone configuration."""
        out = {}
        for _name, xml in self.read("enterprisephoneconfigxml", lambda: self.sql(settings_.ENTERPRISE_QUERY)):
            values = settings_.elements(xml)
            if values is None:
                return None
            out.update(values)
        return out

    def sql(self, query):
        """Rows of a query."""
        return settings_.sql_rows(self.node.ask("axl", "raw_sql", query=query))

    def read(self, table, fetch):
        """Rows of a table by fetch(); none (with a finding) where the cluster refuses it, or does not give all of it."""
        try:
            return fetch()
        except (NodeError, CannotPage) as e:
            if isinstance(e, NodeError) and e.kind != "refused":
                raise
            self.partial = True
            self.report.finding("endpoint-settings-unreadable", "medium", table, "could not be read, so what it sets is not known: %s" % e,
                                step="ep-remote-access")
            return []

    # judging

    def judge(self, groups, name, model, layers):
        """Puts a phone into the groups that it belongs to: (setting, model, state, (value, layer))."""
        states = {}
        for setting in settings_.SETTINGS:
            state, value, layer = settings_.state(setting, layers)
            if value is None and self.partial:
                state = UNKNOWN
            states[setting.label] = state
            if state in (ON, UNKNOWN) and (not setting.when or states[setting.when] == ON):
                groups[setting, model, state, (value, layer)].append(name)
        if settings_.is_room(model):
            value, layer = settings_.found_in(settings_.PASSWORD, layers)
            if not value:
                groups[settings_.PASSWORD, model, UNKNOWN if value is None else ON, (None, layer)].append(name)

    def tell(self, groups):
        """One finding a group; what nothing sets is told once for each model, step and set of phones."""
        unset = {}
        for (setting, model, state, where), names in sorted(groups.items(), key=lambda item: str(item[0])):
            who = "%d x %s (%s%s)" % (len(names), model, ", ".join(names[:SHOWN]), ", ..." if len(names) > SHOWN else "")
            if setting == "unreadable":
                message = "the product-specific settings of %s are no XML that can be read, so nothing is said about them" % who
                self.report.finding("endpoint-settings-unreadable", "medium", model, message, step="ep-remote-access")
                continue
            value, layer = where
            if state == UNKNOWN and value is None:
                unset.setdefault((model, setting.step, who), []).append(setting.label)
                continue
            if setting is settings_.PASSWORD:
                kind, severity, message = "endpoint-password-empty", setting.severity, "the administrator password of %s is empty, by %s" % (who, layer)
            elif state == ON:
                kind, severity, message = "endpoint-setting", setting.severity, "%s is enabled on %s, by %s" % (setting.label, who, layer)
            else:
                message = "%s of %s could not be read: %s says '%s', and what that means is not known" % (setting.label, who, layer, value)
                kind, severity = "endpoint-setting-unreadable", "low"
            self.report.finding(kind, severity, "%s: %s" % (setting.label, model), message, step=setting.step)
        for (model, step, who), labels in sorted(unset.items()):
            message = "%s of %s could not be read: nothing that was read sets it, and what the model does then is not known" % (", ".join(labels), who)
            self.report.finding("endpoint-setting-unreadable", "info", "%s: %s" % (", ".join(labels), model), message, step=step)

    def services(self):
        """URLs that phones get: enterprise parameters and phone services, by HTTPS."""
        listed = rows(axl(self.node, list_request(ENTERPRISE)), "serviceParameter")
        values = {text(row.get("name")): text(row.get("value")) for row in listed}
        urls = {name: value for name, value in values.items() if "url" in name.lower()}
        if not urls:
            message = "the cluster lists no parameter with URL in its name, so what phones are sent to is not known"
            self.report.finding("endpoint-urls-unreadable", "medium", "enterprise parameters", message, step="ep-https-services")
        secure = {_bare(name): value for name, value in urls.items() if name.lower().startswith("secure")}
        for name, value in sorted(urls.items()):
            if not value.lower().startswith("http:"):
                continue
            twin = "" if name.lower().startswith("secure") else secure.get(_bare(name), "")
            if not twin.lower().startswith("https:"):
                self.report.finding("endpoint-url", "medium", name, "the enterprise parameter %s sends phones to %s, without TLS" % (name, value),
                                    step="ep-https-services", before=value)
        request = ("listIpPhoneServices", {"searchCriteria": {"serviceName": "%"}, "returnedTags": {tag: "" for tag in (
            "serviceName", "serviceUrl", "secureServiceUrl", "enabled")}})
        try:
            listed = rows(axl(self.node, request), "ipPhoneServices")
        except NodeError as e:
            if e.kind != "refused":
                raise
            self.report.finding("endpoint-urls-unreadable", "medium", "phone services", "they could not be read, so nothing is said about them: %s" % e,
                                step="ep-https-services")
            listed = []
        for row in listed:
            url, twin = text(row.get("serviceUrl")), text(row.get("secureServiceUrl"))
            if boolean(row.get("enabled")) and url.lower().startswith("http:") and not twin.lower().startswith("https:"):
                self.report.finding("phone-service-url", "medium", text(row.get("serviceName")), "the phone service has the URL %s and no secure one" % url,
                                    step="ep-https-services", before=url)


def _bare(name):
    """What a URL parameter is about, the same for the plain one and its secure twin: URLDirectories and SecureDirectoryURL give "director"."""
    found = name.lower().replace("secure", "").replace("url", "")
    return found[:-3] if found.endswith("ies") else found[:-1] if found.endswith(("y", "s")) else found
