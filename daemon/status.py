"""How the daemon is, put together from its parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from masterd.control.protocol import DaemonStatus
from masterd.daemon.engine import EngineMeters

if TYPE_CHECKING:
    from masterd.daemon.desk import Desk


def status(desk: Desk) -> DaemonStatus:
    """The result of the operation `status`."""
    air, count = desk.air.status(), desk.meters.latest
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
        **counters(count),
        load_percent=desk.meters.load_percent,
        revision=desk.state.revision,
        preset=desk.state.preset,
        dirty=desk.state.dirty,
        realtime=air.realtime,
        realtime_reason=air.realtime_reason,
        memory_locked=air.memory_locked,
        host_losses=air.losses,
        alarms=list(desk.health.alarms),
    )


def counters(count: EngineMeters | None) -> dict[str, int | float | list[int]]:
    """The engine's part, zero before the first block."""
    if count is None:
        return dict.fromkeys(("blocks", "late_blocks", "xruns", "nonfinite_samples"), 0) | {
            "longest_block_us": 0.0,
            "block_histogram": [],
        }
    return {
        "blocks": count.blocks,
        "late_blocks": count.late_blocks,
        "xruns": count.xruns,
        "nonfinite_samples": count.nonfinite_samples,
        "longest_block_us": count.longest_ns / 1000,
        "block_histogram": list(count.histogram),
    }


def in_one_line(desk: Desk) -> str:
    """For systemd's STATUS= and the log: rate, latency, preset, and what is wrong."""
    air = desk.air.status()
    latency_ms = 1000 * air.latency_frames / air.sample_rate_hz
    parts = [f"{air.host} {air.state}" if air.state == "running" else f"{air.host} {air.state}, trying again"]
    parts += [f"{air.sample_rate_hz / 1000:g} kHz", f"latency {latency_ms:.1f} ms"]
    parts.append(f"preset {desk.state.preset}" + (" (changed)" if desk.state.dirty else ""))
    if desk.health.alarms:
        parts.append("ALARM " + ", ".join(desk.health.alarms))
    return "; ".join(parts)
