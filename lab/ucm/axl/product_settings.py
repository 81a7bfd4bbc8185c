"""Product-specific settings (vendorConfig): XML without a root element, kept beside phones, common phone profiles and for the enterprise.

Sources: id:30388874925 (contents; webAccess: 0 enabled, 1 disabled, absent disabled), id:32282546654 (tables), id:5929097124 (a real file).
"""
from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from lab.ucm.store import Store


@dataclass(frozen=True)
class Settings:
    """Where a class of objects has them. tables: with the most characters that each holds, smallest first; parent: column of the owner's key."""

    tables: tuple[tuple[str, int], ...]
    parent: str

    def read(self, store: Store, key: str) -> str:
        """The settings of an object, "" when it has none."""
        found = (store.value(f"select xml from {table} where {self.parent}=?", key) for table, _most in self.tables)
        return next((xml for xml in found if xml), "")

    def write(self, store: Store, key: str, xml: str) -> None:
        """Replaces the settings of an object."""
        for table, _most in self.tables:
            store.run(f"delete from {table} where {self.parent}=?", key)
        if xml:
            table = next((name for name, most in self.tables if len(xml) <= most), self.tables[-1][0])
            store.insert(table, **{self.parent: key, "xml": xml})


OF_PHONES = Settings((("devicexml4k", 4096), ("devicexml8k", 8192), ("devicexml16k", 16384)), "fkdevice")
OF_COMMON = Settings((("commonphoneconfigxml", 16384),), "fkcommonphoneconfig")


def element(xml: str) -> etree._Element:
    """The settings as AXL's vendorConfig."""
    return etree.fromstring(f"<vendorConfig>{xml}</vendorConfig>")


def text(node: etree._Element) -> str:
    """What a vendorConfig of a request holds."""
    return "".join(etree.tostring(child, with_tail=False, encoding="unicode") for child in node if isinstance(child.tag, str))
