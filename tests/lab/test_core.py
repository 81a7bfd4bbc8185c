"""Clock, journal, faults, variants, refusals, inventory: the parts everything in the lab stands on."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from lab.core import variants
from lab.core.clock import Clock
from lab.core.faults import BadFault
from lab.core.faults import Faults
from lab.core.inventory import BadInventory
from lab.core.inventory import populate
from lab.core.inventory import read
from lab.core.journal import Journal
from lab.core.journal import read_file
from lab.core.world import World

FIXTURES = Path(__file__).parent / "fixtures"


def test_a_virtual_duration_is_shorter_by_the_speed_and_the_date_is_todays():
    clock = Clock(speed=1000)
    before = clock.epoch()
    assert clock.after(500) - before == pytest.approx(0.5, abs=0.05)
    assert clock.now().utcoffset().total_seconds() == 0


def test_advancing_the_clock_wakes_who_waits():
    async def scenario():
        clock = Clock(speed=1)
        waiter = asyncio.create_task(clock.sleep(3600))
        await asyncio.sleep(0)
        before = clock.epoch()
        clock.advance(3601)
        await asyncio.wait_for(waiter, 5)
        return clock.epoch() - before

    assert asyncio.run(scenario()) >= 3601
    with pytest.raises(ValueError, match="forward"):
        Clock().advance(-1)


def test_a_restart_shows_a_start_that_is_later_than_what_was_done_before_it():
    """Dates are compared by the second, and a restart takes a hundredth of one here."""
    clock = Clock(speed=1000)
    began = clock.epoch()
    assert began + 1 <= clock.start_after(began) < began + 2
    assert clock.start_after(began - 60) < began + 1


def test_the_journal_numbers_entries_and_outlives_the_lab(tmp_path):
    journal = Journal(Clock(), tmp_path / "journal.jsonl")
    journal.add("us-cm-pub", "axl", "getPhone", "read")
    journal.add("us-cm-pub", "vos_cli", "utils ctl update CTLFile", "write", refused="no")
    assert [entry.operation for entry in journal.entries(writes=True)] == ["utils ctl update CTLFile"]
    assert [entry.seq for entry in journal.entries(since=1)] == [2]
    journal.close()
    assert [row["detail"] for row in read_file(tmp_path / "journal.jsonl", writes=True)] == [{"refused": "no"}]
    with pytest.raises(ValueError, match="channel"):
        journal.add("us-cm-pub", "telnet", "x", "read")


def test_a_fault_strikes_the_occurrence_and_phase_it_names():
    async def scenario():
        faults = Faults(Clock(speed=100000))
        faults.add({"channel": "axl", "operation": "update*", "action": "status", "nth": 2, "phase": "after"})
        hits = [await faults.hit("n1", "axl", "updatePhone", phase) for phase in ("before", "after", "after", "after")]
        faults.add({"action": "delay", "seconds": 10, "channel": "ris"})
        hits.append(await faults.hit("n1", "ris", "selectCmDevice", "before"))
        return [hit.status if hit else None for hit in hits]

    assert asyncio.run(scenario()) == [None, None, 503, None, None]


def test_a_standing_fault_is_a_state_and_not_counted():
    faults = Faults(Clock())
    rule = faults.add({"channel": "replication", "node": "us-cm-sub*", "action": "never", "times": 0})
    assert faults.standing("us-cm-sub1", "replication", "trust") is rule
    assert faults.standing("us-cm-pub", "replication", "trust") is None
    assert rule.struck == 0


@pytest.mark.parametrize("rule", [{"action": "explode"}, {"action": "reset", "where": "here"}, {"action": "reset", "phase": "later"},
                                  {"action": "reset", "nth": 0}, {"action": "reset", "struck": 3}])
def test_a_fault_nobody_understands_is_refused(rule):
    with pytest.raises(BadFault):
        Faults(Clock()).add(rule)


def test_variants_and_refusals_must_be_known(monkeypatch):
    registry = dict(variants.VARIANTS)
    monkeypatch.setattr("lab.core.variants.VARIANTS", registry)
    monkeypatch.setattr("lab.core.world.VARIANTS", registry)
    world = World()
    with pytest.raises(KeyError):
        world.variant("nobody_registered_this")
    with pytest.raises(KeyError):
        world.refuses("nobody_registered_this")
    variants.variant("test_only", ("a", "b"), "a", "test")
    world.set_variant("test_only", "b")
    assert world.variant("test_only") == "b"
    with pytest.raises(ValueError, match="can be a, b"):
        world.set_variant("test_only", "c")
    with pytest.raises(ValueError, match="twice"):
        variants.variant("test_only", ("a", "c"), "a", "test")


def test_readings_and_broken_checks_can_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("COLLAB_LAB_VARIANTS", "a=1,b=2")
    monkeypatch.setenv("COLLAB_LAB_MUTATE", "c")
    world = World()
    assert (world.variants, world.mutated) == ({"a": "1", "b": "2"}, {"c"})


def test_an_inventory_is_read_as_ansible_reads_it():
    hosts = read(FIXTURES / "inventory" / "hosts.yml")
    world = World()
    others = populate(world, hosts, {})
    node = world.node("emea-cm-pub")
    assert (node.fqdn, node.address, node.ports["ssh"], node.cluster.major) == ("emea-cm-pub.ent-pa.com", "127.88.2.1", 20022, 12.5)
    assert node.credentials.platform_password == "lab-emea-pass"
    assert "lab-emea-pass" not in repr(node)
    assert [host.name for host in others] == ["emea-ca"]
    assert world.skipped == ["jump-host"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"collab_roles": ["subscriber"]}, "exactly one node needs collab_roles"),
        ({"collab_roles": ["publisher", "spare"]}, "spare"),
        ({"collab_cluster": "nowhere"}, "no group of that name"),
        ({"ansible_password": ""}, "ansible_password is not set"),
        ({"collab_release": "latest"}, "collab_release"),
        ({"ansible_port": "ssh"}, "ansible_port must be a port number"),
        ({"ansible_host": "127.88.2.2"}, "same ansible_host"),
    ],
)
def test_an_inventory_that_cannot_be_simulated_says_what_to_do(change, words):
    hosts = read(FIXTURES / "inventory" / "hosts.yml")
    hosts["emea-cm-pub"] = {**hosts["emea-cm-pub"], **change}
    with pytest.raises(BadInventory, match=words):
        populate(World(), hosts, {})


def test_an_estate_of_an_unknown_cluster_is_refused():
    with pytest.raises(BadInventory, match="apac_cm"):
        populate(World(), read(FIXTURES / "inventory" / "hosts.yml"), {"clusters": {"apac_cm": {}}})


def test_host_variables_are_plain_data():
    hosts = read(FIXTURES / "inventory" / "hosts.yml")
    assert json.loads(json.dumps(hosts)) == hosts
    assert all(type(value) is not str or type(value).__module__ == "builtins" for value in hosts["emea-cm-pub"].values())
