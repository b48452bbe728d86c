"""What `glissar doctor` looks at: each check answers with lines, each warning with its remedy."""

from __future__ import annotations

import contextlib
import ctypes
import importlib.util
import os
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from presets.errors import GlissarError
from presets.preset import read_named
from realtime import priority
from realtime.latency import round_trip
from realtime.ports import link as ableton
from realtime.ports.systems import candidates, names
from realtime.ports.web import WebPort
from realtime.settings import MidiSettings, OscSettings, Settings, TransportSettings


@dataclass(frozen=True, slots=True)
class Line:
    ok: bool
    sentence: str


def midi(settings: MidiSettings) -> Iterator[Line]:
    """Each MIDI system that would be tried, in order; and whether any works."""
    found = False
    for api in candidates(settings.api):
        try:
            inputs, outputs = names(api)
        except GlissarError as error:
            yield Line(False, str(error))
            continue
        found = True
        yield Line(True, f"{api.title} works: {len(inputs)} inputs, {len(outputs)} outputs.")
    if not found:
        yield Line(False, "No MIDI: nothing can be played live until one of these answers.")


def real_time() -> Iterator[Line]:
    """Whether the player would run before others, and from memory that stays in place."""
    limits = "/etc/security/limits.d/audio.conf, join the group audio, and log in again."
    if sys.platform != "linux":
        yield Line(True, "Real-time priority is left to the system here.")
        return
    if priority.real_time():
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))  # it was only a question
        yield Line(True, "Real-time priority is granted.")
    else:
        yield Line(False, f"Real-time priority is refused: add '@audio - rtprio 20' to {limits}")
    if priority.lock_memory():
        priority.unlock_memory()
        yield Line(True, "Memory may be locked.")
    else:
        yield Line(False, f"Memory cannot be locked: add '@audio - memlock unlimited' to {limits}")


def osc(settings: OscSettings) -> Iterator[Line]:
    """Whether the control port could be bound."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            yield Line(
                False,
                f"UDP {settings.host}:{settings.port} cannot be used ({error.strerror}): is "
                "glissar running already? Else set another port under [osc].",
            )
            return
    yield Line(True, f"UDP {settings.host}:{settings.port} is free for OSC.")


def link(settings: TransportSettings) -> Iterator[Line]:
    """Whether a session could be joined; that there is no Link is well where none is asked for."""
    try:
        ableton.load()
    except GlissarError as error:
        yield Line(settings.source != "link", str(error))
        return
    yield Line(True, f"Ableton Link is here (aalink {version('aalink')}).")


def web(settings: Settings) -> Iterator[Line]:
    """Whether the web server could be bound."""
    place = f"TCP {settings.web.host}:{settings.web.port}"
    try:
        WebPort(settings, {}, lambda _: None).close()
    except GlissarError as error:
        yield Line(False, str(error))
    else:
        yield Line(True, f"{place} is free for OSCQuery and the panel.")


def inference(preset: str, provider: str) -> Iterator[Line]:
    """A session is the only evidence: the list of providers names what was built, not what runs."""
    from realtime import model

    said: list[str] = []
    try:
        loaded = model.load(read_named(preset), provider, said.append)
    except GlissarError as error:
        yield Line(False, str(error))
        return
    yield Line(True, f"{preset} loads, on {loaded.provider}.")
    if said:
        yield Line(False, f"CUDA does not run: {_missing_for_cuda()}")


def latency(settings: MidiSettings) -> Iterator[Line]:
    """The driver's round trip, and the settings that make up for it."""
    try:
        trip = round_trip(settings)
    except GlissarError as error:
        yield Line(False, str(error))
        return
    p50, p99 = trip.percentile(50) * 1e3, trip.percentile(99) * 1e3
    yield Line(trip.lost == 0, f"{trip.lost} of {trip.lost + len(trip.taken)} messages were lost.")
    yield Line(
        p99 - p50 < 10,
        f"{trip.api}: from output to input in {p50:.2f} ms (p50), {p99:.2f} ms (p99). "
        "For the driver's part, write into glissar.toml:\n"
        f"     [latency]\n     input = {p50 / 2:.1f}\n     output = {p50 / 2:.1f}\n"
        "   and add to output what your synthesizer takes from a message to its sound.",
    )


def _missing_for_cuda() -> str:
    """What the loader of ONNX Runtime's CUDA part complains about, with the remedy."""
    spec = importlib.util.find_spec("onnxruntime")
    folder = Path(spec.origin if spec and spec.origin else ".").parent / "capi"
    remedy = "install CUDA 13 and cuDNN 9 (pip install 'onnxruntime-gpu[cuda,cudnn]')."
    provider = folder / "libonnxruntime_providers_cuda.so"
    if not provider.exists():
        return "this onnxruntime was built without it; install onnxruntime-gpu."
    try:
        with contextlib.suppress(OSError):
            ctypes.CDLL(str(folder / "libonnxruntime_providers_shared.so"), ctypes.RTLD_GLOBAL)
        ctypes.CDLL(str(provider))
    except OSError as error:
        return f"{error}; {remedy}"
    return "its libraries load, so no usable NVIDIA driver or device was found (see nvidia-smi)."
