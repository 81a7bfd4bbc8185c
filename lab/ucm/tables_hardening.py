"""Tables behind what may be called and what phones let in: dial plan, product-specific settings. Form as in tables.py.

Sources of names: id:38842532104 (calling search spaces, partitions, patterns, route groups and lists, common phone profiles),
id:37306522376 (devicenumplanmap, telecasterservice),
id:30388874925 and id:32282546654 (devicexml4k and its kin, commonphoneconfigxml, enterprisephoneconfigxml).
Credential policies and universal templates have tables too, but nobody says of which columns: the lab's own hold them, and SQL does not see them.
"""
from __future__ import annotations

_PK = "pkid TEXT PRIMARY KEY"

TYPE_TABLES: dict[str, tuple[str, int]] = {
    "typepatternusage": ("XPatternUsage", 0),               # Translation 3, Route 5 (id:38842532104)
    "typenetworklocation": ("XNetworkLocation", 0),         # Use System Default 2 (id:37306522376)
    "typepartitionusage": ("XPartitionUsage", 0),
    "typedistributealgorithm": ("XDistributeAlgorithm", 1),
    "typecredentialuser": ("XCredentialUser", 1),
    "typecredential": ("XCredential", 1),
    "typephoneservice": ("XPhoneService", 0),               # Standard IP Phone Service 0, Directories 1, Messages 2 (id:37306522376)
    "typephoneservicecategory": ("XPhoneServiceCategory", 0),
}

TABLES: dict[str, list[str]] = {
    "routepartition": [_PK, "name TEXT NOT NULL UNIQUE", "description TEXT", "tkpartitionusage INTEGER NOT NULL DEFAULT 2"],
    "callingsearchspace": [_PK, "name TEXT NOT NULL UNIQUE", "description TEXT", "tkpartitionusage INTEGER NOT NULL DEFAULT 2"],
    "callingsearchspacemember": [_PK, "fkcallingsearchspace TEXT NOT NULL REFERENCES callingsearchspace(pkid) ON DELETE CASCADE",
                                 "fkroutepartition TEXT NOT NULL REFERENCES routepartition(pkid)", "sortorder INTEGER NOT NULL"],
    "numplan": [_PK, "dnorpattern TEXT NOT NULL", "description TEXT", "fkroutepartition TEXT REFERENCES routepartition(pkid)",
                "tkpatternusage INTEGER NOT NULL DEFAULT 2", "tknetworklocation INTEGER NOT NULL DEFAULT 2", "allowdeviceoverride TEXT NOT NULL DEFAULT 'f'",
                "blockenable TEXT NOT NULL DEFAULT 'f'", "patternurgency TEXT NOT NULL DEFAULT 'f'", "outsidedialtone TEXT NOT NULL DEFAULT 'f'",
                "authorizationcoderequired TEXT NOT NULL DEFAULT 'f'", "authorizationlevelrequired INTEGER NOT NULL DEFAULT 0",
                "clientcoderequired TEXT NOT NULL DEFAULT 'f'", "useoriginatorcss TEXT NOT NULL DEFAULT 'f'",
                "fkcallingsearchspace_translation TEXT REFERENCES callingsearchspace(pkid)",
                "fkcallingsearchspace_sharedlineappear TEXT REFERENCES callingsearchspace(pkid)"],
    "devicenumplanmap": [_PK, "fkdevice TEXT REFERENCES device(pkid) ON DELETE CASCADE", "fknumplan TEXT REFERENCES numplan(pkid) ON DELETE CASCADE",
                         "numplanindex INTEGER"],
    "routegroup": [_PK, "name TEXT NOT NULL UNIQUE", "tkdistributealgorithm INTEGER NOT NULL DEFAULT 1"],
    "routegroupdevicemap": [_PK, "fkroutegroup TEXT NOT NULL REFERENCES routegroup(pkid) ON DELETE CASCADE",
                            "fkdevice TEXT NOT NULL REFERENCES device(pkid)", "deviceselectionorder INTEGER NOT NULL", "port INTEGER NOT NULL DEFAULT 0"],
    "routelist": [_PK, "fkdevice TEXT NOT NULL REFERENCES device(pkid) ON DELETE CASCADE", "fkroutegroup TEXT NOT NULL REFERENCES routegroup(pkid)",
                  "selectionorder INTEGER NOT NULL"],
    "commonphoneconfig": [_PK, "name TEXT NOT NULL UNIQUE", "description TEXT"],
    "commonphoneconfigxml": [_PK, "fkcommonphoneconfig TEXT NOT NULL UNIQUE REFERENCES commonphoneconfig(pkid) ON DELETE CASCADE", "xml TEXT"],
    "enterprisephoneconfigxml": [_PK, "xml TEXT"],
    **{f"devicexml{size}k": [_PK, "fkdevice TEXT NOT NULL UNIQUE REFERENCES device(pkid) ON DELETE CASCADE", "xml TEXT"] for size in (4, 8, 16)},
    "telecasterservice": [_PK, "name TEXT NOT NULL UNIQUE", "nameascii TEXT", "description TEXT", "urltemplate TEXT", "secureurltemplate TEXT",
                          "tkphoneservice INTEGER NOT NULL DEFAULT 0", "tkphoneservicecategory INTEGER NOT NULL DEFAULT 0", "vendor TEXT", "version TEXT",
                          "enterprisesubscription TEXT NOT NULL DEFAULT 'f'", "enabled TEXT NOT NULL DEFAULT 't'", "priority INTEGER NOT NULL DEFAULT 50"],
    "lab_credentialpolicy": [_PK, "name TEXT NOT NULL UNIQUE", "failedlogon INTEGER", "resetfailedlogonattempts INTEGER", "lockoutduration INTEGER",
                             "credchangeduration INTEGER", "credexpiresafter INTEGER", "mincredlength INTEGER", "prevcredstorednum INTEGER",
                             "inactivedaysallowed INTEGER", "expirywarningdays INTEGER", "trivialcredcheck TEXT DEFAULT 'f'", "mincharstochange INTEGER"],
    "lab_credentialpolicydefault": [_PK, "tkcredentialuser INTEGER NOT NULL", "tkcredential INTEGER NOT NULL",
                                    "fkcredentialpolicy TEXT NOT NULL REFERENCES lab_credentialpolicy(pkid)", "usercantchange TEXT NOT NULL DEFAULT 'f'",
                                    "usermustchange TEXT NOT NULL DEFAULT 'f'", "doesnotexpire TEXT NOT NULL DEFAULT 'f'"],
    "lab_devicetemplate": [_PK, "name TEXT NOT NULL UNIQUE", "description TEXT", "fkdevicepool TEXT REFERENCES devicepool(pkid)",
                           "fkcallingsearchspace TEXT REFERENCES callingsearchspace(pkid)", "fksecurityprofile TEXT REFERENCES securityprofile(pkid)",
                           "fkcommonphoneconfig TEXT REFERENCES commonphoneconfig(pkid)"],
    "lab_linetemplate": [_PK, "name TEXT NOT NULL UNIQUE", "description TEXT", "fkroutepartition TEXT REFERENCES routepartition(pkid)",
                         "fkcallingsearchspace TEXT REFERENCES callingsearchspace(pkid)"],
}

# Columns of tables.py's tables, beside those that stand there.
CALLING_SEARCH_SPACES = [f"fkcallingsearchspace{role} TEXT REFERENCES callingsearchspace(pkid)" for role in ("", "_reroute", "_refer", "_restrict")]
DEVICE = ["tknetworklocation INTEGER NOT NULL DEFAULT 2", "fkcommonphoneconfig TEXT REFERENCES commonphoneconfig(pkid)", "sshuserid TEXT", "sshpassword TEXT",
          *CALLING_SEARCH_SPACES]
DEVICE_POOL = ["fkcallingsearchspace_autoregistration TEXT REFERENCES callingsearchspace(pkid)"]
CALL_MANAGER = ["autoregpartition TEXT REFERENCES routepartition(pkid)", "autoregdevicetemplate TEXT REFERENCES lab_devicetemplate(pkid)",
                "autoreglinetemplate TEXT REFERENCES lab_linetemplate(pkid)"]
