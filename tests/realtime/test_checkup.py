from __future__ import annotations

import socket
from pathlib import Path

from realtime import checkup
from realtime.settings import OscSettings, Settings, WebSettings


def test_a_control_port_in_use_is_a_warning_with_a_remedy():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        [line] = checkup.osc(OscSettings(port=port))
    assert not line.ok
    assert "set another port under [osc]" in line.sentence
    [line] = checkup.osc(OscSettings(port=port))
    assert line.ok


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
