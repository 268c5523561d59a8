"""status: how the daemon is."""

from __future__ import annotations

import click

from masterd.control.cli.hand import Hand, json_option, pass_hand
from masterd.control.clock import clock_text
from masterd.control.protocol import DaemonStatus
from masterd.control.text import columns


@click.command()
@json_option
@pass_hand
def status(hand: Hand) -> None:
    """How the daemon is: device, latency, load, late blocks, preset, alarms."""
    now = hand.client.status()
    if hand.json:
        hand.print_json(now)
    else:
        click.echo(columns(rows(now)))


def rows(now: DaemonStatus) -> list[tuple[str, str]]:
    """What people read, most important first."""
    latency_ms = 1000 * now.latency_frames / now.sample_rate_hz if now.sample_rate_hz else 0.0
    realtime = "yes" if now.realtime else f"NO: {now.realtime_reason}"
    lines = [
        ("daemon", f"{now.name}, masterd {now.version}, up {duration_text(now.uptime_s)}"),
        ("audio", f"{now.state}: {now.host} {now.device}".rstrip()),
        ("format", f"{now.sample_rate_hz:g} Hz, blocks of {now.block_frames} frames"),
        ("latency", f"{now.latency_frames} frames = {latency_ms:.2f} ms ({now.latency})"),
        ("load", f"{now.load_percent:.1f} %, longest block {now.longest_block_us:.0f} us"),
        ("blocks", f"{now.blocks}, late {now.late_blocks}, xruns {now.xruns}"),
        ("real-time", f"{realtime}, memory {'locked' if now.memory_locked else 'not locked'}"),
        ("preset", f"{now.preset or '(none)'}{', changed since' if now.dirty else ''}, revision {now.revision}"),
    ]
    if it := now.input_clock:
        held = f"{it.drift_ppm:+.1f} ppm, waits {it.delay_ms:.1f} ms" if it.plays else "not heard"
        lines.append(("input", f"by a clock of its own: {held}, slips {it.slips}"))
    if now.nonfinite_samples:
        lines.append(("guard", f"{now.nonfinite_samples} samples were not finite"))
    if now.host_losses:
        lines.append(("lost", f"the audio host was lost {now.host_losses} times"))
    if now.lock:
        note = f": {now.lock.note}" if now.lock.note else ""
        lines.append(("LOCKED", f"by {now.lock.who} since {clock_text(now.lock.since)}{note}"))
    if now.trial:
        waiting = f"{now.trial.parameters} parameters by {now.trial.who} go back at {clock_text(now.trial.until)}"
        lines.append(("trial", f"{waiting} unless confirmed"))
    if now.clients or now.refused_connections:
        lines.append(("network", f"{now.clients} clients, {now.refused_connections} connections refused"))
    return lines + [("ALARM", text) for text in now.alarms]


def duration_text(seconds: float) -> str:
    """3 d 04:05:06."""
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    clock = f"{hour:02}:{minute:02}:{second:02}"
    return f"{days} d {clock}" if days else clock
