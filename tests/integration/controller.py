# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small stand-in for a controller's REST API: named objects, their relations, secrets that are never shown. It checks nothing of what it is given."""
from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler
from http.server import ThreadingHTTPServer
from urllib.parse import parse_qsl
from urllib.parse import urlsplit

JOBS = ("job_templates", "workflow_job_templates", "projects", "inventory_sources")
NAMED = {"inventories": "inventory"}


class Controller:
    """objects: {endpoint: [object]}; links: {(endpoint, id, relation): [id]}; surveys: {id of a job template: survey}; writes: [(method, path)]."""

    def __init__(self) -> None:
        self.objects: dict[str, list[dict]] = {}
        self.links: dict[tuple[str, int, str], list[int]] = {}
        self.writes: list[tuple[str, str]] = []
        self.secrets: dict[int, dict] = {}
        self.surveys: dict[int, dict] = {}
        self.number = 0
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = "http://127.0.0.1:%d" % self.server.server_address[1]

    def close(self) -> None:
        """End it."""
        self.server.shutdown()
        self.server.server_close()

    def named(self, endpoint: str) -> dict[str, dict]:
        """The objects of an endpoint by name (nodes by identifier)."""
        return {found.get("identifier") or found["name"]: found for found in self.objects.get(endpoint, [])}

    def linked(self, endpoint: str, found: dict, relation: str) -> list[int]:
        """The ids of what an object is related to."""
        return self.links.get((endpoint, found["id"], relation), [])

    def answer(self, method: str, path: str, query: dict, data: dict) -> tuple[int, object]:
        """(status, JSON) of one request."""
        parts = path.strip("/").split("/")[2:]      # api v2 ...
        if method != "GET":
            self.writes.append((method, path))
        if len(parts) == 1:
            return (201, self._create(parts[0], data)) if method == "POST" else (200, self._listed(self._search(parts[0], query)))
        found = next((one for one in self.objects.get(parts[0], []) if str(one["id"]) == parts[1]), None)
        if found is None:
            return 404, {"detail": "Not found."}
        if len(parts) == 2:
            if method == "PATCH":
                found.update(self._shown(found["id"], data))
            return 200, found
        if parts[2] == "create_approval_template":
            made = self._create("workflow_approval_templates", data)
            found["unified_job_template"] = made["id"]
            found["related"]["unified_job_template"] = made["url"]
            return 201, made
        if parts[2] == "survey_spec":
            if method == "POST":
                self.surveys[found["id"]] = data
            return 200, self.surveys.get(found["id"], {})
        ids = self.links.setdefault((parts[0], found["id"], parts[2]), [])
        if method == "POST":
            ids.remove(data["id"]) if data.get("disassociate") else ids.append(data["id"])
            return 204, None
        return 200, self._listed([{"id": number} for number in ids])

    def _search(self, endpoint: str, query: dict) -> list[dict]:
        names = JOBS if endpoint == "unified_job_templates" else (endpoint,)
        found = [one for name in names for one in self.objects.get(name, [])]
        return [one for one in found if all(str(one.get(field)) == value for field, value in query.items())]

    @staticmethod
    def _listed(found: list[dict]) -> dict:
        return {"count": len(found), "next": None, "results": found}

    def _create(self, endpoint: str, data: dict) -> dict:
        self.number += 1
        url = "/api/v2/%s/%d/" % (endpoint, self.number)
        made = {**self._shown(self.number, data), "id": self.number, "url": url, "type": NAMED.get(endpoint, endpoint[:-1]),
                "related": {"survey_spec": url + "survey_spec/"} if endpoint == "job_templates" else {}, "summary_fields": {}, "scm_revision": ""}
        self.objects.setdefault(endpoint, []).append(made)
        return made

    def _shown(self, number: int, data: dict) -> dict:
        """What is shown of an object: a credential's inputs are not."""
        if "inputs" not in data or "fields" in data["inputs"]:
            return data
        self.secrets[number] = data["inputs"]
        return {**data, "inputs": dict.fromkeys(data["inputs"], "$encrypted$")}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        controller = self

        class Handler(BaseHTTPRequestHandler):
            """One request after the other."""

            def do(self) -> None:
                """Answer it."""
                url = urlsplit(self.path)
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if self.headers.get("Authorization") != "Bearer token-of-the-test":
                    status, data = 401, {"detail": "Authentication credentials were not provided."}
                else:
                    status, data = controller.answer(self.command, url.path, dict(parse_qsl(url.query)), json.loads(body or b"{}"))
                text = b"" if data is None else json.dumps(data).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = do_PATCH = do_DELETE = do

            def log_message(self, *arguments: object) -> None:
                """Say nothing."""

        return Handler
