"""`cas up` as a person uses it: started, started twice, hurt, and stopped."""

import json
import os
import signal
import subprocess
import sys
import urllib.request

import pytest

from cas_server.priority import FIRST
from cas_server.settings import DEMO_PASSWORD
from tests.up.upped import Up, await_gone

pytestmark = pytest.mark.xdist_group("up")


def test_a_newcomer_signs_in_with_what_was_printed_and_ctrl_c_ends_it_all(up: Up) -> None:
    body = json.dumps({"username": "operator", "password": DEMO_PASSWORD}).encode()
    request = urllib.request.Request(  # noqa: S310 - loopback
        up.url("/v1/sessions"), body, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - loopback
        assert json.load(answer)["account"]["role"] == "operator"
    up.await_word(DEMO_PASSWORD)
    children = up.children()
    assert len(children) in (3, 4), "server, worker, FCM test server; a spare server comes later"

    up.process.send_signal(signal.SIGINT)

    assert up.process.wait(30) == 0
    await_gone(children)


def test_a_second_start_says_that_the_first_is_running_and_disturbs_nothing(up: Up) -> None:
    second = subprocess.run(
        [sys.executable, "-m", "cas_server", "up"],
        env=up.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert second.returncode == 1
    assert "CAS is running already" in second.stderr
    assert up.is_ready()


def may_go_first() -> bool:
    """Whether whoever runs the tests is let before others."""
    trying = f"import os; os.setpriority(os.PRIO_PROCESS, 0, {FIRST})"
    done = subprocess.run(  # noqa: S603 - one line of our own
        [sys.executable, "-c", trying], capture_output=True, timeout=60, check=False
    )
    return done.returncode == 0


def test_a_killed_server_comes_back_by_itself_and_goes_first_where_it_may(up: Up) -> None:
    os.kill(up.server(), signal.SIGKILL)
    up.await_word("the server ended (code -9)")

    up.await_ready()
    plain = os.getpriority(os.PRIO_PROCESS, 0)
    expected = FIRST if may_go_first() else plain
    assert os.getpriority(os.PRIO_PROCESS, up.server()) == expected
    assert os.getpriority(os.PRIO_PROCESS, up.child("work")) == plain


def test_a_server_killed_while_it_starts_comes_back_too(starting: Up) -> None:
    os.kill(starting.child("cas_server.serve"), signal.SIGKILL)

    starting.await_ready()
    assert "the server ended (code -9)" in (starting.folder / "out").read_text()


def test_what_it_started_does_not_outlive_a_kill(up: Up) -> None:
    children = up.children()

    up.process.kill()
    up.process.wait(10)

    await_gone(children)
