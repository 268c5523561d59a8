"""The PortAudio host, on PortAudio's JACK back end, which lists every JACK client as a device: there is no sound card here.

ALSA itself, with its real clocks and its unplugged cables, is not tested.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from instruments.jackd import client_environment, jackd, needs_jack, new_name
from instruments.jackplay import playing
from instruments.on_air import eventually, on_air

from masterd.control.parameters import defaults
from masterd.daemon.air import AirSettings
from masterd.daemon.bridge import Bridge
from masterd.daemon.engine import Engine
from masterd.daemon.hosts import libportaudio
from masterd.daemon.hosts.base import HostError
from masterd.daemon.hosts.libportaudio import JACK_API
from masterd.daemon.hosts.portaudio import UNFED_S, Device, PortAudioHost, PortAudioOptions
from masterd.daemon.realtime import PRIORITY
from masterd.native import lib

pytestmark = [pytest.mark.jack, needs_jack]


@pytest.fixture
def server(monkeypatch):
    name = new_name()
    for key, value in client_environment(name).items():
        monkeypatch.setenv(key, value)
    with jackd(48000, 256, name=name) as it:
        yield it


def programme(frames):
    return np.random.default_rng(2).uniform(-0.5, 0.5, (frames, 2)).astype(np.float32)


def by_name(source: str, destination: str) -> PortAudioOptions:
    return PortAudioOptions(host_api=JACK_API, input_device=source, output_device=destination)


def tone(frames):
    wave = 0.25 * np.sin(2 * np.pi * 1000 / 48000 * np.arange(frames))
    return wave[:, None].repeat(2, axis=1).astype(np.float32)


def test_two_devices_are_two_streams_with_a_bridge_between_them(server):
    """In JACK they have one clock, which the bridge has to find out: nothing slips, and what it carries is the tone."""
    settings = AirSettings(host="portaudio", block_frames=128, portaudio=by_name("radio-play", "radio-record"))
    with playing(server, tone(48000), None, None, "--loop", "--seconds", "60", name="radio") as player:
        player.wait_until_playing()
        with on_air(settings, {"bypass.on": True}) as it:
            it.wait_for("running")
            eventually(lambda: (bridge := it.air.status().bridge) is not None and bridge.plays)
            began = it.air.status().blocks
            eventually(lambda: it.air.status().blocks > began + 3 * 375)
            bridge = it.air.status().bridge
        player.end()
        report, heard = player.result()
    print(bridge, report["stalls"])
    assert bridge.slips == 0
    assert abs(bridge.drift_ppm) < 1000, "after three seconds, by callbacks that are half a millisecond late"
    assert 30 < bridge.delay_ms < 60
    whole = heard[np.flatnonzero(np.abs(heard[:, 0]) > 0.24)[0] :][: 2 * 48000].astype(float)
    assert abs(np.abs(whole).max() - 0.25) < 0.001
    assert report["xruns"] or np.abs(np.diff(whole, 2, axis=0)).max() < 1.05 * 0.25 * (2 * np.pi * 1000 / 48000) ** 2


def test_one_device_is_one_stream(server):
    settings = AirSettings(host="portaudio", block_frames=256, portaudio=by_name("system", "system"))
    with on_air(settings) as it:
        assert it.wait_for("running").device == "system"
        eventually(lambda: it.air.status().blocks > 100)
        assert it.air.status().bridge is None


def test_a_monitor_opens_no_input(server):
    settings = AirSettings(
        host="portaudio", block_frames=256, portaudio=PortAudioOptions(JACK_API, None, "system", priority=PRIORITY)
    )
    with on_air(settings) as it:
        assert it.wait_for("running").device == "system"
        eventually(lambda: it.air.status().blocks > 100)
        assert not [port for port in server.ports() if "masterd-pa" in port and "in" in port.split(":")[1]]


def test_an_input_that_refuses_the_rate_of_the_output_is_told_both(monkeypatch):
    """No device here does; what is said when one does."""
    host, real = PortAudioHost(PortAudioOptions()), Device(0, "line in", "ALSA", 2, 0, 44100)
    rates_hz = iter([48000.0, 44100.0])
    monkeypatch.setattr(host, "_open_stream", lambda *asked: next(rates_hz))
    with pytest.raises(HostError, match="line in -> card: 44100 Hz and 48000 Hz, and both must run at the same rate"):
        host._open_both(None, real, Device(1, "card", "ALSA", 0, 2, 48000))


def test_an_input_that_falls_silent_is_a_lost_host():
    """PortAudio does not say so, and the engine's blocks go on: it is known by the frames that were asked for in vain."""
    host = PortAudioHost(PortAudioOptions())
    host.engine, host._bridge = Engine(48000, "low", defaults()), Bridge(48000, 30)
    for block in range(200):
        lib.bridge_begin(host._bridge.pointer, 512, 10_666_667 * block)
        assert (host.gone is None) == (host.bridge.unfed_frames <= UNFED_S * 48000), block
    assert host.gone == "the input has given nothing for 2 s"
    lib.bridge_stamp(host._bridge.pointer, 512, 2_200_000_000)
    lib.bridge_begin(host._bridge.pointer, 512, 2_200_000_000)
    assert host.gone is None


def test_audio_comes_and_goes_through_the_devices_named(server):
    settings = AirSettings(host="portaudio", block_frames=128, portaudio=by_name("radio-play", "radio-record"))
    ceiling = {"input.trim_db": 12.0, "limiter.ceiling_dbtp": -4.0}
    with playing(server, programme(48000), None, None, "--loop", "--seconds", "60", name="radio") as player:
        player.wait_until_playing()
        with on_air(settings, ceiling) as it:
            running = it.wait_for("running")
            assert running.device == "radio-play -> radio-record"
            eventually(lambda: (meters := it.air.collect()) is not None and min(meters.output.sample_peak) > 0.3)
            eventually(lambda: it.air.status().blocks > 200)
            status = it.air.status()
            assert (status.sample_rate_hz, status.block_frames) == (48000, 128)
            assert (status.realtime, status.realtime_reason.startswith("SCHED_FIFO")) == (server.realtime, server.realtime)
        player.end()
        _, heard = player.result()
    assert 0.3 < np.abs(heard).max() <= 10 ** (-4 / 20)
    assert not heard[-64:].any(), "it has faded out, and let go"


def test_a_device_is_found_by_a_part_of_its_name_and_a_missing_one_names_the_others(server):
    with playing(server, programme(1000), None, None, "--loop", "--seconds", "60", name="radio") as player:
        player.wait_until_playing()
        with pytest.raises(HostError) as told:
            PortAudioHost(by_name("tube", "system")).open()
        assert 'no input device "tube" on JACK Audio Connection Kit; there are: ' in str(told.value)
        assert '"system"' in str(told.value)
        assert '"radio-play"' in str(told.value)
        host = PortAudioHost(by_name("DIO-PL", "system"))
        assert host.open().device == "radio-play -> system"
        host.stop()


def test_part_of_two_names_is_refused(server):
    with (
        playing(server, programme(1000), None, None, "--loop", "--seconds", "60", name="radio-a") as a,
        playing(server, programme(1000), None, None, "--loop", "--seconds", "60", name="radio-b") as b,
    ):
        a.wait_until_playing()
        b.wait_until_playing()
        with pytest.raises(HostError, match='2 input devices match "radio"'):
            PortAudioHost(by_name("radio", "system")).open()


def test_a_rate_the_device_has_not_is_refused(server):
    with pytest.raises(HostError, match="Invalid sample rate"):
        PortAudioHost(by_name("system", "system"), sample_rate_hz=96000).open()


def test_a_host_api_that_is_not_there_has_no_devices():
    with pytest.raises(HostError, match=r'no input device "card" on ASIO; there are: none'):
        PortAudioHost(PortAudioOptions(host_api="ASIO", input_device="card")).open()


def test_another_device_is_opened_and_what_plays_goes_on(server):
    """A list of devices that is new means a library that was ended, with all its streams."""
    settings = AirSettings(host="portaudio", block_frames=256, portaudio=by_name("system", "system"))
    with on_air(settings) as it:
        it.wait_for("running")
        eventually(lambda: it.air.status().blocks > 20)
        for _ in range(2):
            beside = PortAudioHost(by_name("system", "system"))
            beside.open()
            began = it.air.status().blocks
            eventually(lambda began=began: it.air.status().blocks > began + 20)
            beside.stop()
        began = it.air.status().blocks
        eventually(lambda: it.air.status().blocks > began + 20)
        assert (it.air.status().state, it.air.status().host_losses) == ("running", 0)


def test_an_opening_that_hangs_is_left_with_its_library(server, monkeypatch):
    with libportaudio.opening() as hangs:
        library = hangs._lib
        with pytest.raises(HostError, match="opens another device"), libportaudio.opening():
            pass
        monkeypatch.setattr(libportaudio, "HANGS_AFTER_S", 0.1)
        with libportaudio.opening() as other:
            assert other._lib is not library
            assert library.Pa_GetDeviceCount() == other._lib.Pa_GetDeviceCount() > 0
            libportaudio.give_back(other._lib)
    assert library.Pa_GetDeviceCount() > 0


def test_a_turn_that_was_taken_away_is_nobody_s_when_it_is_let_go(server, monkeypatch):
    """One hangs, one waits for it, a third takes the turn away: the second must not open beside the third."""
    monkeypatch.setattr(libportaudio, "ANSWERS_WITHIN_S", 20.0)
    with ThreadPoolExecutor(1) as thread:
        with libportaudio.opening():
            waits = thread.submit(libportaudio._take_turn)
            eventually(waits.running)
            time.sleep(0.2)
            monkeypatch.setattr(libportaudio, "ANSWERS_WITHIN_S", 0.05)
            monkeypatch.setattr(libportaudio, "HANGS_AFTER_S", 0.1)
            third = libportaudio._take_turn()
        with pytest.raises(HostError, match="opens another device"):
            waits.result(20)
        assert third.locked()
        third.release()
