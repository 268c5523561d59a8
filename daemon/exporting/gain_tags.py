"""What a player needs to play everything equally loud: ReplayGain 2.0, and for Opus the gains of RFC 7845."""

from __future__ import annotations

from dataclasses import dataclass

REPLAYGAIN_LUFS, OPUS_LUFS = -18.0, -23.0
OPUS_STEPS = 256  # per dB
OPUS_MOST = 32767


@dataclass(frozen=True, slots=True)
class Heard:
    """Integrated loudness and true peak of a track, or of an album."""

    integrated_lufs: float
    true_peak_dbtp: float


def gain_tags(suffix: str, track: Heard, album: Heard | None = None) -> dict[str, list[str]]:
    """The tags of a file with that ending; silence gets none."""
    tags: dict[str, list[str]] = {}
    for name, heard in (("track", track), ("album", album)):
        if heard is None or heard.integrated_lufs < -70:
            continue
        if suffix == ".opus":
            gain = round((OPUS_LUFS - heard.integrated_lufs) * OPUS_STEPS)
            tags[f"r128_{name}_gain"] = [str(max(-OPUS_MOST, min(OPUS_MOST, gain)))]
        else:
            tags[f"replaygain_{name}_gain"] = [f"{REPLAYGAIN_LUFS - heard.integrated_lufs:.2f} dB"]
            tags[f"replaygain_{name}_peak"] = [f"{10 ** (heard.true_peak_dbtp / 20):.6f}"]
    return tags
