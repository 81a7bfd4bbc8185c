"""The schema layer alone: where the files come from, what it validates, what it makes of other versions."""

from __future__ import annotations

import io
import zipfile

import pytest
from lxml import etree

from lab.ucm.axl import schema as axl_schema


@pytest.fixture(scope="module")
def schema():
    """The schema of the installed package."""
    return axl_schema.load()


def errors(schema, version, text):
    """What the schema has against an operation."""
    return schema.errors(etree.fromstring(text.replace("<", '<a:', 1).replace(">", f' xmlns:a="http://www.cisco.com/AXL/API/{version}">', 1)
                                          .replace("</END>", f"</a:{text[1:text.index('>')]}>")))


@pytest.mark.parametrize("version", ["12.5", "14.0", "15.0"])
def test_one_schema_serves_all_versions(schema, version):
    fine = "<listPhone><searchCriteria><name>%</name></searchCriteria><returnedTags><name/><activeLoad/></returnedTags></END>"
    assert errors(schema, version, fine.replace("<activeLoad/>", "")) == []
    assert errors(schema, version, fine)
    assert errors(schema, version, "<updateSipTrunk><name>x</name><srtpAllowed>maybe</srtpAllowed></END>")


def test_empty_returned_tags_are_names_and_not_values(schema):
    text = "<listSipTrunk><searchCriteria><name>%</name></searchCriteria><returnedTags uuid=\"\"><name/><srtpAllowed/></returnedTags></END>"
    assert errors(schema, "15.0", text) == []


def test_element_in_place_keeps_its_name_and_place(schema):
    root = etree.fromstring('<e><a:getCCMVersion xmlns:a="http://www.cisco.com/AXL/API/15.0"/></e>')
    assert schema.errors(root[0]) == []
    assert root[0].tag == "{http://www.cisco.com/AXL/API/15.0}getCCMVersion"


def test_structure_of_types(schema):
    profile = schema.root("addPhoneSecurityProfile").child("phoneSecurityProfile")
    assert [e.name for e in profile.children][:3] == ["phoneType", "protocol", "name"]
    assert profile.child("keySize").default == "2048"
    assert "Encrypted" in profile.child("deviceSecurityMode").enum
    trunk = schema.root("getSipTrunkResponse").child("return").child("sipTrunk")
    assert trunk.child("securityProfileName").kind == "fk"
    assert trunk.child("destinations").child("destination").child("sortOrder").kind == "integer"
    assert schema.has("getPhone")
    assert not schema.has("getEverything")


def test_an_unpacked_toolkit_is_taken_from_a_directory(schema, tmp_path):
    with zipfile.ZipFile(io.BytesIO(schema.toolkit(("15.0", "12.5")))) as archive:
        archive.extractall(tmp_path)
    own = axl_schema.load(str(tmp_path))
    assert own.version == "15.0"
    assert errors(own, "15.0", "<getPhone><name>x</name></END>") == []
    assert b"AXL/API/14.0" in own.text("AXLSoap.xsd", "14.0")
    with pytest.raises(axl_schema.SchemaMissing, match="AXLSoap.xsd"):
        axl_schema.load(str(tmp_path / "nowhere"))


def test_numbers_of_types_follow_the_schemas_order(schema):
    assert schema.enumeration("XDeviceProtocol").index("SIP") == 11
