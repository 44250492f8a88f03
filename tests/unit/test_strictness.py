"""Proves that the suite's guards bite: each is shown a test that sins and must fail it, and a clean one it must not."""

from __future__ import annotations

import pytest

# One inner run for all of them; a run of its own costs more than a second.
INNER = """
import logging, os, socket, subprocess, sys, threading, warnings
from pathlib import Path
import keyring, pytest

def test_ok_loopback():
    with socket.create_server(("127.0.0.1", 0)) as server:
        with socket.create_connection(server.getsockname()) as client:
            assert client
    assert socket.getaddrinfo("localhost", 80)

def test_ok_home_is_redirected():
    assert Path.home() == Path(os.environ["HOME"]) != Path("/root")
    assert os.environ["ORGMIRROR_HOME"].startswith(os.environ["HOME"])

def test_ok_keyring_reaches_children():
    keyring.set_password("om", "a", "b")
    code = "import keyring; print(keyring.get_password('om', 'a'))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "b"

def test_ok_keyring_starts_empty():
    assert keyring.get_password("om", "a") is None

def test_ok_expected_log(expected_log):
    expected_log("went .ff", logger="core")
    logging.getLogger("core.sync").warning("it went off")

def test_ok_info_log():
    logging.getLogger("core").info("nothing to see")

def test_ok_thread_that_ends():
    threading.Thread(target=lambda: None).start()

def test_bad_log():
    logging.getLogger("core").warning("surprise")

def test_bad_log_in_thread():
    thread = threading.Thread(target=lambda: logging.getLogger("core").error("surprise"))
    thread.start()
    thread.join()

def test_bad_log_other_level(expected_log):
    expected_log("surprise")
    logging.getLogger("core").error("surprise")

def test_bad_expected_log_never_came(expected_log):
    expected_log("never")

def test_bad_warning():
    warnings.warn("old", DeprecationWarning)

def test_bad_warning_in_thread():
    def sin():
        raise ValueError("nobody looks")
    thread = threading.Thread(target=sin)
    thread.start()
    thread.join()

def test_bad_connect():
    with socket.socket() as s:
        s.settimeout(2)
        try:
            s.connect(("192.0.2.1", 80))
        except OSError:
            pass

def test_bad_connect_ex():
    with socket.socket() as s:
        s.settimeout(2)
        s.connect_ex(("192.0.2.1", 80))

def test_bad_datagram():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        try:
            s.sendto(b"x", ("192.0.2.1", 53))
        except OSError:
            pass

@pytest.mark.parametrize("look_up", ["getaddrinfo", "gethostbyname", "gethostbyname_ex"])
def test_bad_name_look_up(look_up):
    arguments = ("example.invalid", 80) if look_up == "getaddrinfo" else ("example.invalid",)
    try:
        getattr(socket, look_up)(*arguments)
    except OSError:
        pass

@pytest.mark.xfail(reason="it does not")
def test_bad_xfail_that_passes():
    pass

def test_bad_socket_left_open():
    socket.socket()

def test_bad_qt_warning(qtbot):
    from PySide6.QtCore import qWarning
    qWarning("something is off")

def test_ok_qt(qtbot):
    pass

def test_bad_thread_left(monkeypatch):
    # Last in the file: it stays alive for the rest of this run, and the run must end all the same.
    import tests.helpers.strictness as strictness
    strictness.THREAD_GRACE_SECONDS = 0.1
    threading.Thread(target=lambda: __import__("time").sleep(600), name="stray").start()
"""

INI = """
[pytest]
addopts = --strict-markers --disable-socket --allow-unix-socket --allow-hosts=127.0.0.1,::1,localhost -p no:randomly
xfail_strict = true
qt_api = pyside6
qt_log_level_fail = WARNING
filterwarnings = error
markers =
    keyring: Secret Service
"""


def test_guards_bite(pytester: pytest.Pytester, request: pytest.FixtureRequest) -> None:
    pytester.makefile(".ini", pytest=INI)
    pytester.makepyfile(INNER)
    pytester.makeconftest('pytest_plugins = ["tests.helpers.strictness", "tests.helpers.secret_service"]')
    pytester.syspathinsert(request.config.rootpath)
    result = pytester.runpytest_subprocess("-v", "-p", "no:cacheprovider")
    outcome: dict[str, set[str]] = {}
    for line in result.outlines:
        if "::test_" in line and any(word in line for word in ("PASSED", "FAILED", "ERROR")):
            path, _, word = line.partition(" ") if not line.startswith(("FAILED", "ERROR")) else (line, "", "")
            if word:
                outcome.setdefault(path.split("::")[1], set()).add(word.split()[0])
    assert outcome, "\n".join(result.outlines)
    good = {name for name in outcome if name.startswith("test_ok")}
    bad = {name for name in outcome if name.startswith("test_bad")}
    assert len(good) == INNER.count("def test_ok")
    assert len(bad) == INNER.count("def test_bad") + 2
    assert {name: outcome[name] for name in good} == {name: {"PASSED"} for name in good}, "\n".join(result.outlines)
    unbitten = {name for name in bad if outcome[name] == {"PASSED"}}
    assert not unbitten, "\n".join(result.outlines)
