"""Make this checkout runnable on a machine that has Python 3.11 and make, and nothing else.

Standard library only: it runs before anything is installed. It makes `.venv`, installs the project pinned by
`constraints.txt`, looks for the system libraries that Qt loads, and installs what is missing by apt where it may
(root on Debian or Ubuntu); elsewhere it names the packages. A second run only compares a stamp: it is done in a
fraction of a second and needs no network.

    python3 tools/bootstrap.py install [--dev] [--with-tests]
    python3 tools/bootstrap.py demo [arguments for orgmirror]
"""

from __future__ import annotations

import ctypes
import fcntl
import hashlib
import json
import os
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "orgmirror-stamp.json"
VENV_PYTHON = VENV / "bin" / "python"

# soname -> Debian package; what PySide6's wheels expect from the system (found by ldd over the modules we use).
QT_LIBRARIES = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libxkbcommon.so.0": "libxkbcommon0",
}
X11_LIBRARIES = {
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
}
# A file of each font -> Debian package. Without them names in the demo data show as boxes.
FONTS = {
    "DejaVuSans.ttf": "fonts-dejavu-core",
    "NotoSansArabic-Regular.ttf": "fonts-noto-core",
    "NotoSansCJK-Regular.ttc": "fonts-noto-cjk",
    "NotoColorEmoji.ttf": "fonts-noto-color-emoji",
}
FONT_FOLDER = Path("/usr/share/fonts")
# Programs that the tests use -> Debian package.
TEST_PROGRAMS = {
    "dbus-run-session": "dbus",
    "gnome-keyring-daemon": "gnome-keyring",
    "Xvfb": "xvfb",
    "sqlite3": "sqlite3",
}


class SetupError(Exception):
    """The machine lacks something that this script cannot provide; the text says what to do."""


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main(arguments: list[str]) -> int:
    command, *rest = arguments or ["install"]
    try:
        if command == "install":
            install(dev="--dev" in rest, tests="--with-tests" in rest)
            return 0
        if command == "demo":
            return demo(rest)
    except SetupError as problem:
        say(str(problem))
        return 1
    except KeyboardInterrupt:
        say("Stopped. The next run goes on from here.")
        return 130
    say(__doc__ or "")
    return 2


def install(*, dev: bool, tests: bool) -> None:
    """Bring `.venv` up to date; with `tests`, also what the suite needs from the system. Raises SetupError."""
    # Two targets started side by side must not build the same environment at once.
    with Path(__file__).open("rb") as own_file:
        fcntl.flock(own_file, fcntl.LOCK_EX)
        ensure_environment(dev=dev)
    if tests:
        ensure_test_system()


def demo(arguments: list[str]) -> int:
    """Prepare, then become `orgmirror --demo`, so that Ctrl+C and SIGTERM reach it and nothing else."""
    install(dev=False, tests=False)
    if sys.platform.startswith("linux") and has_display_variable():
        provide(missing_libraries(QT_LIBRARIES | X11_LIBRARIES) + missing_fonts(), "The window looks for")
    program = str(VENV / "bin" / "orgmirror")
    os.execv(program, [program, "--demo", *arguments])


def has_display_variable() -> bool:
    """Whether a display is claimed. Whether it works is tried by the program itself, which then has a terminal form."""
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


# -- the virtual environment -------------------------------------------------------------------------------------


def wanted_stamp(extras: list[str]) -> dict[str, object]:
    """What an installed environment depends on. Tool settings in pyproject.toml do not count."""
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    parts = {
        "build": pyproject["build-system"],
        "project": pyproject["project"],
        "wheel": pyproject["tool"]["hatch"]["build"],
        "constraints": (ROOT / "constraints.txt").read_text(encoding="utf-8"),
        "root": str(ROOT),
    }
    text = json.dumps(parts, sort_keys=True)
    return {"inputs": hashlib.sha256(text.encode()).hexdigest(), "extras": extras}


def ensure_environment(*, dev: bool) -> None:
    """Make or update `.venv`. Raises SetupError."""
    found: dict[str, object] = {}
    if STAMP.is_file() and VENV_PYTHON.exists():
        found = json.loads(STAMP.read_text(encoding="utf-8"))
    installed = found.get("extras")
    extras = ["dev"] if dev or installed == ["dev"] else []
    wanted = wanted_stamp(extras)
    if found == wanted:
        return
    if not environment_works():
        make_environment()
    say("Installing OrgMirror into .venv (the first time takes a minute or two) …")
    target = ".[" + ",".join(extras) + "]" if extras else "."
    pip_install(["-c", "constraints.txt", "-e", target])
    STAMP.write_text(json.dumps(wanted), encoding="utf-8")


def environment_works() -> bool:
    """Whether `.venv` has a Python that starts and a pip (a removed system Python leaves a dead link behind)."""
    if not VENV_PYTHON.exists():
        return False
    probe = [str(VENV_PYTHON), "-c", "import sys, pip; sys.exit(sys.version_info < (3, 11))"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


def make_environment() -> None:
    """Make `.venv` anew. Raises SetupError."""
    if not has_venv():
        package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
        if not (may_use_apt() and apt_install([package]) and has_venv()):
            raise SetupError(
                "Python's venv module is incomplete here, and it is needed. Install it, then run this again:\n"
                f"{install_hint([package])}"
            )
    say("Making .venv …")
    result = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", str(VENV)], capture_output=True, text=True, check=False
    )
    if result.returncode != 0:
        raise SetupError(f"Python could not make .venv:\n{tail(result.stdout + result.stderr)}")


def has_venv() -> bool:
    """Asked of a new interpreter, since this one remembers failed imports. Debian ships venv without ensurepip."""
    probe = [sys.executable, "-c", "import venv, ensurepip"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


def pip_install(arguments: list[str]) -> None:
    """Run pip in `.venv`, from the project's folder. Raises SetupError."""
    command = [str(VENV_PYTHON), "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--quiet"]
    result = subprocess.run(
        [*command, *arguments],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if result.returncode != 0:
        raise SetupError(
            f"pip could not install OrgMirror:\n{tail(result.stdout)}\n"
            "If the network is down or a proxy is needed (HTTPS_PROXY), mend that and run this again."
        )


# -- the system --------------------------------------------------------------------------------------------------


def missing_libraries(libraries: dict[str, str]) -> list[str]:
    """The Debian packages of those shared libraries that the loader does not find."""
    packages = []
    for soname, package in libraries.items():
        try:
            ctypes.CDLL(soname)
        except OSError:
            packages.append(package)
    return packages


def missing_fonts() -> list[str]:
    """The Debian packages of fonts that are not there; asked only where packages could be installed."""
    if not may_use_apt():
        return []
    present = {path.name for path in FONT_FOLDER.rglob("*.tt[fc]")} if FONT_FOLDER.is_dir() else set()
    return [package for name, package in FONTS.items() if name not in present]


def missing_programs(programs: dict[str, str]) -> list[str]:
    return [package for program, package in programs.items() if shutil.which(program) is None]


def ensure_test_system() -> None:
    """What the suite needs besides Python. What is missing and cannot be installed is named; such tests then skip."""
    if sys.platform.startswith("linux"):
        packages = missing_programs(TEST_PROGRAMS) + missing_libraries(QT_LIBRARIES | X11_LIBRARIES) + missing_fonts()
        provide(packages, "The tests use")


def provide(packages: list[str], reason: str) -> None:
    """Install Debian packages where that is possible, otherwise name them and go on."""
    packages = sorted(set(packages))
    if packages and not (may_use_apt() and apt_install(packages)):
        say(f"{reason} some packages that are not here. To install them:\n{install_hint(packages)}")


def may_use_apt() -> bool:
    return os.geteuid() == 0 and Path("/etc/debian_version").exists() and shutil.which("apt-get") is not None


def install_hint(packages: list[str]) -> str:
    """The command for this machine's person to type, or the names where the package manager is not apt."""
    names = " ".join(packages)
    if shutil.which("apt-get"):
        return f"    sudo apt-get update && sudo apt-get install {names}"
    return f"    {names}   (Debian's names; your system's may differ)"


def apt_install(packages: list[str]) -> bool:
    """Install by apt; False, with apt's own last words said, when it did not work."""
    say(f"Installing from Debian: {shlex.join(packages)} …")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    commands = (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages],
    )
    for command in commands:
        result = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        # An index that cannot be refreshed may still be good enough to install from.
        if result.returncode != 0 and command[1] == "install":
            say(tail(result.stdout))
            return False
    return True


def tail(text: str, lines: int = 20) -> str:
    return "\n".join(text.strip().splitlines()[-lines:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
