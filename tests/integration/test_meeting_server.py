# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Meeting Server clusters of 2.9 and 3.8: certificates in their services and databases, whatever fails or differs on the way."""
from __future__ import annotations

import json
import re
import ssl
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import paramiko
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from tests.integration.conftest import free_network
from tests.integration.harness import Estate
from tests.integration.harness import Run

CLUSTERS = ("us_cms", "emea_cms")
ADMINISTRATOR, PASSWORD = "admin", "lab-MeetingServer-0827"
PASSPHRASE = "lab-Backup-0833"
DATABASES = {"collab_disruption": ["services", "trunks", "databases"]}
SERVICES = {"collab_disruption": ["services", "trunks"]}
NAMED = {"meeting_server_alt_names": ["meet.ent-pa.com"]}       # a further name, which makes another shared certificate needed
NODES = {"us-cms1": ".9.21", "us-cms2": ".9.22", "us-cms3": ".9.23", "us-cms4": ".9.24",
         "emea-cms1": ".9.25", "emea-cms2": ".9.26", "emea-cms3": ".9.27", "emea-cms4": ".9.28"}
# Every reading but the first of what nobody is sure of, in two worlds that exclude each other nowhere.
WORLDS = [
    {"cms_api_page": "10", "cms_api_unknown_field": "ignored", "cms_c2w_status": "words", "cms_certs_copied": "start", "cms_certs_output": "checked",
     "cms_csr_existing": "refused", "cms_database_words": "master", "cms_join_needs": "order", "mmp_confirm": "key", "mmp_login": "keyboard",
     "mmp_prompt": "fqdn", "mmp_refusal": "plain"},
    {"cms_certs_while_enabled": "taken", "cms_csr_usage": "both", "cms_full_chain": "intermediate", "cms_restart_failure": "keeps", "cms_sftp_mode": "refused",
     "mmp_exec": "refused", "mmp_login": "both", "mmp_question": "above"},
]


class Mmp:
    """Another administrator, at one node."""

    def __init__(self, estate: Estate, node: str) -> None:
        self.client = paramiko.SSHClient()
        self.client.load_host_keys(str(estate.lab_directory / "known_hosts"))
        self.client.connect(estate.network + NODES[node], 20022, ADMINISTRATOR, PASSWORD, look_for_keys=False, allow_agent=False)

    def __enter__(self) -> Mmp:
        return self

    def __exit__(self, *_error: object) -> None:
        self.client.close()

    def say(self, *commands: str) -> str:
        """Give commands; what the last one showed."""
        shown = ""
        for command in commands:
            _stdin, stdout, _stderr = self.client.exec_command(command, timeout=20)
            shown = stdout.read().decode()
        return shown

    def get(self, name: str) -> bytes:
        """A file."""
        with self.client.open_sftp() as sftp, sftp.open(name) as file:
            return file.read()


@pytest.fixture(scope="session")
def running_meeting_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    """The lab with both Meeting Server clusters; started when the first test asks for it."""
    found = Estate(Path(tmp_path_factory.mktemp("meeting_server")), free_network(), CLUSTERS)
    with found.running():
        yield found


@pytest.fixture
def meeting(running_meeting_server: Estate) -> Estate:
    """Both clusters as installed."""
    running_meeting_server.load("day0")
    return running_meeting_server


@pytest.fixture(scope="session")
def _clustered(running_meeting_server: Estate) -> str:
    running_meeting_server.load("day0")
    running_meeting_server.play(variables=DATABASES).ok()
    running_meeting_server.save("clustered")
    return "clustered"


@pytest.fixture
def clustered(running_meeting_server: Estate, _clustered: str) -> Estate:
    """Both clusters as the guide wants them, their databases clustered."""
    running_meeting_server.load(_clustered)
    return running_meeting_server


def nothing_written(estate: Estate, run: Run, since: int) -> None:
    """The run has changed nothing, by its own word and by the lab's."""
    assert run.changed == 0, run.operations
    assert estate.journal(writes=True, since=since) == []


def served(estate: Estate, node: str, port: int) -> x509.Certificate:
    """What a port serves, whatever it is."""
    return x509.load_pem_x509_certificate(ssl.get_server_certificate((estate.network + NODES[node], port)).encode())


def fingerprint(certificate: x509.Certificate) -> str:
    return certificate.fingerprint(hashes.SHA256()).hex()


# -- runs ------------------------------------------------------------------------------------------------------------
def test_check_mode_writes_nothing(meeting: Estate) -> None:
    """drift.yml on clusters as installed: what is wrong is found, nothing is written, and no key is made."""
    since = meeting.mark()
    run = meeting.play("drift.yml").ok()
    assert meeting.journal(writes=True, since=since) == []
    assert {f["id"] for f in run.findings} >= {"certificate-shared", "certificate-database_client"}
    assert any(o["operation"] == "pki csr" for o in run.operations)


def test_first_and_second_run(meeting: Estate) -> None:
    """Certificates in every service of both releases, the databases' set and their clustering left to a window; then nothing more to do."""
    began = meeting.mark()
    first = meeting.play(variables=SERVICES).ok()
    assert {p["id"] for p in first.pending} == {"database-cluster"}
    for cluster, nodes in (("us", 4), ("emea", 4)):
        prints = {fingerprint(served(meeting, f"{cluster}-cms{n}", 20443)) for n in range(1, nodes + 1)}
        assert len(prints) == 1, "each node has the shared certificate"
        leaf = served(meeting, f"{cluster}-cms1", 5061)
        assert {fingerprint(leaf)} == prints
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(x509.DNSName)
        assert {f"{cluster}-cms{n}.ent-pa.com" for n in range(1, nodes + 1)} < set(names)
    lines = [e["operation"] for e in meeting.journal(writes=True, since=began) if e["node"] == "emea-cms1" and e["operation"].startswith("xmpp")]
    assert [line.split()[1:3] for line in lines] == [["certs", "none"], ["certs", "CAsignedCluster.key"], ["enable"]]
    assert any(f["id"] == "xmpp-not-applicable" for f in first.findings)
    since = meeting.mark()
    nothing_written(meeting, meeting.play(variables=SERVICES).ok(), since)
    since = meeting.mark()
    nothing_written(meeting, meeting.play("drift.yml", variables=SERVICES).ok(), since)
    meeting.play("verify.yml").ok()


def test_key_made_on_the_control_node(meeting: Estate) -> None:
    """The operator's other choice: made in memory, carried by SFTP, and nowhere on the disk here."""
    began = meeting.mark()
    run = meeting.play(variables={"meeting_server_key_made_on": "control_node"}).ok()
    assert not [e for e in meeting.journal(writes=True, since=began) if e["operation"].startswith("pki csr")]
    meeting.play("verify.yml").ok()
    nothing_secret(meeting, run)


def test_not_granted_prepares_all(meeting: Estate) -> None:
    """Without 'services' files lie on every node and nothing in service is touched; the next run that may goes on from there."""
    began = meeting.mark()
    run = meeting.play(variables={"collab_disruption": []}).ok()
    assert {"certificate-prepared"} <= {p["id"] for p in run.pending}
    written = {e["operation"].split()[0] for e in meeting.journal(writes=True, since=began) if e["node"] in NODES}
    assert written == {"pki", "put", "database"}, "requests, files, and databases that are in no cluster"
    meeting.play(variables=SERVICES).ok()
    assert len([e for e in meeting.journal(writes=True, since=began) if e["operation"].startswith("pki csr")]) == 4, "no request is made twice"
    meeting.play("verify.yml").ok()


# -- databases -------------------------------------------------------------------------------------------------------
def test_database_cluster_in_a_window(meeting: Estate) -> None:
    """Backups first and encrypted, the primary begins, the others join in turn, all in sync; then nothing more to do."""
    run = meeting.play(variables=DATABASES).ok()
    assert run.pending == []
    with Mmp(meeting, "us-cms4") as mmp:
        status = mmp.say("database cluster status")
    assert status.count("In Sync") == 2 and "Connected Primary" in status
    backups = sorted(meeting.workspace.rglob("*.bak.enc"))
    assert len(backups) == 6 and all(b.read_bytes().startswith(b"Salted__") for b in backups)
    assert {b.stat().st_mode & 0o777 for b in backups} == {0o600}
    since = meeting.mark()
    nothing_written(meeting, meeting.play(variables=DATABASES).ok(), since)


def test_active_cluster_is_refused_without_the_grant(clustered: Estate) -> None:
    """Renewed certificates go into service; the databases keep theirs, and the plan is printed in its order."""
    since = clustered.mark()
    run = clustered.play(variables={**SERVICES, **NAMED}).ok()
    assert not [e for e in clustered.journal(writes=True, since=since) if e["operation"].startswith("database")]
    plan = next(p for p in run.pending if p["id"] == "database-cluster" and "us_cms" in p["object"])["what_to_do"]
    commands = [line for line in plan if "> " in line]
    assert [c.split("> ")[0] for c in commands if "remove" in c] == ["us-cms4", "us-cms2", "us-cms3", "us-cms1"], "clients, replicas, then the primary"
    assert [c.split()[3] for c in commands if c.startswith("us-cms1>")] == ["remove", "certs", "initialize"]
    since = clustered.mark()
    nothing_written(clustered, clustered.play(variables={**SERVICES, **NAMED}).ok(), since)


def test_active_cluster_in_a_window(clustered: Estate) -> None:
    """Out, certificates, in again: every node ends in sync with the new certificate, and the primary is the one that it was."""
    more = {**DATABASES, **NAMED}
    assert clustered.play(variables=more).ok().pending == []
    with Mmp(clustered, "us-cms1") as mmp:
        status = mmp.say("database cluster status")
        name = re.search(r"Server Certificate\s*:\s*(\S+)", status)[1]
        leaf = x509.load_pem_x509_certificate(mmp.get(name))
    assert status.count("In Sync") == 2
    assert re.search(re.escape(clustered.network + NODES["us-cms1"]) + r" \(me\)\s*: Connected Primary", status), status
    assert "meet.ent-pa.com" in leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(x509.DNSName)
    since = clustered.mark()
    nothing_written(clustered, clustered.play(variables=more).ok(), since)


def test_window_that_breaks_off_is_gone_on_with(clustered: Estate) -> None:
    """Each run of the window is killed after a write or two; whoever held the data holds it at the end. Backups do not count: each run makes its own first,
    and on a fast machine no run would come past them."""
    more = {**DATABASES, **NAMED}
    clustered.play(variables={**SERVICES, **NAMED}).ok()    # the services are done; what is left is the window
    since = clustered.mark()
    kills = 0
    while clustered.play_and_kill(1, variables=more, besides="backup"):
        kills += 1
        assert kills < 30, clustered.journal(writes=True, since=since)[-5:]
    assert kills >= 4
    clustered.play(variables=more).ok()
    begun = [e["node"] for e in clustered.journal(writes=True, since=since) if e["operation"] == "database cluster initialize"]
    assert set(begun) == {"us-cms1", "emea-cms1"}
    since = clustered.mark()
    nothing_written(clustered, clustered.play(variables=more).ok(), since)


# -- calls -----------------------------------------------------------------------------------------------------------
def api(estate: Estate, node: str, method: str, path: str, **fields: str) -> str:
    """Another administrator at the API; gives the body, or the id of what was made."""
    context = ssl.create_default_context(cafile=str(estate.lab_directory / "ca" / "chain.pem"))
    context.check_hostname = False
    request = urllib.request.Request("https://%s:20443/api/v1/%s" % (estate.network + NODES[node], path), urlencode(fields).encode() or None, method=method)
    request.add_header("Authorization", "Basic " + b64encode(b"svc-collab-api:lab-MeetingApi-0828").decode())
    with urllib.request.urlopen(request, timeout=20, context=context) as answer:
        return answer.headers.get("Location", "").rpartition("/")[2] or answer.read().decode()


def test_calls_are_encrypted(clustered: Estate) -> None:
    """Media in every call leg profile, signalling in the rules whose far end proves itself; other rules are only found. Call Bridges of the other
    cluster stand in for Unified CM."""
    node, only = "us-cms1", ("site.yml", "--limit", "us_cms", "--tags", "calls")
    profile = api(clustered, node, "POST", "callLegProfiles", sipMediaEncryption="prohibited")
    proven = api(clustered, node, "POST", "outboundDialPlanRules", domain="ent-pa.com", sipProxy="emea-cms1.ent-pa.com", sipControlEncryption="auto")
    dead = api(clustered, node, "POST", "outboundDialPlanRules", domain="dead.ent-pa.com", sipProxy="emea-cms3.ent-pa.com", sipControlEncryption="auto")
    other = api(clustered, node, "POST", "outboundDialPlanRules", domain="example.net", sipProxy="sip.example.net", sipControlEncryption="unencrypted")
    variables = {"collab_cm_cluster": "emea_cms"}
    since = clustered.mark()
    refused = clustered.play(*only, variables={**variables, "collab_disruption": ["services"]}).ok()
    assert clustered.journal(writes=True, since=since) == []
    assert len({p["object"].split()[0] for p in refused.pending if "may not disturb trunks" in p["reason"]}) == 3
    run = clustered.play(*only, variables=variables).ok()
    assert [p["object"] for p in run.pending] == [f"outboundDialPlanRules/{dead} on {name}" for name in ("us-cms1", "us-cms2", "us-cms4")]
    assert {f["object"].split()[0] for f in run.findings if f["id"] == "rule-not-encrypted"} == {f"outboundDialPlanRules/{other}"}
    for path, value in ((f"callLegProfiles/{profile}", "optional"), (f"outboundDialPlanRules/{proven}", "encrypted"), (f"outboundDialPlanRules/{dead}", "auto"),
                        (f"outboundDialPlanRules/{other}", "unencrypted")):
        assert f"Encryption>{value}<" in api(clustered, "us-cms4", "GET", path), "one configuration for all, by the clustered database"
    since = clustered.mark()
    nothing_written(clustered, clustered.play(*only, variables=variables).ok(), since)
    run = clustered.play(*only, variables={**variables, "meeting_server_media_encryption": "required"}).ok()
    assert "Encryption>required<" in api(clustered, node, "GET", f"callLegProfiles/{profile}")


def test_what_calls_were_given_is_taken_back(clustered: Estate) -> None:
    """A rollback brings the fields of call leg profiles and rules back, says what it cannot, and writes nothing the second time."""
    node, variables = "us-cms1", {"collab_cm_cluster": "emea_cms", "rollback_since": "all"}
    profile = api(clustered, node, "POST", "callLegProfiles", sipMediaEncryption="prohibited")
    rule = api(clustered, node, "POST", "outboundDialPlanRules", domain="ent-pa.com", sipProxy="emea-cms1.ent-pa.com", sipControlEncryption="auto")
    clustered.play("site.yml", "--limit", "us_cms", "--tags", "calls", variables=variables).ok()
    assert "Encryption>encrypted<" in api(clustered, node, "GET", f"outboundDialPlanRules/{rule}")
    run = clustered.play("rollback.yml", "--limit", "us_cms", variables=variables).ok()
    assert "Encryption>prohibited<" in api(clustered, "us-cms4", "GET", f"callLegProfiles/{profile}")
    assert "Encryption>auto<" in api(clustered, "us-cms4", "GET", f"outboundDialPlanRules/{rule}")
    assert any("webbridge3 on us-cms2" in p["object"] for p in run.pending if p["id"] == "rollback-not-possible")
    since = clustered.mark()
    nothing_written(clustered, clustered.play("rollback.yml", "--limit", "us_cms", variables=variables).ok(), since)


# -- drift -----------------------------------------------------------------------------------------------------------
def test_drift_is_found_and_mended_and_nothing_else(clustered: Estate) -> None:
    """Somebody gave a service a certificate of their own under a name that sounds right, and switched another off."""
    with Mmp(clustered, "us-cms2") as mmp:
        mmp.say("pki selfsigned other CN:us-cms2.ent-pa.com", "webadmin disable", "webadmin certs other.key other.crt", "webadmin enable")
    with Mmp(clustered, "emea-cms1") as mmp:
        mmp.say("webbridge disable")
    since = clustered.mark()
    drift = clustered.play("drift.yml", variables=DATABASES).ok()
    assert clustered.journal(writes=True, since=since) == []
    assert {f["object"] for f in drift.findings if f["id"] == "service-certificate"} == {"webadmin on us-cms2", "webbridge on emea-cms1"}
    since = clustered.mark()
    clustered.play(variables=DATABASES).ok()
    written = sorted((e["node"], e["operation"].split()[0]) for e in clustered.journal(writes=True, since=since))   # the clusters go side by side
    assert written == [("emea-cms1", "webbridge")] + [("us-cms2", "webadmin")] * 3
    clustered.play("verify.yml").ok()


# -- faults ----------------------------------------------------------------------------------------------------------
STEPS = [
    ("webadmin disable", "webadmin disable"), ("webadmin certs*", "webadmin certs*"), ("webadmin enable", "webadmin enable"),
    ("callbridge certs*", "callbridge certs*"), ("callbridge restart", "callbridge restart"), ("webbridge3 disable", "xmpp disable"),
    ("webbridge3 https certs*", "xmpp certs none"), ("webbridge3 c2w certs*", "xmpp certs CA*"), ("webbridge3 enable", "xmpp enable"),
    ("webbridge3 https certs*", "webbridge certs*"), ("webbridge3 enable", "webbridge enable"),
]
PORTS = {"webadmin": 20443, "callbridge": 5061, "webbridge3": 20444, "webbridge": 20444}


@pytest.mark.parametrize("steps", STEPS, ids=[" - ".join(pair) for pair in STEPS])
def test_failure_leaves_the_old_certificate_in_service(clustered: Estate, steps: tuple[str, str]) -> None:
    """A step that a node of each cluster refuses once: the run fails, says so, and what was in service is in service."""
    before, old = {}, {}
    for node, operation in zip(("us-cms2", "emea-cms2"), steps, strict=True):
        service = operation.split()[0]
        with Mmp(clustered, node) as mmp:
            before[node, service] = mmp.say(service)
        if service in PORTS:
            old[node, service] = fingerprint(served(clustered, node, PORTS[service]))
        clustered.fault(node=node, channel="mmp", operation=operation, action="status")
    run = clustered.play(variables={**SERVICES, **NAMED})
    said = " ".join(run.output.split())
    for node, service in before:
        assert f"{service} on {node}: after" in said, run.output[-5000:]
        with Mmp(clustered, node) as mmp:
            assert mmp.say(service) == before[node, service]
    assert said.count("The old certificate is in service again") >= 2
    assert {key: fingerprint(served(clustered, key[0], PORTS[key[1]])) for key in old} == old


def test_run_after_a_failure_finishes(clustered: Estate) -> None:
    """A service that cannot even be brought back: the failure says so, with the lines for a person; the next run finishes."""
    clustered.fault(node="us-cms2", channel="mmp", operation="webadmin enable", action="status", times=2)
    run = clustered.play("site.yml", "--limit", "us_cms", variables={**SERVICES, **NAMED, "meeting_server_timeout": 3})
    run.refused("webadmin on us-cms2", "could NOT be brought back", "by hand: webadmin disable; webadmin certs")
    clustered.play("site.yml", "--limit", "us_cms", variables={**SERVICES, **NAMED}).ok()
    clustered.play("verify.yml", "--limit", "us_cms", variables=NAMED).ok()


def test_transfer_that_fails_touches_no_service(clustered: Estate) -> None:
    """A file that does not arrive: no service has been disabled by then."""
    clustered.fault(node="us-cms3", channel="mmp_sftp", operation="put *.cer", action="drop", times=0)
    since = clustered.mark()
    run = clustered.play("site.yml", "--limit", "us_cms", variables={**SERVICES, **NAMED})
    assert run.code != 0 and "a bug in" not in run.output, run.output[-3000:]
    assert not [e for e in clustered.journal(writes=True, since=since) if e["operation"].split()[0] in ("webadmin", "callbridge", "webbridge3")]


def test_sessions_that_drop(meeting: Estate) -> None:
    """Answers that are lost after the work was done, on both ways: read back, not repeated."""
    for operation in ("pki csr *", "webadmin enable", "callbridge restart", "database cluster certs*"):
        meeting.fault(channel="mmp", operation=operation, phase="after", action="drop")
    for _run in range(6):
        run = meeting.play(variables=SERVICES)
        assert "Traceback" not in run.output and "a bug in" not in run.output, run.output[-6000:]
        if run.code == 0:
            break
    assert run.code == 0, run.output[-6000:]
    assert [f for f in json.loads(meeting.lab("fault", "list")) if not f["struck"]] == []
    with Mmp(meeting, "us-cms1") as mmp:
        keys = [line for line in mmp.say("pki list").split() if line.endswith(".key")]
    assert sorted(keys) == ["CAsignedCluster.key", "dbclusterclient.key"], "no key is made twice"
    meeting.play("verify.yml").ok()


def test_killed_in_turn(meeting: Estate) -> None:
    """Runs killed again and again end where one undisturbed run ends, with one key and request each."""
    began = meeting.mark()
    kills = 0
    while meeting.play_and_kill(4, variables=SERVICES):
        kills += 1
        assert kills < 40, meeting.journal(writes=True, since=began)[-5:]
    assert kills >= 5
    assert len([e for e in meeting.journal(writes=True, since=began) if e["operation"].startswith("pki csr")]) == 4
    meeting.play("verify.yml").ok()
    since = meeting.mark()
    nothing_written(meeting, meeting.play(variables=SERVICES).ok(), since)


# -- readings --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("world", WORLDS, ids=["one", "other"])
def test_every_reading(meeting: Estate, world: dict[str, str]) -> None:
    """What nobody is sure of, in its other readings: secured, databases too, in one run, and nothing to do in the next."""
    meeting.lab("variant", "set", *(word for pair in world.items() for word in pair))
    assert meeting.play(variables=DATABASES).ok().pending == []
    meeting.play("verify.yml").ok()
    since = meeting.mark()
    nothing_written(meeting, meeting.play(variables=DATABASES).ok(), since)


# -- bad input -------------------------------------------------------------------------------------------------------
BAD = [
    ({"collab_cluster_name": ""}, "collab_cluster_name"), ({"meeting_server_basenames": {"shared": "two.dots.here"}}, "basename"),
    ({"meeting_server_subject": {"C": "USA"}}, "subject"), ({"meeting_server_subject": {"O": 'Say "no"'}}, "subject"),
    ({"meeting_server_alt_names": ["*.ent-pa.com"]}, "alt_names"), ({"meeting_server_key_made_on": "elsewhere"}, "meeting_server_key_made_on"),
    ({"collab_backup_passphrase": ""}, "collab_backup_passphrase"), ({"collab_release": "3.2"}, "collab_release"),
    ({"ansible_password": "not-the-password"}, "ansible_password"), ({"collab_known_hosts": "/dev/null"}, "collab_known_hosts"),
]


@pytest.mark.parametrize(("variables", "word"), BAD, ids=[list(v)[0] + str(n) for n, (v, _w) in enumerate(BAD)])
def test_bad_input_changes_nothing(meeting: Estate, variables: dict, word: str) -> None:
    """Each is told by name before anything is written."""
    since = meeting.mark()
    meeting.play("site.yml", variables=variables).refused(word)
    assert meeting.journal(writes=True, since=since) == []


def test_certificate_that_does_not_fit_is_not_used(meeting: Estate) -> None:
    """A template without client authentication: refused before a file reaches any node."""
    began = meeting.mark()
    run = meeting.play("site.yml", variables={"collab_enterprise_ca": {"method": "adcs", "template": "WebServer"}})
    run.refused("TLS Web Client Authentication")
    assert {e["operation"].split()[0] for e in meeting.journal(writes=True, since=began) if e["node"] in NODES} <= {"pki"}


# -- secrets ---------------------------------------------------------------------------------------------------------
def nothing_secret(estate: Estate, run: Run) -> None:
    """No key and no password in anything that a run leaves, but the nodes."""
    texts = {"output": run.output, "journal": estate.lab("journal", "--json"), "report": (estate.directory / "report.json").read_text()}
    for file in [*estate.workspace.rglob("*"), *(estate.directory / "ansible").rglob("*")]:
        if file.is_file():
            texts[str(file)] = file.read_bytes().decode(errors="replace")
    for where, text in texts.items():
        for secret in ("PRIVATE KEY", PASSWORD, PASSPHRASE):
            assert secret not in text, f"{where} holds {secret}"


def test_nothing_secret_is_left(meeting: Estate) -> None:
    """At -vvvv with --diff, keys made on a node and then on the control node, with a database window each: keys are carried about."""
    nothing_secret(meeting, meeting.play("site.yml", "-vvvv", "--diff", variables=DATABASES).ok())
    variables = {**DATABASES, **NAMED, "meeting_server_key_made_on": "control_node"}
    nothing_secret(meeting, meeting.play("site.yml", "-vvvv", "--diff", variables=variables).ok())


# -- rollback --------------------------------------------------------------------------------------------------------
def assigned(estate: Estate) -> dict[str, dict[str, str]]:
    """What the services of every node show of themselves: their files among it."""
    found = {}
    for node in NODES:
        with Mmp(estate, node) as mmp:
            names = ("webadmin", "callbridge", "webbridge3") if node.startswith("us") else ("webadmin", "callbridge", "xmpp", "webbridge")
            found[node] = {name: mmp.say(name) for name in names}
    return found


def test_rollback_takes_the_files_of_before_into_service_again(clustered: Estate) -> None:
    """Every service uses and serves what it did; one whose file is gone is said and left; without leave nothing restarts."""
    before, shown = assigned(clustered), {node: fingerprint(served(clustered, node, 20443)) for node in NODES}
    clustered.play(variables={**SERVICES, **NAMED}).ok()
    secured = assigned(clustered)
    assert all(secured[node] != before[node] for node in NODES)
    everything = {**SERVICES, **NAMED, "rollback_since": max((clustered.workspace / "us_cms" / "saved").glob("*.jsonl")).stem}

    since = clustered.mark()
    held = clustered.play("rollback.yml", variables={**everything, "collab_disruption": []}).ok()
    nothing_written(clustered, held, since)
    old = re.search(r"[Cc]ertificate file\s*: (\S+)", before["us-cms1"]["webadmin"])
    assert old
    with Mmp(clustered, "us-cms1") as mmp:
        kept = mmp.get(old[1])
        mmp.say("rm " + old[1])
    done = clustered.play("rollback.yml", variables=everything).ok()
    assert any("webadmin on us-cms1" in p["object"] and "not there any more" in p["reason"] for p in done.pending), done.pending
    left = assigned(clustered)
    assert left["us-cms1"]["webadmin"] == secured["us-cms1"]["webadmin"]
    assert {node: left[node] for node in NODES if node != "us-cms1"} == {node: before[node] for node in NODES if node != "us-cms1"}

    with Mmp(clustered, "us-cms1") as mmp, mmp.client.open_sftp() as sftp, sftp.open(old[1], "w") as file:
        file.write(kept)
    clustered.play("rollback.yml", variables=everything).ok()
    assert assigned(clustered) == before
    assert {node: fingerprint(served(clustered, node, 20443)) for node in NODES} == shown
    since = clustered.mark()
    nothing_written(clustered, clustered.play("rollback.yml", variables=everything).ok(), since)


def test_rollback_of_a_first_run_leaves_what_had_no_certificate(meeting: Estate) -> None:
    """No command takes a certificate away again: said of each service, and nothing is written to it."""
    meeting.play("site.yml", "--limit", "us_cms", variables=SERVICES).ok()
    secured = assigned(meeting)
    done = meeting.play("rollback.yml", "--limit", "us_cms", variables={"rollback_since": "all", **SERVICES}).ok()
    assert assigned(meeting) == secured
    said = {p["object"] for p in done.pending if "had no certificate before" in p["reason"]}
    assert any("webadmin on us-cms1" in one for one in said) and any("callbridge on us-cms1" in one for one in said), done.pending
