"""A PostgreSQL server of a test's own, from the machine's packages, that may be killed and restarted."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from pathlib import Path

_HOMES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda home: int(home.parent.name))
POOLER = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _hand_over(folder: Path) -> None:
    """These servers refuse to run as root; the user they run as must reach their folder."""
    if os.geteuid() == 0:
        for parent in (folder, *folder.parents[:4]):
            parent.chmod(0o755)
        shutil.chown(folder, "postgres")


class Cluster:
    """`url` reaches its first database."""

    def __init__(self, folder: Path) -> None:
        self._folder, self.port = folder, free_port()
        self.url = f"postgresql://loaxa@127.0.0.1:{self.port}/postgres"
        folder.mkdir()
        _hand_over(folder)
        self._run("initdb", "-A", "trust", "-U", "loaxa", "--no-sync")
        self.start()

    @staticmethod
    def possible() -> bool:
        return bool(_HOMES)

    def start(self) -> None:
        options = f"-p {self.port} -k {self._folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        self._run("pg_ctl", "-w", "-l", str(self._folder / "log"), "-o", options, "start")

    def kill(self) -> None:
        """As after a power cut: no server process says goodbye."""
        self._run("pg_ctl", "-w", "-m", "immediate", "stop")

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(_HOMES[-1] / program), "-D", str(self._folder / "data"), *arguments]
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        subprocess.run(command, check=True, capture_output=True, cwd=self._folder)


class Pooler:
    """pgbouncer in front of a cluster, in one of its modes."""

    def __init__(self, folder: Path, cluster: Cluster, mode: str) -> None:
        assert POOLER is not None
        self.port = free_port()
        self.url = f"postgresql://loaxa@127.0.0.1:{self.port}/postgres"
        folder.mkdir()
        users, config = folder / "users", folder / "pgbouncer.ini"
        users.write_text('"loaxa" ""\n')
        config.write_text(
            f"[databases]\n* = host=127.0.0.1 port={cluster.port}\n[pgbouncer]\nlisten_addr=127.0.0.1\n"
            f"listen_port={self.port}\nauth_type=trust\nauth_file={users}\npool_mode={mode}\nunix_socket_dir=\n"
            "ignore_startup_parameters=extra_float_digits,options\n"
        )
        _hand_over(folder)
        command = [POOLER, "-q", str(config)]
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        self._process = subprocess.Popen(command, cwd=folder)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()
