from __future__ import annotations

from ansible.errors import AnsibleActionFail

from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction
from ansible_collections.collab.security.plugins.plugin_utils.node import options_of


class ActionModule(DeviceAction, module="collab.security.probe", secrets=("private_key", "users.password")):
    def apply(self, args, check):
        return getattr(self, "do_" + args["do"])(args, **(args["with"] or {}))

    def do_ask(self, args, op="hello", node=None, **more):
        node = self.nodes[node] if node else self.node
        answer = node.ask("toy", op, **more)
        if op == "write":
            self.report.operation(node.name, "toy", "write", more["what"])
        self.report.add(answer=answer, key=node.key)
        return self.report

    def do_all(self, args, op="hello", **more):
        return {"answers": self.each(self.nodes, lambda node: node.ask("toy", op, **more)), "keys": {n: node.key for n, node in self.nodes.items()},
                "options": {n: {k: v for k, v in node.options.items() if "password" not in k} for n, node in self.nodes.items()},
                "publisher": self.publisher.name, "workspace": str(self.workspace), "roles": self.node.roles}

    def do_own(self, args):
        """The connection plugin's own options and those that the action works with."""
        found = options_of("collab.security.vos", self.variables_of(self.where), self._loader)
        return {"same": self._connection.node_options() == found == self.node.options, "types": sorted({type(v).__name__ for v in found.values()})}

    def do_steps(self, args, count, seconds):
        for number in range(count):
            self.node.ask("toy", "write", what=str(number), seconds=seconds)
            self.report.operation(self.node.name, "toy", "write", str(number))

    def do_parallel_steps(self, args, count, seconds):
        def work(node):
            for number in range(count):
                node.ask("toy", "write", what="%s %d" % (node.name, number), seconds=seconds)
        self.each(self.nodes, work)

    def do_wait_and_write(self, args, count, seconds):
        """Writes until somebody says that it is enough, which nobody does."""
        def tried():
            try:
                self.node.ask("toy", "write", what="x", seconds=seconds)
            except Exception:
                return False
            return False
        self.poll("the end", tried, 600)

    def do_then_fail(self, args, **failure):
        self.node.ask("toy", "write", what="one")
        self.report.operation(self.node.name, "toy", "write", "one", key=args["private_key"])
        self.report.pending("later", "x", "no window", ["open one"])
        self.node.ask("toy", "fail", **failure)

    def do_poll(self, args, timeout, **more):
        return {"answer": self.poll("the toy", lambda: self.node.ask("toy", **more), timeout)}

    def do_never(self, args, timeout):
        self.poll("what never comes", lambda: None, timeout)

    def do_secrets(self, args):
        key = args["private_key"]
        self.say("working with " + key)
        self.warn("a warning about " + key)
        self.report.operation("n", "toy", "write", "o", key=key, nested=[{"password": args["users"][0]["password"]}])
        self.report.before, self.report.after = {"o": "a"}, {"o": key}
        self.report.add(echo=self.node.ask("toy", "hello", key=key, password=self.node.option("password")))

    def do_bug(self, args):
        raise KeyError(args["private_key"])

    def do_stop(self, args):
        raise AnsibleActionFail("stopped because of " + args["private_key"])
