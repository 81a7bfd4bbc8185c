"""Tables of the Unified CM database as far as the lab knows them, with their real names.

Each table is a list of `column type` texts in SQLite's spelling. Booleans are stored as 't' and 'f', keys as lower-case
uuids without braces, names of enumerations as numbers into the `type*` tables, all as Informix does on the product
(axl.md 3). Foreign keys that AXL relies on are declared, so that breaking one is refused by the database itself.

Sources: the column names of `securityprofile`, `device`, `processconfig`, `processnode`, `certificate` and the `type*` tables
are those of axl.md 3, further ones of `device` those that a dump shows (id:37306522376); others follow the same style and are
marked inferred in the ledger.
"""
from __future__ import annotations

from lab.ucm import tables_hardening as hardening

# type table -> name of the schema's enumeration whose order gives the numbers, first number
TYPE_TABLES: dict[str, tuple[str, int]] = {
    "typemodel": ("XModel", 1000),              # the known numbers are pinned below
    "typeproduct": ("XProduct", 1000),
    "typeclass": ("XClass", 1),
    "typedeviceprotocol": ("XDeviceProtocol", 0),
    "typedeviceprotocolside": ("XProtocolSide", 0),
    "typedevicesecuritymode": ("XDeviceSecurityMode", 1),
    "typetransport": ("XTransport", 1),
    "typeauthenticationmode": ("XAuthenticationMode", 1),
    "typekeyorder": ("XKeyOrder", 1),
    "typekeysize": ("XKeySize", 1),
    "typecertificateoperation": ("XCertificateOperation", 1),
    "typecertificatestatus": ("XCertificateStatus", 1),
    "typenodeusage": ("XNodeUsage", 0),
    "typeprocessnoderole": ("XProcessNodeRole", 1),
    "typeservice": ("XService", 100),
    "typeparam": ("XParam", 1),
    "typesiptrunkcalllegsecurity": ("XSIPTrunkCallLegSecurity", 0),
    "typescheduleunit": ("XScheduleUnit", 1),
    "typeldapserver": ("XLdapServer", 1),
    **hardening.TYPE_TABLES,
}

# numbers that public material gives (axl.md 3): trunk = model 131, protocol SIP 11 and unspecified 99, enterprise parameters = service 11;
# class of phones 1 (id:32525034236, id:1407388980)
PINNED: dict[str, dict[str, int]] = {
    "typemodel": {"SIP Trunk": 131},
    "typeclass": {"Phone": 1},
    "typedeviceprotocol": {"SIP": 11, "Protocol Not Specified": 99},
    "typeservice": {"Enterprise Wide": 11, "Cisco CallManager": 0},
}

# names that a type table holds besides those of the schema's enumeration
EXTRA_NAMES: dict[str, tuple[str, ...]] = {"typekeysize": ("256", "384", "521")}

PRIVATE = "lab_"
_PK = "pkid TEXT PRIMARY KEY"

TABLES: dict[str, list[str]] = {
    "processnode": [_PK, "name TEXT NOT NULL UNIQUE", "description TEXT", "mac TEXT", "ipv6name TEXT", "nodeid INTEGER",
                    "systemnode TEXT NOT NULL DEFAULT 'f'", "tknodeusage INTEGER NOT NULL DEFAULT 0", "tkprocessnoderole INTEGER NOT NULL DEFAULT 1",
                    "tkssomode INTEGER NOT NULL DEFAULT 0", "fklbmhubgroup TEXT REFERENCES lbmhubgroup(pkid)", "isactive TEXT NOT NULL DEFAULT 't'"],
    "lbmhubgroup": [_PK, "name TEXT NOT NULL UNIQUE", "description TEXT", "member1 TEXT", "member2 TEXT", "member3 TEXT"],
    "processnodeservice": [_PK, "fkprocessnode TEXT NOT NULL REFERENCES processnode(pkid)", "tkservice INTEGER NOT NULL",
                           "enable TEXT NOT NULL DEFAULT 'f'", "isactive TEXT NOT NULL DEFAULT 't'"],
    "callmanager": [_PK, "name TEXT NOT NULL UNIQUE", "description TEXT", "ctiid INTEGER", "fkprocessnode TEXT REFERENCES processnode(pkid)",
                    "autoregistration TEXT NOT NULL DEFAULT 'f'", "autoregstartdn TEXT NOT NULL DEFAULT '1000'", "autoregenddn TEXT NOT NULL DEFAULT '1000'",
                    "autoregnextdn TEXT NOT NULL DEFAULT '1000'", "ethernetphoneport INTEGER NOT NULL DEFAULT 2000",
                    "mgcplistenport INTEGER NOT NULL DEFAULT 2427", "mgcpkeepaliveport INTEGER NOT NULL DEFAULT 2428",
                    "sipphoneport INTEGER NOT NULL DEFAULT 5060", "sipphonesecureport INTEGER NOT NULL DEFAULT 5061",
                    "sipoauthport INTEGER NOT NULL DEFAULT 5090", "sipoauthmraport INTEGER NOT NULL DEFAULT 5091", *hardening.CALL_MANAGER],
    "callmanagergroup": [_PK, "name TEXT NOT NULL UNIQUE", "tftpdefault TEXT NOT NULL DEFAULT 'f'"],
    "callmanagergroupmember": [_PK, "fkcallmanagergroup TEXT NOT NULL REFERENCES callmanagergroup(pkid) ON DELETE CASCADE",
                               "fkcallmanager TEXT NOT NULL REFERENCES callmanager(pkid)", "priority INTEGER NOT NULL DEFAULT 0"],
    "location": [_PK, "name TEXT NOT NULL UNIQUE", "id INTEGER"],
    "region": [_PK, "name TEXT NOT NULL UNIQUE"],
    "datetimesetting": [_PK, "name TEXT NOT NULL UNIQUE"],
    "srst": [_PK, "name TEXT NOT NULL UNIQUE", "port INTEGER NOT NULL DEFAULT 2000", "ipaddr1 TEXT", "ipv6addr1 TEXT", "sipnetwork TEXT",
             "sipport INTEGER NOT NULL DEFAULT 5060", "srstcertificateport INTEGER NOT NULL DEFAULT 2445", "issecure TEXT NOT NULL DEFAULT 'f'"],
    "devicepool": [_PK, "name TEXT NOT NULL UNIQUE", "fkcallmanagergroup TEXT REFERENCES callmanagergroup(pkid)",
                   "fkregion TEXT REFERENCES region(pkid)", "fkdatetimesetting TEXT REFERENCES datetimesetting(pkid)",
                   "fklocation TEXT REFERENCES location(pkid)", "fksrst TEXT REFERENCES srst(pkid)", *hardening.DEVICE_POOL],
    "sipprofile": [_PK, "name TEXT NOT NULL UNIQUE", "description TEXT", "isstandard TEXT NOT NULL DEFAULT 'f'"],
    "securityprofile": [_PK, "name TEXT NOT NULL UNIQUE", "description TEXT", "tksecuritypolicy INTEGER NOT NULL",
                        "tkmodel INTEGER", "tkdeviceprotocol INTEGER", "tkdevicesecuritymode INTEGER", "tktransport INTEGER", "tktransport_out INTEGER",
                        "tkauthenticationmode INTEGER", "tkkeysize INTEGER", "tkkeyorder INTEGER", "tkeckeysize INTEGER",
                        "tftpencryptedflag TEXT DEFAULT 'f'", "sipoauthflag TEXT DEFAULT 'f'", "digestauthall TEXT DEFAULT 'f'",
                        "excludedigestflag TEXT DEFAULT 'f'", "noncepolicytime INTEGER DEFAULT 600", "incomingport INTEGER DEFAULT 5060",
                        "x509subjectname TEXT", "applevelauth TEXT DEFAULT 'f'", "aclpresencesubscription TEXT DEFAULT 'f'",
                        "acloodrefer TEXT DEFAULT 'f'", "aclunsolicitednotification TEXT DEFAULT 'f'", "aclallowreplace TEXT DEFAULT 'f'",
                        "transmitsecuritystatus TEXT DEFAULT 'f'", "allowchargingheader TEXT DEFAULT 'f'", "isstandard TEXT NOT NULL DEFAULT 'f'"],
    "device": [_PK, "name TEXT NOT NULL UNIQUE", "description TEXT", "tkmodel INTEGER NOT NULL", "tkproduct INTEGER", "tkclass INTEGER",
               "tkdeviceprotocol INTEGER", "tkprotocolside INTEGER", "fkdevicepool TEXT REFERENCES devicepool(pkid)",
               "fklocation TEXT REFERENCES location(pkid)", "fksecurityprofile TEXT REFERENCES securityprofile(pkid)",
               "fksipprofile TEXT REFERENCES sipprofile(pkid)", "tkcertificateoperation INTEGER DEFAULT 1", "tkcertificatestatus INTEGER DEFAULT 1",
               "authenticationstring TEXT", "upgradefinishtime TEXT", "srtpallowed TEXT DEFAULT 'f'", "srtpfallbackallowed TEXT DEFAULT 'f'",
               "runonallnodes TEXT DEFAULT 'f'", "tkkeyauthority INTEGER", "lscvaliduntil INTEGER NOT NULL DEFAULT 0", "lscissuername TEXT",
               "lscissuervaliduntil INTEGER NOT NULL DEFAULT 0", "publickey TEXT", "ecpublickeycurve TEXT", "versionstamp TEXT",
               "isactive TEXT NOT NULL DEFAULT 't'", *hardening.DEVICE],
    "sipdevice": [_PK, "fkdevice TEXT NOT NULL UNIQUE REFERENCES device(pkid) ON DELETE CASCADE", "tksiptrunkcalllegsecurity INTEGER DEFAULT 0"],
    "siptrunkdestination": [_PK, "fksipdevice TEXT NOT NULL REFERENCES sipdevice(pkid) ON DELETE CASCADE", "address TEXT", "addressipv6 TEXT",
                            "port INTEGER NOT NULL DEFAULT 5060", "sortorder INTEGER NOT NULL"],
    "processconfig": [_PK, "paramname TEXT NOT NULL", "paramvalue TEXT", "tkservice INTEGER NOT NULL",
                      "fkprocessnode TEXT NOT NULL REFERENCES processnode(pkid)", "tkparam INTEGER NOT NULL"],
    "ldapfilter": [_PK, "name TEXT NOT NULL UNIQUE", "filter TEXT NOT NULL"],
    "directorypluginconfig": [_PK, "name TEXT NOT NULL UNIQUE", "ldapdn TEXT", "ldappassword TEXT", "usersearchbase TEXT",
                              "connectedldaphost TEXT", "intervalvalue INTEGER", "tkscheduleunit INTEGER", "repeatable TEXT DEFAULT 'f'",
                              "nextexectime TEXT", "syncnow TEXT DEFAULT '0'", "fkldapfilter TEXT REFERENCES ldapfilter(pkid)"],
    "directorypluginhost": [_PK, "fkdirectorypluginconfig TEXT NOT NULL REFERENCES directorypluginconfig(pkid) ON DELETE CASCADE",
                            "hostname TEXT", "portnumber INTEGER", "sslenabled TEXT DEFAULT 'f'", "sortorder INTEGER NOT NULL"],
    "ldapauthentication": [_PK, "authenticateendusers TEXT DEFAULT 'f'", "distinguishedname TEXT", "ldappassword TEXT", "usersearchbase TEXT"],
    "ldapauthenticationhost": [_PK, "fkldapauthentication TEXT NOT NULL REFERENCES ldapauthentication(pkid) ON DELETE CASCADE",
                               "hostname TEXT", "portnumber INTEGER", "sslenabled TEXT DEFAULT 'f'", "sortorder INTEGER NOT NULL"],
    "certificate": [_PK, "subjectname TEXT", "issuername TEXT", "serialnumber TEXT", "certificate TEXT", "hash TEXT", "ipv4address TEXT",
                    "islocal TEXT DEFAULT 'f'"],
    "certificateprocessnodemap": [_PK, "fkcertificate TEXT NOT NULL", "fkprocessnode TEXT NOT NULL", "servicename TEXT"],
    "certificatetrustrolemap": [_PK, "fkcertificate TEXT NOT NULL", "servicename TEXT"],
    "slminfo": [_PK, "registrationstatus TEXT", "exportcontrolledallow TEXT"],
    "componentversion": [_PK, "softwarecomponent TEXT", "version TEXT"],
    "ldapsystemconfig": [_PK, "syncenabled TEXT NOT NULL DEFAULT 'f'", "tkldapserver INTEGER", "useridattribute TEXT"],
    "enduser": [_PK, "userid TEXT NOT NULL UNIQUE", "firstname TEXT", "lastname TEXT", "mailid TEXT", "status INTEGER NOT NULL DEFAULT 1",
                "fkdirectorypluginconfig TEXT REFERENCES directorypluginconfig(pkid)"],
    **hardening.TABLES,
    # Not tables of the product, SQL never sees them: what AXL reads and writes but the lab has no column for; CAPF settings that AXL sent for
    # a phone (`device` has no such columns, id:37306522376); the issuer of a phone's LSC by its whole name;
    # the certificates taken from SRST routers.
    "lab_capf": ["fkdevice TEXT PRIMARY KEY REFERENCES device(pkid) ON DELETE CASCADE", "tkauthenticationmode INTEGER", "tkkeysize INTEGER",
                 "tkkeyorder INTEGER", "tkeckeysize INTEGER"],
    "lab_srst": ["fksrst TEXT PRIMARY KEY REFERENCES srst(pkid) ON DELETE CASCADE", "certificate TEXT NOT NULL"],
    "lab_lsc": ["fkdevice TEXT PRIMARY KEY REFERENCES device(pkid) ON DELETE CASCADE", "issuer TEXT NOT NULL"],
    "lab_element": ["fkobject TEXT NOT NULL", "element TEXT NOT NULL", "content TEXT", "PRIMARY KEY (fkobject, element)"],
}

INDEXES = (
    "CREATE INDEX ix_pattern_map ON devicenumplanmap(fknumplan)",
    "CREATE INDEX ix_device_pool ON device(fkdevicepool)",
    "CREATE INDEX ix_device_profile ON device(fksecurityprofile)",
    "CREATE UNIQUE INDEX ix_processconfig ON processconfig(fkprocessnode, tkservice, paramname)",
    "CREATE INDEX ix_destination ON siptrunkdestination(fksipdevice)",
)


def names() -> set[str]:
    """Names of all tables. SQL of a client may not name those that begin with PRIVATE."""
    return {*TABLES, *TYPE_TABLES}


def ddl() -> list[str]:
    """The statements that make an empty database."""
    made = [f"CREATE TABLE {name} ({', '.join(columns)})" for name, columns in TABLES.items()]
    made += [f"CREATE TABLE {name} (enum INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, moniker TEXT)" for name in TYPE_TABLES]
    return made + list(INDEXES)
