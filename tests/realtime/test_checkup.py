from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

from realtime import checkup
from realtime.settings import OscSettings, Settings, TransportSettings, WebSettings


def test_a_control_port_in_use_is_a_warning_with_a_remedy():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        [line] = checkup.osc(OscSettings(port=port))
    assert not line.ok
    assert "set another port under [osc]" in line.sentence
    [line] = checkup.osc(OscSettings(port=port))
    assert line.ok


def test_a_link_that_is_missing_is_a_warning_where_it_is_asked_for():
    """Tried where it is there and, in another interpreter, where it is not."""
    [line] = checkup.link(TransportSettings(source="link"))
    assert line.ok
    assert line.sentence.startswith("Ableton Link is here (aalink ")
    program = """
import sys
sys.modules["aalink"] = None
from realtime import checkup, settings
for source in ("internal", "link"):
    [line] = checkup.link(settings.TransportSettings(source=source))
    print(line.ok, line.sentence)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    sentence = "Ableton Link needs aalink: pip install '.[link]'."
    assert done.stdout.splitlines() == [f"True {sentence}", f"False {sentence}"]


def test_a_port_of_the_web_in_use_is_a_warning_with_a_remedy():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        settings = Settings(web=WebSettings(port=taken.getsockname()[1]))
        [line] = checkup.web(settings)
    assert not line.ok
    assert "choose another with --web-port" in line.sentence
    [line] = checkup.web(settings)
    assert line.ok


def test_a_preset_that_loads_is_said_with_where_it_runs(tiny_preset: Path):
    [line] = checkup.inference(str(tiny_preset), "cpu")
    assert line.ok
    assert "CPUExecutionProvider" in line.sentence


def test_a_preset_that_is_not_there_is_a_warning():
    [line] = checkup.inference("nowhere", "cpu")
    assert not line.ok


def test_cuda_is_believed_only_when_a_session_has_it(tiny_preset: Path):
    first, *rest = checkup.inference(str(tiny_preset), "cuda")
    assert first.ok
    if "CPUExecutionProvider" in first.sentence:
        assert [line.ok for line in rest] == [False]
        assert rest[0].sentence.startswith("CUDA does not run: ")


def test_priority_and_memory_are_told_with_their_remedies():
    lines = list(checkup.real_time())
    assert len(lines) == (2 if sys.platform == "linux" else 1)
    assert all(line.ok or "/etc/security/limits.d/audio.conf" in line.sentence for line in lines)
