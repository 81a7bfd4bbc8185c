"""What the CLI prints, in the transcripts' layouts with the example's names."""
from __future__ import annotations

import pytest

from ansible_collections.collab.security.plugins.plugin_utils.operations import cli_texts
from ansible_collections.collab.security.plugins.plugin_utils.operations import ctl

CTL = """The checksum value of the CTL file:
0123456789abcdef0123456789abcdef(MD5)
0123456789abcdef0123456789abcdef01234567(SHA1)

Length of CTL file: 5012
The CTL File was last modified on Fri Mar 06 21:56:07 %s 2026

Parse CTL File
----------------

Version:        1.2
HeaderLength:   336 (BYTES)

BYTEPOS TAG             LENGTH  VALUE
------- ---             ------  -----
3       SIGNERID        2       149
5       SERIALNUMBER    16      11:11:11:11:11:11:11:11:11:11:11:11:11:11:11:11
15      TIMESTAMP       4

CTL Record #:1
----
BYTEPOS TAG             LENGTH  VALUE
------- ---             ------  -----
1       RECORDLENGTH    2       1156
2       DNSNAME         16      us-cm-pub
4       FUNCTION        2       System Administrator Security Token
6       SERIALNUMBER    16      70:CA:F6:4E:09:07:51:B9:DF:22:F4:9F:75:4F:C5:BB
10      IPADDRESS       4
This etoken was used to sign the CTL file.

CTL Record #:2
----
BYTEPOS TAG             LENGTH  VALUE
------- ---             ------  -----
2       DNSNAME         16      us-cm-pub
3       SUBJECTNAME     60      CN=us-cm-pub-ms.ent-pa.com;O=Ent PA
4       FUNCTION        2       CCM+TFTP
6       SERIALNUMBER    16      00:4B:49:99:77:04:96:E7:99:E9:1E:81:D3:C8:10:9B

CTL Record #:3
----
BYTEPOS TAG             LENGTH  VALUE
------- ---             ------  -----
4       FUNCTION        2       CAPF
6       SERIALNUMBER    16      74:4B:49:99:77:04:96:E7:99:E9:1E:81:D3:C8:10:9B

CTL Record #:4
----
2       DNSNAME         17      us-cm-sub1
4       FUNCTION        2       CCM+TFTP

The CTL file was verified successfully.
"""
ABSENT = """Length of CTL file: 0
CTL File not found . Please run CTLClient plugin or run the CLI - utils ctl.. to generate the CTL file.
Error parsing the CTL File.
"""


def test_ctl_records_are_read_with_crlf_and_missing_fields():
    found = ctl.parse((CTL % "CET").replace("\n", "\r\n"))
    assert found["present"] and found["verified"]
    assert [r["function"] for r in found["records"]] == ["System Administrator Security Token", "CCM+TFTP", "CAPF", "CCM+TFTP"]
    assert found["records"][1]["serial"] == "4B4999770496E799E91E81D3C8109B"
    assert found["records"][1]["subject"] == "CN=us-cm-pub-ms.ent-pa.com;O=Ent PA"
    assert found["records"][3]["serial"] is None
    assert ctl.serials(found, ctl.CCM) == {"4B4999770496E799E91E81D3C8109B"}


def test_ctl_absent():
    found = ctl.parse(ABSENT)
    assert not found["present"] and not found["verified"] and found["records"] == []
    assert ctl.lacks(found, {}, 2) == ["there is no CTL file"]


def test_ctl_compared_with_certificates_in_use():
    found = ctl.parse(CTL % "CET")
    callmanager, capf = 0x004B4999770496E799E91E81D3C8109B, "744B4999770496E799E91E81D3C8109B"
    everywhere = {"us-cm-pub": callmanager, "us-cm-sub1": callmanager}
    assert ctl.lacks(found, everywhere, capf) == [] and ctl.lacks(found, everywhere, None) == []
    stale = ctl.lacks(found, {"us-cm-pub": callmanager, "us-cm-sub1": callmanager + 1, "us-cm-sub2": callmanager + 1}, capf)
    assert len(stale) == 1 and "of us-cm-sub1, us-cm-sub2 has the serial number 4B4999770496E799E91E81D3C8109C" in stale[0]
    assert len(ctl.lacks(found, {"us-cm-pub": 7}, 5)) == 2


def test_ctl_without_serial_numbers_cannot_be_judged():
    assert ctl.readable(ctl.parse(CTL % "CET")) and ctl.readable(ctl.parse(ABSENT))
    assert not ctl.readable(ctl.parse("Length of CTL file: 9\nCTL Record #:1\n----\n4       FUNCTION        2       CCM+TFTP\n"))


@pytest.mark.parametrize(("zone", "hint", "epoch"), [("UTC", None, 1772834167), ("CET", None, 1772830567), ("CST", None, None), ("CST", -360, 1772855767),
                                                     ("+0100", None, 1772830567), ("GMT-05:00", None, 1772852167)])
def test_ctl_date_is_never_guessed(zone, hint, epoch):
    assert ctl.modified_epoch(ctl.parse(CTL % zone), hint) == epoch


RUNTIMESTATE = """Server Time: Mon Nov 23 10:00:00 UTC 2026

Cluster Replication State: Replication status command started at: 2026-11-23-09-54
     Replication status command COMPLETED 681 tables checked out of 681
     Last Completed Table: devicenumplanmapremdestmap
     No Errors or Mismatches found.

DB Version: ccm15_0_1_11900_40
Cluster Detailed View from us-cm-pub (2 Servers):

                                      PING      DB/RPC/   REPL.    Replication    REPLICATION SETUP
SERVER-NAME         IP ADDRESS        (msec)    DbMon?    QUEUE    Group ID       (RTMT) & Details
-----------         ----------        ------    -------   -----    -----------    ------------------
us-cm-pub           127.77.1.1        0.013     Y/Y/Y     0        (g_2)          (2) Setup Completed
us-cm-sub1          127.77.1.2        0.230     Y/Y/Y     0        (g_3)          (2) Setup Completed
"""


def test_replication_good():
    assert cli_texts.replication(RUNTIMESTATE.replace("\n", "\r\n")) == {"state": "good", "problems": [], "nodes": ["us-cm-pub", "us-cm-sub1"]}


@pytest.mark.parametrize(("old", "new", "problem"), [
    ("0.230     Y/Y/Y     0        (g_3)          (2) Setup Completed", "0.230     Y/N/Y     0        (g_3)          (2) Setup Completed", "Y/N/Y"),
    ("0.230     Y/Y/Y     0 ", "0.230     Y/Y/Y     17", "queue is at 17"),
    ("(g_3)          (2) Setup Completed", "(g_3)          (4) Setup Failed", "(4) Setup Failed"),
    ("0.230     Y/Y/Y     0        (g_3)          (2) Setup Completed", "Failed    -/-/-     -        (-)            (-) Off-Line", "Off-Line"),
    ("No Errors or Mismatches found.", "Errors or Mismatches Were Found!!!", "Mismatches Were Found"),
])
def test_replication_bad(old, new, problem):
    assert old in RUNTIMESTATE
    found = cli_texts.replication(RUNTIMESTATE.replace(old, new))
    assert found["state"] == "bad"
    assert any(problem in text for text in found["problems"])


def test_replication_other_states():
    single = "Runtime state cannot be performed on a cluster with a single active node; aborting operation"
    assert cli_texts.replication(single)["state"] == "single"
    assert cli_texts.replication("Cisco DB is not running")["state"] == "bad"
    assert cli_texts.replication(RUNTIMESTATE.replace("COMPLETED 681", "in PROGRESS 12"))["state"] == "progress"
    assert cli_texts.replication("something else")["state"] == "unknown"


def test_versions():
    text = "Active Master Version: 15.0.1.11900-40\nActive Version Installed Software Options:\n  No Installed Software Options Found.\n"
    assert cli_texts.active_version(text) == {"version": "15.0.1.11900-40", "unrestricted": False}
    assert cli_texts.active_version("Active Version: 14.0.1.10000-20\nThis is an Unrestricted version")["unrestricted"]
    assert cli_texts.same_release("15", "15.0.1.11900-40") and cli_texts.same_release("12.5", "12.5.1.10000-22")
    assert not cli_texts.same_release("12.5", "12.0.1.10000-1") and not cli_texts.same_release("14", "15.0.1") and not cli_texts.same_release("14", "junk")


def test_last_successful_backup():
    text = """Tar Filename:             Backup Device:  Completed On:                  Result:   Backup Type:  Features Backed Up:
2026-10-30-14-53-32.tar   NETWORK         Fri Oct 30 14:55:31 UTC 2026   SUCCESS   MANUAL        CDR_CAR,UCM
2026-11-20-02-00-01.tar   my sftp         Fri Nov 20 02:05:00 UTC 2026   SUCCESS   SCHEDULED     UCM
2026-11-21-02-00-01.tar   NETWORK         Sat Nov 21 02:05:00 UTC 2026   ERROR     SCHEDULED
"""
    assert cli_texts.last_backup(text) == 1795140300
    assert cli_texts.last_backup("No history of backup found") is None


def test_own_units():
    text = "tomcat/tomcat.pem: Certificate Signed by Ent PA Issuing CA\r\nCallManager/CallManager.pem: Self-signed certificate generated by system\r\n"
    assert cli_texts.own_units(text) == {"tomcat", "callmanager"}
