"""Informix's SQL over the cluster database (axl.md 3, lab.md 2.5)."""

from __future__ import annotations

import pytest

from lab.ucm import sql

DEVICES = ["CSFJDOE", "SEP0011AABB0001", "SEP0011AABB0002", "US_CUBE"]


def ask(lab, text):
    """Rows as `run sql` and executeSQLQuery get them."""
    return lab.call(lambda: sql.query(lab.cluster, text))


def refused(lab, text):
    """(code, whether it was counted as unknown) of a query that must fail."""
    before = lab.world.unknown
    with pytest.raises(sql.SqlError) as caught:
        ask(lab, text)
    return caught.value.code, lab.world.unknown - before == 1


@pytest.mark.parametrize(("text", "columns", "rows"), [
    ("select first 2 name from device order by name", ["name"], DEVICES[:2]),
    ("SELECT SKIP 1 FIRST 2 Name FROM Device ORDER BY Name", ["name"], DEVICES[1:3]),
    ("select skip 3 name from device order by name;", ["name"], DEVICES[3:]),
    ("select unique fkdevicepool from device where name like 'SEP%' or name=\"CSFJDOE\"", ["fkdevicepool"], None),
    ("select name from device where name matches 'SEP*0002'", ["name"], ["SEP0011AABB0002"]),
    ("select name from device where name not matches '[SU]*'", ["name"], ["CSFJDOE"]),
    ("select name from device where name like 'sep%'", ["name"], []),
    ("select count(*) from device", ["(count(*))"], ["4"]),
    ("select count(*) as howmany from device", ["howmany"], ["4"]),
    ("select max(lscvaliduntil) from device", ["(max)"], ["0"]),
    ("select nvl(lscissuername, 'none') as issuer from device where name='CSFJDOE'", ["issuer"], ["none"]),
    ("select lscissuername from device where name='CSFJDOE'", ["lscissuername"], [None]),
    ("select name[1,3] from device where name='CSFJDOE'", ["(expression)"], ["CSF"]),
    ("select d.name from device d where d.pkid in (select first 1 fkdevice from sipdevice)", ["name"], ["US_CUBE"]),
    ("select name from processnode where systemnode='t' -- the virtual one", ["name"], ["EnterpriseWideData"]),
    ("select name from processnode {only the publisher} where tknodeusage=0 and systemnode='f'", ["name"], ["us-cm-pub.ent-pa.com"]),
    ("select paramvalue from processconfig where paramname='ClusterSecurityMode' and tkservice=11", ["paramvalue"], ["0"]),
    ("select exportcontrolledallow from slminfo", ["exportcontrolledallow"], ["t"]),
])
def test_queries(day_zero, text, columns, rows):
    got_columns, got_rows = ask(day_zero, text)
    assert got_columns == columns
    if rows is None:
        assert len(got_rows) == 1
    else:
        assert [r[0] for r in got_rows] == rows


def test_join_over_type_tables(day_zero):
    columns, rows = ask(day_zero, (
        "select d.name, m.name as mode, tm.name as model from device d inner join securityprofile s on s.pkid=d.fksecurityprofile "
        "inner join typedevicesecuritymode m on m.enum=s.tkdevicesecuritymode inner join typemodel tm on tm.enum=d.tkmodel order by d.name"))
    assert columns == ["name", "mode", "model"]
    assert rows[0] == ("CSFJDOE", "Non Secure", "Cisco Unified Client Services Framework")
    assert rows[-1] == ("US_CUBE", "Non Secure", "SIP Trunk")


def test_known_numbers_of_types(day_zero):
    assert ask(day_zero, "select name from device where tkmodel=131 and tkdeviceprotocol=11")[1] == [("US_CUBE",)]


@pytest.mark.parametrize(("text", "code", "counted"), [
    ("selec name from device", -201, False),
    ("select name from absentee", -206, True),
    ("select * from systables", -206, True),
    ("select * from lab_element", -206, True),
    ("select colour from device", -217, True),
    ("select name from device limit 3", -201, False),
    ("select group_concat(name) from device", -201, False),
    ("select d.name from device d, outer securityprofile s where s.pkid=d.fksecurityprofile", -201, True),
    ("execute procedure dbinfo()", -201, True),
    ("select frobnicate(name) from device", -674, True),
    ("delete from device", -201, False),
    ("select name from device where name = #", -202, False),
    ("", -201, False),
])
def test_what_is_not_understood_is_refused_and_counted(day_zero, text, code, counted):
    assert refused(day_zero, text) == (code, counted)
    assert len(ask(day_zero, "select name from device")[1]) == 4


def test_updates_count_rows_and_keep_the_tables_rules(day_zero):
    def update(text):
        return day_zero.call(lambda: sql.update(day_zero.cluster, text))
    assert update("update device set description='x' where name like 'SEP%'") == 2
    assert ask(day_zero, "select description from device where name='SEP0011AABB0001'")[1] == [("x",)]
    assert update("update device set description='y' where name='NONE'") == 0
    for text, code in (("update device set name='US_CUBE' where name='CSFJDOE'", -239), ("delete from securityprofile", -691),
                       ("update device set tkmodel=null", -391), ("drop table device", -201)):
        with pytest.raises(sql.SqlError) as caught:
            update(text)
        assert caught.value.code == code
    assert len(ask(day_zero, "select name from device")[1]) == 4


def test_certificates_are_rows_and_keys_are_not(day_zero):
    rows = ask(day_zero, "select c.certificate, m.servicename, p.name from certificate c join certificateprocessnodemap m on m.fkcertificate=c.pkid "
                         "join processnode p on p.pkid=m.fkprocessnode where m.servicename='tomcat'")[1]
    assert {r[2] for r in rows} == {f"{n}.ent-pa.com" for n in ("us-cm-pub", "us-cm-sub1", "us-cm-sub2", "us-cm-tftp1")}
    assert all(r[0].startswith("-----BEGIN CERTIFICATE") and "PRIVATE" not in r[0] for r in rows)
    assert ask(day_zero, "select count(*) from certificatetrustrolemap where servicename='CallManager-trust'")[1][0][0] != "0"


def test_axl_gives_text_lower_case_names_and_empty_elements(axl):
    assert axl.sql("select NAME, lscissuername, tkmodel from device where name='US_CUBE'") == [{"name": "US_CUBE", "lscissuername": None, "tkmodel": "131"}]
    assert axl.sql("select count(*) from device where name <> 'A&B'") == [{"count": "4"}]
    reply = axl.ask("executeSQLQuery", "<sql>select name from device where 1=2</sql>").find("return")
    assert len(reply) == 0
    assert axl.fault("executeSQLQuery", "<sql>selec 1</sql>") == (-201, "A syntax error has occurred.")


def test_axl_update_by_sql_is_a_write(axl):
    reply = axl.ask("executeSQLUpdate", "<sql>update device set description='z' where name='CSFJDOE'</sql>")
    assert reply.findtext("return/rowsUpdated") == "1"
    entry = axl.journal()[-1]
    assert (entry.operation, entry.kind) == ("executeSQLUpdate", "write")
    assert axl.fault("executeSQLQuery", "<sql>update device set description='z'</sql>")[0] == -201
