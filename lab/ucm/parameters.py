"""Enterprise and service parameters of a cluster: their names, kinds, defaults and stored values.

Names and values marked `known` are those public material gives (axl.md 4). For the others nobody outside Cisco can know
the internal name or the stored form: the lab INVENTS both, and holds at least two inventions of each, switched by the
variants `parameter_names` and `parameter_values`. Never take one of them for Cisco's.

The rest of the lab reads and sets parameters by key with `get` and `put`, in the words of the administration page.
"""
from __future__ import annotations

from dataclasses import dataclass

from lab.core.variants import variant
from lab.ucm.secret_text import hide
from lab.ucm.secret_text import reveal

variant("sip_oauth_row_before_14", ("updated", "stale", "absent"), "updated", "vos.md 2 (id:63141256312)",
        "Whether 12.5 has a row of Cluster SIPOAuth Mode, and keeps it up to date.")
variant("parameter_names", ("first", "second"), "first", "axl.md 4",
        "Internal names of the parameters nobody outside Cisco knows: two inventions of the lab's own.")
variant("parameter_values", ("numbers", "words"), "numbers", "axl.md 2.7, 4", "Drop-downs stored as their position, or as tokens.")
variant("sip_publish_trunk_value", ("name", "pkid"), "name", "axl.md 4", "Whether SIPPublishTrunk holds the trunk's name or its key.")
variant("parameter_password", ("encrypted", "masked", "plain"), "encrypted", "axl.md 4 (open)",
        "What a password among the parameters reads as: encrypted, masked by AXL, or as it was written.")
variant("capf_parameters_node", ("publisher", "enterprise"), "publisher", "axl.md 2.7", "Process node under which CAPF's parameters are kept.")

ENTERPRISE = "Enterprise Wide"
CALLMANAGER = "Cisco CallManager"
CAPF = "Cisco Certificate Authority Proxy Function"
WIDE_NODE = "EnterpriseWideData"

TLS = ("All Ciphers RSA Preferred", "All Ciphers ECDSA Preferred", "Strongest-AES-256 SHA-384 Only: RSA Preferred",
       "Strongest-AES-256 SHA-384 Only: ECDSA Preferred", "Medium-AES-256 AES-128 Only: RSA Preferred", "Medium-AES-256 AES-128 Only: ECDSA Preferred")
SRTP = ("All Supported Ciphers", "Strongest- AEAD AES-256 GCM Cipher Only", "Medium- AEAD AES-256, AES-128 GCM Ciphers Only")
HTTPS = ("RSA Ciphers Only", "All Supported EC and RSA Ciphers")
SWITCH = ("Disabled", "Enabled")
LBM = ("Insecure", "Mixed", "Secure")
ISSUER = ("Cisco Certificate Authority Proxy Function", "Online CA")


@dataclass(frozen=True)
class Parameter:
    """One parameter of the product.

    names: its internal name under each reading of `parameter_names` (one name when it is known).
    choices: the words of its drop-down, () for free text. tokens: what is stored under the reading "words" of
    `parameter_values`; under "numbers" it is the position of the choice. read_only: AXL refuses to write it. secret: a password.
    """

    key: str
    service: str
    names: tuple[str, ...]
    default: str
    kind: str = "string"
    choices: tuple[str, ...] = ()
    tokens: tuple[str, ...] = ()
    per_node: bool = False
    read_only: bool = False
    secret: bool = False

    def name(self, reading: str) -> str:
        """Internal name under a reading of `parameter_names`: "first" or "second"."""
        return self.names[0] if reading == "first" else self.names[-1]

    def stored(self, word: str, reading: str) -> str:
        """What the database holds for a word of the page, under a reading of `parameter_values`: "numbers" or "words"."""
        if word not in self.choices:
            return word
        place = self.choices.index(word)
        return self.tokens[place] if reading == "words" and self.tokens else str(place)

    def word(self, stored: str) -> str:
        """The word of the page for a stored value of either reading."""
        if not self.choices:
            return stored
        if stored in self.tokens:
            return self.choices[self.tokens.index(stored)]
        return self.choices[int(stored)] if stored.isdigit() and int(stored) < len(self.choices) else stored

    def accepts(self, stored: str, reading: str) -> bool:
        """Whether the product would take this stored value."""
        if self.choices:
            return stored in {self.stored(w, reading) for w in self.choices}
        if self.kind == "boolean":
            return stored in ("T", "F")
        if self.kind == "long":
            return stored.lstrip("-").isdigit()
        return True


def _known(key: str, service: str, name: str, default: str, kind: str = "string", **more) -> Parameter:
    return Parameter(key, service, (name,), default, kind, **more)


PARAMETERS: tuple[Parameter, ...] = (
    # known names (axl.md 4)
    _known("cluster_security_mode", ENTERPRISE, "ClusterSecurityMode", "0", "long", read_only=True),
    _known("cluster_id", ENTERPRISE, "ClusterID", "StandAloneCluster"),
    _known("cluster_name", ENTERPRISE, "ClusterName", ""),
    _known("organization_domain", ENTERPRISE, "OrganizationDomain", ""),
    _known("uri_lookup_policy", ENTERPRISE, "URILookupPolicy", "0", "long"),
    _known("dependency_records", ENTERPRISE, "CCMAdminEnableDependencyRecords", "F", "boolean"),
    _known("autoregistration_protocol", ENTERPRISE, "AutoRegistrationPhoneProtocol", "1", "long"),
    _known("rollback_pre80", ENTERPRISE, "RollBackToPreGrayback", "F", "boolean"),
    _known("blf_for_call_lists", ENTERPRISE, "BLFForCallLists", "0", "long"),
    _known("advertise_g722", ENTERPRISE, "AdvertiseG722Codec", "1", "long"),
    _known("url_authentication", ENTERPRISE, "URLAuthentication", ""),
    _known("url_directories", ENTERPRISE, "URLDirectories", ""),
    _known("url_services", ENTERPRISE, "URLServices", ""),
    _known("url_secure_services", ENTERPRISE, "SecureServicesURL", ""),
    _known("url_secure_uds", ENTERPRISE, "SecureUDSUsersAccessURL", ""),
    _known("cdr_enabled", CALLMANAGER, "CdrEnabled", "F", "boolean", per_node=True),
    _known("call_diagnostics", CALLMANAGER, "CallDiagnosticsEnabled", "0", "long", per_node=True),
    _known("timer_t302", CALLMANAGER, "TimerT302_msec", "15000", "long"),
    _known("aar_enable", CALLMANAGER, "AAREnable", "F", "boolean"),
    _known("sip_publish_trunk", CALLMANAGER, "SIPPublishTrunk", ""),
    _known("hold_reversion", CALLMANAGER, "HoldReversionDuration", "0", "long"),
    _known("digit_analysis", CALLMANAGER, "DigitAnalysisComplexity", "0", "long", per_node=True),
    # names and values of these are the lab's own
    Parameter("sip_oauth_mode", ENTERPRISE, ("ClusterSIPOAuthMode", "SipOauthClusterMode"), "Disabled", "long", SWITCH, ("Off", "On"), read_only=True),
    Parameter("tls_ciphers", ENTERPRISE, ("TLSCiphers", "InterfaceTlsCipherSuite"), TLS[0], "long", TLS,
              ("ALL_RSA", "ALL_ECDSA", "STRONG_RSA", "STRONG_ECDSA", "MEDIUM_RSA", "MEDIUM_ECDSA")),
    Parameter("srtp_ciphers", ENTERPRISE, ("SRTPCiphers", "MediaSrtpCipherSuite"), SRTP[0], "long", SRTP, ("ALL", "STRONG", "MEDIUM")),
    Parameter("https_ciphers", ENTERPRISE, ("HTTPSCiphers", "WebTlsCipherSuite"), HTTPS[0], "long", HTTPS, ("RSA", "ALL")),
    Parameter("certificate_validity_check", ENTERPRISE, ("CertificateValidityCheck", "TvsCertStatusCheck"), "Disabled", "long", SWITCH, ("Off", "On")),
    Parameter("oauth_refresh_login_flow", ENTERPRISE, ("OAuthRefreshLoginFlow", "EnableOauthRefreshFlow"), "Enabled", "long", SWITCH, ("Off", "On")),
    Parameter("lbm_security_mode", ENTERPRISE, ("LBMSecurityMode", "LocationBandwidthMgrSecurity"), LBM[0], "long", LBM, ("INSECURE", "MIXED", "SECURE")),
    Parameter("device_queries_per_minute", ENTERPRISE, ("AllowedDeviceQueriesPerMinute", "MaxRisQueriesPerMin"), "15", "long"),
    Parameter("offnet_to_offnet", CALLMANAGER, ("BlockOffNetToOffNetTransfer", "OffnetOffnetXferBlock"), "F", "boolean"),
    Parameter("call_classification", CALLMANAGER, ("CallClassification", "DefaultNetworkLocation"), "OffNet", "long", ("OnNet", "OffNet"), ("ONNET", "OFFNET")),
    Parameter("drop_ad_hoc", CALLMANAGER, ("DropAdHocConference", "AdhocConfDropMode"), "Never", "long",
              ("Never", "When Conference Controller Leaves", "When No OnNet Parties Remain in the Conference"), ("NEVER", "CONTROLLER", "ONNET")),
    Parameter("capf_issuer", CAPF, ("CertificateIssuerToEndpoint", "CapfEndpointIssuer"), ISSUER[0], "long", ISSUER, ("CAPF", "ONLINE")),
    Parameter("capf_duration", CAPF, ("DurationOfCertificateValidity", "CapfLscDays"), "1825", "long"),
    Parameter("capf_key_size", CAPF, ("CAPFKeySize", "CapfRsaBits"), "2048", "long"),
    Parameter("online_ca_hostname", CAPF, ("OnlineCAHostname", "ExternalCaHost"), ""),
    Parameter("online_ca_port", CAPF, ("OnlineCAPort", "ExternalCaPort"), "", "string"),
    Parameter("online_ca_template", CAPF, ("OnlineCATemplate", "ExternalCaTemplate"), ""),
    Parameter("online_ca_type", CAPF, ("OnlineCAType", "ExternalCaKind"), "Microsoft CA", "long", ("Microsoft CA", "EST"), ("MSCA", "EST")),
    Parameter("online_ca_username", CAPF, ("OnlineCAUsername", "ExternalCaUser"), ""),
    Parameter("online_ca_password", CAPF, ("OnlineCAPassword", "ExternalCaSecret"), "", secret=True),
)
BY_KEY = {p.key: p for p in PARAMETERS}


def readings(cluster) -> tuple[str, ...]:
    """The readings that hold now: names, stored values, node of CAPF's parameters, value of SIPPublishTrunk, row of SIP OAuth mode,
    passwords.
    """
    world = cluster.world
    return (world.variant("parameter_names"), world.variant("parameter_values"), world.variant("capf_parameters_node"),
            world.variant("sip_publish_trunk_value"), sip_oauth_row(cluster), world.variant("parameter_password"))


def sip_oauth_row(cluster) -> str:
    """What the row of SIP OAuth mode is worth: "updated" with the mode, "stale" (never changed), or "absent". From 14 on it is updated."""
    return "updated" if cluster.major >= 14 else cluster.world.variant("sip_oauth_row_before_14")


def fill(cluster, database, values: dict[str, dict[str, str]]) -> None:
    """Writes every parameter with its default; values: {service: {internal name or key: value}} replaces some."""
    world = cluster.world
    for parameter in PARAMETERS:
        given = values.get(parameter.service, {})
        override = next((str(given[n]) for n in (parameter.key, *parameter.names) if n in given), None)
        word = parameter.default if override is None else parameter.word(override)
        value = _reference(database, parameter, parameter.stored(word, world.variant("parameter_values")), world.variant("sip_publish_trunk_value"))
        value = as_kept(parameter, value, world.variant("parameter_password"))
        for node in _nodes(database, parameter, world.variant("capf_parameters_node")):
            database.insert("processconfig", paramname=parameter.name(world.variant("parameter_names")), paramvalue=value,
                            tkservice=database.enum("typeservice", parameter.service), fkprocessnode=node,
                            tkparam=database.enum("typeparam", parameter.kind),
                            pkid=database.uuid("processconfig", parameter.service, parameter.key, node))
    database.readings = readings(cluster)


def _nodes(database, parameter: Parameter, capf_node: str) -> list[str]:
    """Keys of the process nodes that hold a row of this parameter."""
    if parameter.key == "sip_oauth_mode" and sip_oauth_row(database.cluster) == "absent":
        return []
    wide = database.value("select pkid from processnode where systemnode='t'")
    if parameter.service == CAPF and capf_node == "publisher":
        return [database.value("select pkid from processnode where systemnode='f' and tknodeusage=0 and tkprocessnoderole=1")]
    if parameter.per_node:
        return [r[0] for r in database.rows("select pkid from processnode where systemnode='f' and tkprocessnoderole=1 order by name")]
    return [wide]


def _reference(database, parameter: Parameter, value: str, reading: str) -> str:
    """The value of SIPPublishTrunk in the form that holds now; any other value as it is."""
    if parameter.key != "sip_publish_trunk" or not value:
        return value
    column = "name" if reading == "name" else "pkid"
    return database.value(f"select {column} from device where name=? or pkid=?", value, value) or value


def as_kept(parameter: Parameter, value: str, reading: str) -> str:
    """A value as its row holds it, under a reading of `parameter_password`; any other value as it is."""
    return hide(value) if parameter.secret and reading != "plain" else value


def plain(parameter: Parameter, stored: str) -> str:
    """The value behind what a row holds."""
    try:
        return reveal(stored) if parameter.secret else stored
    except ValueError:
        return stored


def adapt(cluster) -> None:
    """Renames and restates the rows when a variant was switched since they were written; cheap when nothing changed."""
    database, now = cluster.db, readings(cluster)
    before = database.readings
    if before == now:
        return
    for parameter in PARAMETERS:
        service = database.enum("typeservice", parameter.service)
        kept = database.rows("select fkprocessnode, paramvalue from processconfig where tkservice=? and paramname=?", service, parameter.name(before[0]))
        database.run("delete from processconfig where tkservice=? and paramname=?", service, parameter.name(before[0]))
        held = dict(kept)
        first = kept[0][1] if kept else None
        for node in _nodes(database, parameter, now[2]):
            stored = held.get(node, first)
            word = parameter.default if stored is None else parameter.word(plain(parameter, stored))
            database.insert("processconfig", pkid=database.uuid("processconfig", parameter.service, parameter.key, node),
                            paramname=parameter.name(now[0]), tkservice=service,
                            paramvalue=as_kept(parameter, _reference(database, parameter, parameter.stored(word, now[1]), now[3]), now[5]),
                            fkprocessnode=node, tkparam=database.enum("typeparam", parameter.kind))
    database.readings = now


def get(cluster, key: str) -> str:
    """The value of a parameter in the words of its page (for free parameters: as stored), e.g. get(c, "sip_oauth_mode") -> "Enabled"."""
    adapt(cluster)
    parameter = BY_KEY[key]
    stored = cluster.db.value("select paramvalue from processconfig where tkservice=? and paramname=?",
                              cluster.db.enum("typeservice", parameter.service), parameter.name(cluster.db.readings[0]))
    return parameter.word(plain(parameter, stored or ""))


def put(cluster, key: str, word: str) -> None:
    """Sets a parameter on every node that holds it, in the words of its page, e.g. put(c, "cluster_security_mode", "1")."""
    adapt(cluster)
    parameter = BY_KEY[key]
    value = as_kept(parameter, parameter.stored(word, cluster.db.readings[1]), cluster.db.readings[5])
    cluster.db.run("update processconfig set paramvalue=? where tkservice=? and paramname=?", value,
                   cluster.db.enum("typeservice", parameter.service), parameter.name(cluster.db.readings[0]))


def named(service: str, name: str) -> Parameter | None:
    """The parameter of that service that goes by this key or by an internal name of either reading."""
    return next((p for p in PARAMETERS if p.service == service and name in (p.key, *p.names)), None)


def find(cluster, service: str, name: str) -> Parameter | None:
    """The parameter of that service with that internal name under the readings that hold now."""
    reading = cluster.db.readings[0]
    return next((p for p in PARAMETERS if p.service == service and p.name(reading) == name), None)
