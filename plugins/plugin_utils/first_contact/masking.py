# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes out of a text what tells whose it is: names, addresses, accounts, secrets, certificates, serial numbers, telephone numbers. Pure.

The same word is always replaced by the same other one, from the example enterprise ent-pa.com, so that what belongs together still does. Where it is not
clear whether something is a name, it is taken out: a capture that says too little is asked for again, one that says too much cannot be called back.
"""

from __future__ import annotations

import re

TOLD = ("host", "fqdn", "domain", "cluster", "cluster_name", "user", "password", "application_user", "application_password", "enable_password")
DOMAIN, HIDDEN = "ent-pa.com", "********"
IM = re.IGNORECASE | re.MULTILINE
# Names that stand in what products say of themselves.
PUBLIC = re.compile(
    r"(?:^|\.)(?:cisco\.com|w3\.org|xmlsoap\.org|jabber\.org|tandberg\.com|ietf\.org|apache\.org|raml\.org|json-schema\.org|example\.com|ent-pa\.com)\Z",
    re.IGNORECASE)
ENDINGS = ("com|net|org|edu|gov|mil|int|info|biz|io|cloud|local|localdomain|lan|internal|corp|intra|intranet|test|lab|home|arpa|name|pro|tech|site|online|"
           "example|invalid|company|group|global|world|bank|"
           "ac|ae|ar|at|au|be|bg|br|ca|ch|cl|cn|co|cz|de|dk|ee|eg|es|eu|fi|fr|gr|hk|hr|hu|id|ie|il|in|is|it|jp|ke|kr|kw|kz|lt|lu|lv|ma|mx|my|ng|nl|no|nz|pe|"
           "ph|pk|pl|pt|qa|ro|rs|ru|sa|se|sg|si|sk|th|tn|tr|tw|ua|uk|us|uy|ve|vn|za")
BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----.*?(?:-----END \1-----|\Z)", re.DOTALL)
HEX_LINES = re.compile(r"(?:^[ \t]*(?:[0-9A-F]{2,8}[ \t]+){2,}[0-9A-F]{2,8}[ \t\r]*\n?)+", re.MULTILINE | re.IGNORECASE)
BASE64 = re.compile(r"(?<![A-Za-z0-9+/=])(?!/)(?=[A-Za-z0-9+/]*[0-9+/])(?=[A-Za-z0-9+/]*[A-Z])(?=[A-Za-z0-9+/]*[a-z])"
                    r"(?:[A-Za-z0-9+/]{40,}={0,2})(?:(?:\\n|\r?\n)[A-Za-z0-9+/]+={0,2})*")
SECRETS = (
    # <password>x</password>, "password": "x", Password: "x", name=value of a form
    re.compile(r"(<(?P<tag>[\w:.-]*(?:passw|passphrase|secret|community|authstring|authenticationstring|token)[\w.-]*)(?:\s[^>]*)?>)"
               r"([^<]+)(?=</)", re.IGNORECASE),
    re.compile(r"(\"[^\"\n]*(?:passw|passphrase|secret|community|token|cookie)[^\"\n]*\"\s*:\s*\")((?:[^\"\\]|\\.)+)(?=\")", re.IGNORECASE),
    re.compile(r"(\b[\w ]*(?:password|passphrase|secret|community name)\s*:\s*\"?)([^\s\"][^\"\n]*?)(?=\"?\s*$)", re.IGNORECASE | re.MULTILINE),
    re.compile(r"([?&\n][\w.]*(?:passw|secret|token|session)[\w.]*=)([^&\s]+)", re.IGNORECASE),
    # a router's lines
    re.compile(r"((?:\bpassword|\bsecret|\bkey-string|\bpre-shared-key|\bpassphrase|\bmd5)(?: encrypted)? (?:[0-9] )?)(?=[^\s:<>\"]*[^\sA-Za-z:<>\"-])"
               r"([^\s:<>\"]+)(?![^\s]*:)", re.IGNORECASE),
    re.compile(r"(^[ \t]*(?:key|(?:server-)?private-key|isakmp key|crypto isakmp key|(?:radius|tacacs)-server key)[ \t]+(?:[067] )?)"
               r"([^\s:]+)(?=[ \t]*$|[ \t]+(?:address|hostname))",
               re.IGNORECASE | re.MULTILINE),
    re.compile(r"(\bcommunity )(\S+)", re.IGNORECASE),
    re.compile(r"(\bJSESSIONID(?:SSO)?=)([^;\s]+)", re.IGNORECASE),
)
# What a person has written, by where it stands.
WRITTEN = (
    re.compile(r"(\busername[ \t]+)([^\s<:]+)"),
    re.compile(r"(<(?:description|displayName|ldapDn|userSearchBase|x509SubjectName|userid|clusterId|calledPartyNumber|pattern|alertingName)>)([^<]+)(?=</)",
               re.IGNORECASE),
    re.compile(r"(<(?:sipTrunk|ldapDirectory|phone|line|user|callManagerGroup|devicePool|credentialPolicy)\b[^>]*>\s*<name>)([^<]+)(?=</)", re.IGNORECASE),
    re.compile(r"(\"(?:filename|DisplayName|Description|SystemName|HostName|Name|description|username|user)\"\s*:\s*\")([^\"]+)(?=\")"),
    re.compile(r"(^[ \t]*(?:\*c )?xConfiguration [^\n:]*\b(?:Name|User|UserName|Description|Domain|Address|Contact|Location)(?: \d+)?: \"?)"
               r"([^\"\n]+)(?=\"?\s*$)",
               re.IGNORECASE | re.MULTILINE),
    re.compile(r"(^[ \t]*(?:description|hostname|snmp-server (?:location|contact)|banner \w+|"
               r"destination-pattern|incoming called-number|translate[\w-]*|rule \d+|sip-server|registrar)[ \t]+)([^\n]+?)(?=\s*$)",
               re.IGNORECASE | re.MULTILINE),
    re.compile(r"(^[ \t]*(?:Host Name|Hostname|Smart Account|Virtual Account|Product Instance Name|Name|Contact|Location|Owner|Organi[sz]ation|"
               r"Processor board ID)[ \t]*:?[ \t]+)([^\s:][^\n]*?)(?=\s*$)",
               re.IGNORECASE | re.MULTILINE),
    re.compile(r"((?<![A-Za-z0-9])(?:CN|OU|O|L|ST|S|STREET|SERIALNUMBER|emailAddress|DC|UID)\s?=\s?)([^,;/\n\"<>]+)", re.IGNORECASE),
)
MAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
NAME = re.compile(r"(?<![\w.@-])(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9])?\.)+(?:%s)\b(?![.\w]*\()" % ENDINGS, re.IGNORECASE)
PROMPT = re.compile(r"(^|[\r\n])([A-Za-z][\w.-]{1,62})(?=(?:\([\w./:-]+\))?[#>])")
DEVICE = re.compile(r"\b(SEP|ATA|VGC|AN|BAT|CIPC)([0-9A-F]{12,15})\b", re.IGNORECASE)
SOFT_DEVICE = re.compile(r"\b(CSF|TCT|BOT|TAB)([A-Z0-9_.-]{2,})\b")
MAC = re.compile(r"\b(?:[0-9A-F]{2}[:-]){5}[0-9A-F]{2}\b|\b[0-9A-F]{4}\.[0-9A-F]{4}\.[0-9A-F]{4}\b", re.IGNORECASE)
UUID = re.compile(r"\b[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12}\b", re.IGNORECASE)
HEX = re.compile(r"\b(?:[0-9A-F]{2}:){7,}[0-9A-F]{2}\b|"
                 r"(?<![A-Za-z0-9])(?=[0-9A-F]*[0-9])[0-9A-F]{16,}(?![A-Za-z0-9])|\b(?:[0-9A-F]{8} ){3,}[0-9A-F]{8}\b", re.IGNORECASE)
SERIAL = re.compile(r"\b[A-Z]{3}\d{4}[A-Z0-9]{4,5}\b|(?<=\bsn )\S+|(?<=\bSN:)\S+")
CAPF = re.compile(r"\bCAPF-[0-9a-f]{8}\b", re.IGNORECASE)
V6 = re.compile(r"(?<![\w:.])(?:[0-9A-F]{1,4}:){2,7}(?::?[0-9A-F]{1,4})?(?::[0-9A-F]{1,4})*(?![\w:])|"
                r"(?<![\w:])(?:[0-9A-F]{1,4}:)+:(?:[0-9A-F]{1,4}:?)*(?![\w:])", re.IGNORECASE)
CLOCK = re.compile(r"\d{1,2}:\d{2}:\d{2}")
V4 = re.compile(r"(?<![\d.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\d-]|\.\d)")
PLAIN_V4 = re.compile(r"0\.0\.0\.0|127\.0\.0\.1|255\.[\d.]+|.*\.0\.0\.0")
NUMBER = re.compile(r"(?<![\w.])\+?\d{7,}(?![\w.]|-\d)")
SHORT = 3               # letters that a word must have to be taken out wherever it stands


class Masks:
    """What has been replaced by what."""

    def __init__(self, names=()):
        """names: [(word, replacement)], as names_of gives them."""
        self.given = sorted(dict(names).items(), key=lambda pair: (-len(pair[0]), pair[0]))
        self.known = {}

    def of(self, kind, word, form):
        """The replacement of a word: form % its number among the words of its kind."""
        words = self.known.setdefault(kind, {})
        return form % words.setdefault(word.lower(), len(words) + 1)

    def written(self, word):
        """The replacement of what a person has written; what stands for nothing, or is a replacement already, stays."""
        bare = word.strip()
        ours = HIDDEN in bare or DOMAIN in bare or re.fullmatch(r"Name \d+", bare) or bare in {new for _old, new in self.given}
        if len(bare) < 2 or bare.startswith("(") or ours:
            return word
        return self.of("text", bare, "Name %d")


def names_of(hosts, words=()):
    """[(word, replacement)] for what an inventory says.

    hosts: [{"name", and those of TOLD}] in the inventory's order; words: further ones, such as a company's.
    """
    found, domains = {}, []
    for number, host in enumerate(hosts, 1):
        domains += [host.get("domain") or "", (host.get("fqdn") or "").partition(".")[2]]
        for name in (host.get("name"), (host.get("fqdn") or "").partition(".")[0]):
            if name and not re.fullmatch(r"[\d.:]+", name):
                found.setdefault(name, "node%d" % number)
        if host.get("fqdn"):
            found[host["fqdn"]] = "node%d.%s" % (number, DOMAIN)
    clusters = list(dict.fromkeys(host[key] for host in hosts for key in ("cluster", "cluster_name") if host.get(key)))
    users = list(dict.fromkeys(host[key] for host in hosts for key in ("user", "application_user") if host.get(key)))
    secrets = [host[key] for host in hosts for key in ("password", "application_password", "enable_password") if host.get(key)]
    found.update({name: "cluster%d" % number for number, name in enumerate(clusters, 1) if name not in found})
    found.update({name: "user%d" % number for number, name in enumerate(users, 1) if name != "admin"})
    found.update({word: "word%d" % number for number, word in enumerate(words, 1)})
    found.update({domain: DOMAIN for domain in domains if domain})
    found.update(dict.fromkeys(secrets, HIDDEN))
    return [(word, new) for word, new in found.items() if len(word) >= SHORT]


def mask(text, names=()):
    """The text without what tells whose it is. names: [(word, replacement)], as names_of gives them."""
    masks = Masks(names)
    text = BLOCK.sub(lambda m: "-----BEGIN %s-----\n(%s)\n-----END %s-----" % (m[1], masks.of("pem", m[0], "masked %d"), m[1]), text)
    text = HEX_LINES.sub(lambda m: masks.of("bytes", m[0], "(masked bytes %d)") + ("\n" if m[0].endswith("\n") else ""), text)
    text = BASE64.sub(lambda m: masks.of("pem", m[0], "(masked %d)"), text)
    for pattern in SECRETS:
        text = pattern.sub(lambda m: m[1] + HIDDEN, text)
    for word, new in masks.given:
        text = re.sub(r"(?<![A-Za-z0-9])%s(?![A-Za-z0-9])" % re.escape(word), lambda m, new=new: new, text, flags=re.IGNORECASE)
    text = MAIL.sub(lambda m: masks.of("mail", m[0], "person%%d@%s" % DOMAIN), text)
    text = NAME.sub(lambda m: _dotted(masks, m[0]), text)
    text = _short_names(masks, text)
    for pattern in WRITTEN:
        text = pattern.sub(lambda m: m[1] + masks.written(m[2]), text)
    text = PROMPT.sub(lambda m: m[1] + (m[2] if re.fullmatch(r"node\d+(\.%s)?" % re.escape(DOMAIN), m[2]) else masks.of("host", m[2], "host%d")), text)
    text = DEVICE.sub(lambda m: m[1] + masks.of("device", m[2], "%012d"), text)
    text = SOFT_DEVICE.sub(lambda m: m[1] + masks.of("soft", m[2], "USER%d"), text)
    text = UUID.sub(lambda m: masks.of("uuid", m[0], "00000000-0000-0000-0000-%012d"), text)
    text = HEX.sub(lambda m: masks.of("hex", m[0], "%020d"), text)
    text = CAPF.sub(lambda m: masks.of("capf", m[0], "CAPF-%08d"), text)
    text = MAC.sub(lambda m: masks.of("mac", m[0], "0000.0000.%04d"), text)
    text = SERIAL.sub(lambda m: masks.of("serial", m[0], "FOX0000%04d"), text)
    text = V6.sub(lambda m: m[0] if CLOCK.fullmatch(m[0]) or m[0].strip(":") == "" else masks.of("v6", m[0], "2001:db8::%d"), text)
    text = V4.sub(lambda m: m[0] if PLAIN_V4.fullmatch(m[0]) else address(int(masks.of("v4", m[0], "%d"))), text)
    return NUMBER.sub(lambda m: m[0] if set(m[0]) <= {"0"} or m[0].startswith("0000") else masks.of("number", m[0], "555%06d"), text)


def address(number):
    """An address of those that documents use; beyond them, of those for measurements."""
    networks = ("192.0.2", "198.51.100", "203.0.113")
    place, last = divmod(number - 1, 254)
    return "%s.%d" % (networks[place], last + 1) if place < len(networks) else "198.18.%d.%d" % ((place - len(networks)) % 256, last + 1)


def transcript(product, release, capture, results):
    """A capture as one text: each request with what came over the wire, and how each assumption came out."""
    parts = ["First contact with a node of %s, release %s\n" % (product, release or "unknown")]
    for entry in capture:
        parts.append("\n===== %s: %s\n" % (entry["channel"], entry["request"]))
        for one in entry["wire"]:
            parts.append("--- %s\n%s\n" % (one["kind"], one["text"].replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")))
        if entry["error"]:
            parts.append("--- error\n%s\n" % entry["error"])
    parts.append("\n===== results\n")
    parts += ["%(result)-8s %(row)s (%(channel)s): %(assumed)s\n" % one for one in results]
    return "".join(parts)


def _dotted(masks, name):
    if PUBLIC.search(name):
        return name
    masks.of("short", name.partition(".")[0], "%d")
    return masks.of("name", name, "name%%d.%s" % DOMAIN)


def _short_names(masks, text):
    """Host names that were seen with their domain, where they stand alone."""
    for word in masks.known.pop("short", {}):
        if len(word) > SHORT and re.search(r"\d|-", word):
            text = re.sub(r"(?<![\w.-])%s(?![\w.-])" % re.escape(word), masks.of("host", word, "host%d"), text, flags=re.IGNORECASE)
    return text
