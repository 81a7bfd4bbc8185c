# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Another administrator, who looks at an Expressway and changes it by hand: its command line by SSH, none of the collection's code."""
from __future__ import annotations

import re
import time

import paramiko
import yaml

from tests.integration.harness import Estate

LOGIN = ("admin", "lab-Expressway-0823")
END = re.compile(r"(?:^|\n)(OK|ERROR)\s*$")


class ExpresswayAdministrator:
    """Speaks to one peer, as the lab's command line is by default."""

    def __init__(self, estate: Estate, host: str) -> None:
        """host: its inventory name."""
        hosts = yaml.safe_load((estate.inventory / "hosts.yml").read_text(encoding="utf-8"))["all"]["children"]["expressway"]["children"]
        self.estate, self.address = estate, next(hosts[group]["hosts"][host]["ansible_host"] for group in hosts if host in hosts[group]["hosts"])

    def type(self, *lines: str) -> list[str]:
        """Type lines; gives what each was answered."""
        client = paramiko.SSHClient()
        client.load_host_keys(str(self.estate.lab_directory / "known_hosts"))
        client.connect(self.address, 20022, *LOGIN, look_for_keys=False, allow_agent=False)
        shell = client.invoke_shell(width=4000)
        shell.settimeout(20)
        try:
            self._until_end(shell)
            return [self._answer(shell, line) for line in lines]
        finally:
            client.close()

    def _answer(self, shell: paramiko.Channel, line: str) -> str:
        shell.send(line + "\n")
        return self._until_end(shell)

    @staticmethod
    def _until_end(shell: paramiko.Channel) -> str:
        seen, until = "", time.monotonic() + 20
        while time.monotonic() < until:
            seen += shell.recv(65536).decode().replace("\r", "")
            if END.search(seen):
                return seen
        raise AssertionError("no end in: " + seen)

    def done(self, line: str) -> str:
        """Type one line that has to succeed."""
        answer = self.type(line)[0]
        assert answer.rstrip().endswith("OK") and "status=Error" not in answer, answer
        return answer

    def settings(self, path: str) -> dict[str, str]:
        """xConfiguration at and below a path: {path: value}."""
        found = re.findall(r"^\*c xConfiguration ([^:\n]+): (.*)$", self.type("xConfiguration " + path)[0], re.MULTILINE)
        return {where: value.strip().strip('"') for where, value in found}

    def zone(self, name: str, setting: str) -> None:
        """Change a setting of the zone called so ("Neighbor SIP Port: 5061")."""
        number = next(path.split()[2] for path, value in self.settings("Zones").items() if re.fullmatch(r"Zones Zone \d+ Name", path) and value == name)
        self.done("xConfiguration Zones Zone %s %s" % (number, setting))
