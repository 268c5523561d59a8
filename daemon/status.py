"""How the daemon is, put together from its parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from masterd.control.protocol import DaemonStatus, InputClock

if TYPE_CHECKING:
    from masterd.daemon.bridge import BridgeStatus
    from masterd.daemon.desk import Desk


def status(desk: Desk) -> DaemonStatus:
    """The result of the operation `status`."""
    air = desk.air.status()
    clients, refused = desk.connections()
    return DaemonStatus(
        name=desk.name,
        version=desk.version,
        boot_id=desk.events.boot_id,
        uptime_s=desk.events.uptime_s,
        host=air.host,
        device=air.device,
        state=air.state,
        sample_rate_hz=air.sample_rate_hz,
        block_frames=air.block_frames,
        latency=air.latency,
        latency_frames=air.latency_frames,
        blocks=air.blocks,
        late_blocks=air.late_blocks,
        xruns=air.xruns,
        nonfinite_samples=air.nonfinite_samples,
        load_percent=air.load_percent,
        longest_block_us=air.longest_block_us,
        block_histogram=list(air.block_histogram),
        revision=desk.state.revision,
        preset=desk.state.preset,
        dirty=desk.state.dirty,
        realtime=air.realtime,
        realtime_reason=air.realtime_reason,
        memory_locked=air.memory_locked,
        host_losses=air.host_losses,
        alarms=list(desk.health.alarms),
        processing_s=air.processing_s,
        clients=clients,
        refused_connections=refused,
        lock=desk.hands_off.lock,
        trial=desk.trials.seen(),
        input_clock=input_clock(air.bridge),
    )


def input_clock(bridge: BridgeStatus | None) -> InputClock | None:
    """As it travels."""
    if bridge is None:
        return None
    return InputClock(plays=bridge.plays, drift_ppm=bridge.drift_ppm, delay_ms=bridge.delay_ms, slips=bridge.slips)


def in_one_line(desk: Desk) -> str:
    """For systemd's STATUS= and the log: rate, latency, preset, and what is wrong."""
    air = desk.air.status()
    latency_ms = 1000 * air.latency_frames / air.sample_rate_hz
    again = "" if air.state in ("running", "finished") else ", trying again"
    parts = [f"{air.host} {air.state}{again}"]
    parts += [f"{air.sample_rate_hz / 1000:g} kHz", f"latency {latency_ms:.1f} ms"]
    parts.append(f"preset {desk.state.preset}" + (" (changed)" if desk.state.dirty else ""))
    if desk.health.alarms:
        parts.append("ALARM " + ", ".join(desk.health.alarms))
    return "; ".join(parts)
