"""Debian's and Ubuntu's own packages, fetched and unpacked by apt and dpkg without being root."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cas_server.embedded.places import Say

# What belongs to the running system: a second copy beside it would break its programs.
_CORE = re.compile(
    r"libc6|libc-bin|libc-l10n|libcrypt1|libgcc-s1|gcc-\d+-base|libstdc\+\+6|locales|dpkg|tar|"
    r"perl.*|libperl.*|python3.*|systemd.*|libsystemd-shared|libpam-.*|libnss-.*|openssl|"
    r"postgresql-(client-)?common|debconf.*|dbus.*|.*-dev|.*-doc|libllvm.*|libgdal.*|libsfcgal.*|"
    r"adwaita-.*|hicolor-.*|gtk-update-.*|dconf-.*|xdg-utils|ucf|sensible-utils"
)

# Its own state, so that it needs neither root nor the system's package lists, and its own (empty)
# hooks, so that nothing of the system is touched.
_SETTINGS = """
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Pre-Install-Pkgs;
#clear DPkg::Post-Invoke;
Dir::State "{work}/apt";
Dir::State::lists "{work}/apt/lists";
Dir::State::status "/var/lib/dpkg/status";
Dir::Cache "{work}/apt";
Dir::Cache::archives "{work}/debs";
APT::Sandbox::User "";
APT::Install-Recommends "false";
Debug::NoLocking "1";
Acquire::Languages "none";
Acquire::Retries "3";
Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled "false";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
Acquire::IndexTargets::deb::CNF::DefaultEnabled "false";
"""


# Another distribution's packages: only its source, and nothing of this system counts as installed.
_ELSEWHERE = """
Dir::Etc::SourceList "{work}/sources.list";
Dir::Etc::SourceParts "-";
Dir::State::status "{work}/nothing";
"""


class AptFailed(Exception):
    """What apt said; the caller turns it into advice."""


class Apt:
    """One working folder with apt's state, the packages fetched and the tree they unpack to.

    Reads this system's sources, or only `source`, a line as in sources.list.
    """

    def __init__(self, work: Path, *, source: str | None = None) -> None:
        self._debs = work / "debs"
        self.tree = work / "tree"
        for folder in (work / "apt/lists/partial", self._debs / "partial", self.tree):
            folder.mkdir(parents=True)
        self._settings = work / "apt.conf"
        settings = _SETTINGS.format(work=work)
        if source:
            (work / "sources.list").write_text(f"{source}\n")
            (work / "nothing").touch()
            settings += _ELSEWHERE.format(work=work)
        self._settings.write_text(settings)

    @staticmethod
    def exists() -> bool:
        wanted = ("apt-get", "apt-cache", "dpkg")
        return all(shutil.which(name) for name in wanted)

    def update(self) -> None:
        """Read the package lists of every source; sources that fail are left out by apt."""
        answer = self._run("apt-get", "-q", "update")
        lists = self._settings.parent / "apt/lists"
        if not any("_Packages" in each.name for each in lists.iterdir()):
            raise AptFailed(_last_words(answer) or "no package list could be read")

    def names(self, prefix: str) -> list[str]:
        return self._run("apt-cache", "pkgnames", prefix).stdout.split()

    def libraries(self, names: Sequence[str]) -> list[str]:
        """The library packages these depend on directly, the first of each choice."""
        shown = self._run("apt-cache", "show", "--no-all-versions", *names).stdout
        lines = re.findall(r"^(?:Pre-)?Depends: (.*)$", shown, re.MULTILINE)
        first = {re.split(r"[ :|(]", each.strip())[0] for line in lines for each in line.split(",")}
        return sorted(
            name for name in first if re.match(r"lib|zlib", name) and not _CORE.fullmatch(name)
        )

    def lacking(self, names: Sequence[str]) -> list[str]:
        """Which packages an installation of `names` would add to this system."""
        answer = self._run("apt-get", "-s", "install", "--no-upgrade", *names)
        if answer.returncode:
            raise AptFailed(_last_words(answer))
        found = re.findall(r"^Inst (\S+)", answer.stdout, re.MULTILINE)
        return [name for name in dict.fromkeys(found) if not _CORE.fullmatch(name)]

    def fetch(self, names: Sequence[str], say: Say) -> None:
        """Download the packages; apt checks each against the signed lists."""
        sizes = re.findall(
            r"^'\S+' \S+ (\d+)",
            self._run("apt-get", "download", "--print-uris", *names).stdout,
            re.M,
        )
        total_bytes = sum(map(int, sizes))
        say(f"downloading {len(sizes)} packages, {_mb(total_bytes)}")
        command = ["apt-get", "-c", str(self._settings), "-q", "download", *names]
        with (self._debs / "said").open("w+") as said:
            running = subprocess.Popen(  # noqa: S603  # names come from apt itself
                command, cwd=self._debs, env=_environment(), stdout=said, stderr=said
            )
            self._follow(running, total_bytes, say)
            if running.returncode:
                said.seek(0)
                raise AptFailed(_errors(said.read()))

    def _follow(self, running: subprocess.Popen[bytes], total_bytes: int, say: Say) -> None:
        told = 0
        while True:
            try:
                running.wait(timeout=1)
            except subprocess.TimeoutExpired:
                here = sum(each.stat().st_size for each in self._files())
                if total_bytes and here * 4 // total_bytes > told:
                    told = here * 4 // total_bytes
                    say(f"downloaded {_mb(here)} of {_mb(total_bytes)}")
                continue
            except BaseException:
                running.kill()
                running.wait()
                raise
            return

    def _files(self) -> Iterable[Path]:
        return list(self._debs.glob("*.deb")) + list(self._debs.glob("*.deb.FAILED"))

    def unpack(self) -> None:
        """Lay every fetched package out under `tree`."""
        packages = sorted(self._debs.glob("*.deb"))
        with ThreadPoolExecutor(max_workers=2) as pool:
            for answer in pool.map(self._unpack_one, packages):
                if answer.returncode:
                    raise AptFailed(_last_words(answer))

    def _unpack_one(self, package: Path) -> subprocess.CompletedProcess[str]:
        answer = _call(["dpkg", "-x", str(package), str(self.tree)])
        package.unlink()
        return answer

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return _call([program, "-c", str(self._settings), *arguments], cwd=self._debs)


def library_folders(tree: Path) -> list[Path]:
    """Where the unpacked libraries lie: Debian's multi-architecture folders."""
    found = [*tree.glob("usr/lib/*-linux-gnu*"), *tree.glob("lib/*-linux-gnu*")]
    return [each for each in found if each.is_dir()]


def unresolved(programs: Iterable[Path], environment: dict[str, str]) -> list[str]:
    """The shared libraries these still lack, as the system's loader sees it."""
    missing: set[str] = set()
    for program in programs:
        said = _call(["ldd", str(program)], environment=environment).stdout
        missing.update(re.findall(r"(\S+) => not found", said))
    return sorted(missing)


def _call(
    command: list[str], *, cwd: Path | None = None, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  # fixed programs, arguments from apt itself
        command,
        cwd=cwd,
        env=environment or _environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        umask=0o022,
        check=False,
    )


def _environment() -> dict[str, str]:
    return {**os.environ, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}


def _errors(said: str) -> str:
    lines = [
        line.strip() for line in said.splitlines() if re.match(r"\s*(E:|Err:|W: Failed)", line)
    ]
    return lines[0] if lines else ""


def _last_words(answer: subprocess.CompletedProcess[str]) -> str:
    said = answer.stdout + answer.stderr
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return _errors(said) or (lines[-1] if lines else f"exit code {answer.returncode}")


def _mb(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:.0f} MB"
