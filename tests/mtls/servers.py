"""The global cluster's PostgreSQL and Redis: each wants TLS and a certificate of an authority."""

import re
import socket
from pathlib import Path

from processes import as_nobody, own, run, start, succeeds, until

# Redis without TLS, for the global cluster's own Nautobot.
PLAIN_PORT = 6380

# Titles of PostgreSQL's processes that serve no connection, or one that is open; a process
# that has ended has none.
SETTLED = re.compile(r"$|postgres: (checkpointer|background writer|walwriter|io worker|autovacuum|logical replication|.* idle)")


def title(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().rstrip(b"\0 ").decode(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""


class Server:
    """The folder of a server, with its certificate, its key and the authorities that it trusts."""

    def __init__(self, folder, names, pair, trusted):
        folder.mkdir(mode=0o700)
        own(folder)
        self.folder, self.log, self.names = folder, folder / "log", names
        self.write(pair, trusted)

    def write(self, pair, trusted):
        files = {"tls.crt": pair["tls.crt"], "tls.key": pair["tls.key"], "ca.crt": trusted}
        for name, text in files.items():
            path = self.folder / name
            path.write_text(text)
            path.chmod(0o600)
            own(path)
        self.pair, self.trusted = pair, trusted

    def change(self, pair=None, trusted=None):
        """Gives a running server another certificate, or other authorities to trust."""
        self.write(pair or self.pair, trusted or self.trusted)
        self.reload()

    def logged(self):
        return self.log.read_text(errors="replace")


class Postgres(Server):
    """PostgreSQL that takes a certificate of the user's name, and from this machine a password."""

    def __init__(self, folder, names, pair, trusted, programs, address, account, template=None):
        super().__init__(folder, names, pair, trusted)
        self.programs, self.port = programs, address[1]
        self.data = folder / "data"
        self.prepare(template)
        self.configure(address)
        log = self.log.open("w")
        self.process = start(as_nobody(programs / "postgres", "-D", self.data), log)
        until(lambda: succeeds(*self.psql("select 1")), "PostgreSQL answers")
        self.grant(account, template)

    def prepare(self, template):
        if template:
            run("tar", "-xzf", template, "-C", self.folder, "--numeric-owner")
        else:
            run(*as_nobody(self.programs / "initdb", "-D", self.data, "-U", "postgres", "--auth=trust", "--no-sync"))

    def configure(self, address):
        folder = self.folder
        rules = ("local all postgres trust", "local all all scram-sha-256", "hostssl all all 0.0.0.0/0 cert")
        (self.data / "pg_hba.conf").write_text("\n".join(rules) + "\n")
        settings = {
            "listen_addresses": address[0], "port": address[1], "unix_socket_directories": folder, "fsync": "off",
            "log_checkpoints": "off",
            "ssl": "on", "ssl_cert_file": folder / "tls.crt", "ssl_key_file": folder / "tls.key",
            "ssl_ca_file": folder / "ca.crt",
        }
        with (self.data / "postgresql.conf").open("a") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())

    def grant(self, account, template):
        """Makes the account that sites use, or gives its names to the template's."""
        user, name = account["user"], account["name"]
        if template:
            self.ask(f'alter role nautobot rename to "{user}"')
            self.ask(f'alter database nautobot rename to "{name}"')
        else:
            self.ask(f'create role "{user}" login')
            self.ask(f'create database "{name}" owner "{user}"')
        self.ask(f"alter role \"{user}\" password '{account['password']}'")

    def psql(self, statement):
        words = ["-h", self.folder, "-p", self.port, "-U", "postgres", "-v", "ON_ERROR_STOP=1", "-Atqc", statement]
        return [self.programs / "psql", *words]

    def ask(self, statement):
        return run(*self.psql(statement)).strip()

    def settled(self):
        """Whether each connection so far is open or refused: its server logs a refusal after the client saw it."""
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return all(SETTLED.match(title(child)) for child in children)

    def reload(self):
        """Reloads, and waits for a connection that is younger than the new settings."""
        loaded = "select pg_conf_load_time()"
        before = self.ask(loaded)
        self.ask("select pg_reload_conf()")
        until(lambda: self.ask(loaded) != before, "PostgreSQL has reloaded")


class Redis(Server):
    """Redis that takes any certificate of the authority."""

    FILES = {"tls-cert-file": "tls.crt", "tls-key-file": "tls.key", "tls-ca-cert-file": "ca.crt"}

    def __init__(self, folder, names, pair, trusted, program, address, password):
        super().__init__(folder, names, pair, trusted)
        self.address, self.password = (address[0], PLAIN_PORT), password
        options = {
            "port": PLAIN_PORT, "bind": address[0], "tls-port": address[1], "requirepass": password, "dir": folder,
            "save": "", "tls-auth-clients": "yes", "loglevel": "verbose",
        }
        options |= {option: folder / name for option, name in self.FILES.items()}
        words = [word for name, value in options.items() for word in (f"--{name}", value)]
        start(as_nobody(program, *words), self.log.open("w"))
        until(lambda: "Ready to accept connections" in self.logged(), "Redis answers")

    def ask(self, *commands):
        """Sends commands on a connection of their own, without TLS, and returns all answers as text."""
        with socket.create_connection(self.address) as connection:
            lines = [f"AUTH {self.password}", *commands, "QUIT"]
            connection.sendall("".join(f"{line}\r\n" for line in lines).encode())
            with connection.makefile("rb") as answers:
                return answers.read().decode(errors="replace")

    def reload(self):
        """Sets all three files at once: a certificate without its key is refused."""
        files = " ".join(f"{option} {self.folder / name}" for option, name in self.FILES.items())
        answer = self.ask(f"CONFIG SET {files}")
        if any(line.startswith("-") for line in answer.splitlines()):
            raise SystemExit(f"Redis did not take its files: {answer}")

    def waiting(self, queue):
        """The messages that nobody has taken from a queue."""
        return self.ask(f"LRANGE {queue} 0 -1")
