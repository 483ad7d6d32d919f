"""The settings every private cluster runs with."""

from collections.abc import Mapping
from pathlib import Path

SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "huge_pages": "off",
    "max_wal_size": "512MB",
    "synchronous_commit": "on",
    # Compiling a plan costs more than any of our short statements.
    "jit": "off",
    # Live positions are rewritten all the time; dead rows must not pile up for a minute.
    "autovacuum_naptime": "10s",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "on",
    "log_directory": "../log",
    # A week of days, each overwritten when it comes round again.
    "log_filename": "postgres-%u.log",
    "log_truncate_on_rotation": "on",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    # No statements and no key values in the log: they hold names, numbers and places.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_checkpoints": "off",
    "log_autovacuum_min_duration": "-1",
}


def command_line(
    program: Path, data: Path, socket_folder: Path, settings: Mapping[str, str]
) -> list[str]:
    """Given as arguments, so that no file in the data folder can say otherwise."""
    chosen = {**SETTINGS, "unix_socket_directories": f'"{socket_folder}"', **settings}
    arguments = [f"--{name}={value}" for name, value in chosen.items()]
    return [str(program), "-D", str(data), *arguments]
