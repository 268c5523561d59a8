"""The one table that describes every parameter, in the order of the C structs: a row each, grouped as the programme meets them."""

from __future__ import annotations

from collections.abc import Iterator

from masterd.control.curves import Curve
from masterd.control.parameter import Parameter, choice, number, switch

LOG = Curve.LOG

EQ_BANDS = 16
EQ_TYPES = ("bell", "low_shelf", "high_shelf", "tilt", "low_pass", "high_pass", "notch", "band_pass", "all_pass")
EQ_SLOPES = ("6", "12", "18", "24", "36", "48", "60", "72", "96")
EQ_FREQUENCIES_HZ = (30, 45, 65, 100, 150, 225, 340, 500, 750, 1100, 1700, 2500, 3800, 5700, 8500, 12500)

MULTIBAND_CROSSOVERS_HZ = (100, 420, 1600, 6200, 12000)
MULTIBAND_ATTACKS_MS = (30, 20, 10, 8, 5, 5)
MULTIBAND_RELEASES_MS = (400, 300, 200, 150, 120, 100)

MACROS = ("less_more", "1", "2", "3")
"""What a preset may bind many parameters to; `less_more` every factory preset has."""

# fmt: off


def macro() -> Iterator[Parameter]:
    """Knobs that move many parameters along the preset's curves. No stage of the chain."""
    yield number("macro.less_more_percent", "%", 0, 100, 50, 1, "Less-more", "How much of everything: 50 is the preset as authored.")
    for name in MACROS[1:]:
        yield number(f"macro.{name}_percent", "%", 0, 100, 50, 1, f"Macro {name}", "What the preset binds to it; nothing in most.")


def bypass() -> Iterator[Parameter]:
    """The untouched programme."""
    yield switch("bypass.on", False, "Bypass", "Sends the untouched programme to the limiter, delayed by the same latency.")


def input() -> Iterator[Parameter]:
    """What brings a feed to the chain."""
    yield number("input.trim_db", "dB", -24, 24, 0, 0.1, "Input trim", "Gain before everything else.")
    yield choice("input.channels", ("stereo", "swap", "left", "right", "mono"), "stereo", "Input channels",
                 "Left and right feed both sides; mono is half the sum.")
    yield switch("input.invert_left", False, "Invert left", "Turns the polarity of the left channel.")
    yield switch("input.invert_right", False, "Invert right", "Turns the polarity of the right channel.")
    yield switch("input.dc_block", False, "DC blocker", "Removes a constant offset; -0.05 dB at 20 Hz.")
    yield switch("input.subsonic", False, "Subsonic filter", "High-pass, 24 dB/oct.")
    yield number("input.subsonic_hz", "Hz", 10, 80, 20, 1, "Subsonic corner", "-3 dB point of the subsonic filter.", LOG)
    yield switch("input.phase_rotator", False, "Phase rotator", "Makes the peaks of speech alike on both sides of zero.")
    yield switch("input.repair", False, "Stereo repair", "Turns an inverted feed, fills a lost channel from the other.")


def agc() -> Iterator[Parameter]:
    """The leveller."""
    yield switch("agc.on", False, "Leveller on", "Brings the programme to the target loudness, slowly.")
    yield number("agc.target_lufs", "LUFS", -36, -8, -20, 0.5, "Target", "Loudness the leveller aims at.")
    yield number("agc.range_db", "dB", 0, 24, 12, 0.5, "Leveller range", "The most it raises or lowers.")
    yield number("agc.window_db", "dB", 0, 10, 3, 0.1, "Window", "Width around the target inside which it hardly moves.")
    yield number("agc.window_speed_percent", "%", 1, 100, 5, 1, "Window speed", "Speed at the edge of the window; it falls to nothing at the target.", LOG)
    yield number("agc.attack_db_per_s", "dB/s", 0.1, 20, 3, 0.1, "Leveller attack", "How fast it lowers.", LOG)
    yield number("agc.release_db_per_s", "dB/s", 0.1, 20, 1.5, 0.1, "Leveller release", "How fast it raises.", LOG)
    yield number("agc.gate_lufs", "LUFS", -70, -20, -45, 0.5, "Gate", "Below this momentary loudness the gain freezes.")
    yield number("agc.platform_db", "dB", -20, 20, 0, 0.5, "Platform", "Gain to which a frozen leveller drifts.")
    yield number("agc.drift_db_per_s", "dB/s", 0, 1, 0.1, 0.01, "Drift", "How fast a frozen leveller drifts to its platform.")
    yield number("agc.bass_coupling_percent", "%", 0, 100, 75, 1, "Bass coupling", "How far the bass band follows the master band.")
    yield number("agc.crossover_hz", "Hz", 80, 400, 200, 1, "Leveller crossover", "Where bass and master part.", LOG)


def eq_band(band: int) -> Iterator[Parameter]:
    """One band of the equaliser, 1..16."""
    at, name = f"eq.{band}", f"EQ {band}"
    yield switch(f"{at}.on", False, f"{name} on", "Puts this band into the chain.")
    yield choice(f"{at}.type", EQ_TYPES, "bell", f"{name} type", "Shape of the band.")
    yield choice(f"{at}.channel", ("stereo", "left", "right", "mid", "side"), "stereo", f"{name} channel", "What the band works on.")
    yield choice(f"{at}.slope_db_per_oct", EQ_SLOPES, "12", f"{name} slope",
                 "Steepness of low- and high-pass; other types ignore it.", "dB/oct")
    yield number(f"{at}.frequency_hz", "Hz", 10, 20000, EQ_FREQUENCIES_HZ[band - 1], 1, f"{name} frequency", "Centre or corner.", LOG)
    yield number(f"{at}.gain_db", "dB", -24, 24, 0, 0.1, f"{name} gain", "Boost or cut of bell, shelves and tilt.")
    yield number(f"{at}.q", "", 0.1, 40, 0.7071, 0.01, f"{name} Q", "Narrowness: centre frequency over bandwidth.", LOG)
    yield switch(f"{at}.dynamic", False, f"{name} dynamic", "The gain moves with the level: bell and shelves.")
    yield choice(f"{at}.detector", ("own", "wide"), "own", f"{name} detector", "Listens to its own frequencies, or to everything.")
    yield number(f"{at}.threshold_db", "dB", -80, 0, -30, 0.1, f"{name} threshold", "Level above which the gain moves, dBFS.")
    yield number(f"{at}.ratio", "", 1, 20, 2, 0.1, f"{name} ratio", "Level above the threshold becomes gain by 1 - 1/ratio.", LOG)
    yield number(f"{at}.range_db", "dB", -24, 24, -6, 0.1, f"{name} range", "The most the gain moves, and in which direction.")
    yield number(f"{at}.attack_ms", "ms", 0.5, 500, 10, 0.1, f"{name} attack", "Time for 63.2 % of a rise.", LOG)
    yield number(f"{at}.release_ms", "ms", 5, 5000, 150, 1, f"{name} release", "Time for 63.2 % of a fall.", LOG)


def eq() -> Iterator[Parameter]:
    """The equaliser."""
    yield switch("eq.on", True, "Equaliser on", "Off takes every band out.")
    for band in range(1, EQ_BANDS + 1):
        yield from eq_band(band)


def stereo() -> Iterator[Parameter]:
    """The stereo image."""
    yield switch("stereo.on", False, "Stereo on", "Puts the stereo stage into the chain.")
    yield number("stereo.width_percent", "%", 0, 200, 100, 1, "Width", "0 is mono, 100 as it is.")
    yield number("stereo.mid_side_balance_db", "dB", -12, 12, 0, 0.1, "Mid/side balance", "Positive favours the side.")
    yield number("stereo.balance_db", "dB", -12, 12, 0, 0.1, "Balance", "Positive lowers the left, negative the right.")
    yield switch("stereo.mono_bass", False, "Mono bass", "Takes the side away below a frequency.")
    yield number("stereo.mono_below_hz", "Hz", 40, 400, 120, 1, "Mono below", "Corner of mono bass.", LOG)
    yield switch("stereo.banded", False, "Width in bands", "Three widths, one for each band.")
    yield number("stereo.low_mid_hz", "Hz", 60, 1000, 250, 1, "Low/mid", "Where low and mid width part.", LOG)
    yield number("stereo.mid_high_hz", "Hz", 1000, 10000, 4000, 1, "Mid/high", "Where mid and high width part.", LOG)
    yield number("stereo.low_width_percent", "%", 0, 200, 100, 1, "Low width", "On top of the width of all.")
    yield number("stereo.mid_width_percent", "%", 0, 200, 100, 1, "Mid width", "On top of the width of all.")
    yield number("stereo.high_width_percent", "%", 0, 200, 100, 1, "High width", "On top of the width of all.")


def multiband_band(band: int) -> Iterator[Parameter]:
    """One band of the multiband compressor, 1..6."""
    at, name = f"multiband.{band}", f"Band {band}"
    attack_ms, release_ms = MULTIBAND_ATTACKS_MS[band - 1], MULTIBAND_RELEASES_MS[band - 1]
    yield switch(f"{at}.on", True, f"{name} on", "This band's compressor works.")
    yield switch(f"{at}.solo", False, f"{name} solo", "Only bands on solo are heard.")
    yield switch(f"{at}.mute", False, f"{name} mute", "This band is not heard.")
    yield number(f"{at}.threshold_db", "dB", -60, 0, -24, 0.1, f"{name} threshold", "Level above which gain is reduced, dBFS.")
    yield number(f"{at}.ratio", "", 1, 100, 2, 0.1, f"{name} ratio", "Input dB per output dB above the threshold.", LOG)
    yield number(f"{at}.knee_db", "dB", 0, 24, 6, 0.1, f"{name} knee", "Width of the bend around the threshold.")
    yield number(f"{at}.attack_ms", "ms", 0.1, 1000, attack_ms, 0.1, f"{name} attack", "Time for 63.2 % of a rise.", LOG)
    yield number(f"{at}.release_ms", "ms", 5, 5000, release_ms, 1, f"{name} release", "Time for 63.2 % of a fall.", LOG)
    yield switch(f"{at}.auto_release", False, f"{name} auto release", "A slow release joins in after sustained reduction.")
    yield number(f"{at}.range_db", "dB", 0, 60, 24, 0.5, f"{name} range", "The most it may reduce.")
    yield number(f"{at}.gain_db", "dB", -24, 24, 0, 0.1, f"{name} gain", "Level of the band after its compressor.")
    yield switch(f"{at}.limit", False, f"{name} limiter", "Holds the band's level under its limit.")
    yield number(f"{at}.limit_db", "dB", -40, 0, -10, 0.1, f"{name} limit", "Level the band is held under, dBFS.")


def multiband() -> Iterator[Parameter]:
    """The multiband compressor."""
    yield switch("multiband.on", False, "Multiband on", "Off is the untouched programme.")
    yield choice("multiband.bands", ("2", "3", "4", "5", "6"), "5", "Bands", "How many bands the spectrum is cut into.")
    yield choice("multiband.slope_db_per_oct", ("24", "48"), "24", "Crossover slope", "Linkwitz-Riley, 4th or 8th order.", "dB/oct")
    for edge, frequency_hz in enumerate(MULTIBAND_CROSSOVERS_HZ, 1):
        yield number(f"multiband.crossover_{edge}_hz", "Hz", 20, 20000, frequency_hz, 1, f"Crossover {edge}",
                     f"Between band {edge} and {edge + 1}.", LOG)
    yield number("multiband.coupling_percent", "%", 0, 100, 0, 1, "Coupling",
                 "A band is reduced by this share of its neighbour's reduction at least.")
    yield number("multiband.link_percent", "%", 0, 100, 100, 1, "Band stereo link", "100 reduces both channels of a band alike.")
    yield number("multiband.mix_percent", "%", 0, 100, 100, 1, "Multiband mix", "Below 100 the dry programme is mixed in, in phase.")
    for band in range(1, len(MULTIBAND_ATTACKS_MS) + 1):
        yield from multiband_band(band)


def compressor() -> Iterator[Parameter]:
    """The wideband compressor."""
    yield switch("compressor.on", False, "Compressor on", "Off is the untouched programme at the same latency.")
    yield choice("compressor.detector", ("peak", "rms"), "rms", "Detector", "What is measured: peaks, or power over a window.")
    yield number("compressor.threshold_db", "dB", -60, 0, -20, 0.1, "Threshold", "Level above which gain is reduced, dBFS.")
    yield number("compressor.ratio", "", 1, 100, 2, 0.1, "Ratio", "Input dB per output dB above the threshold; 100 is a limiter.", LOG)
    yield number("compressor.knee_db", "dB", 0, 24, 6, 0.1, "Knee", "Width of the bend around the threshold.")
    yield number("compressor.attack_ms", "ms", 0.1, 1000, 20, 0.1, "Attack", "Time for 63.2 % of a rise of reduction, in dB.", LOG)
    yield number("compressor.release_ms", "ms", 5, 5000, 200, 1, "Release", "Time for 63.2 % of a fall of reduction, in dB.", LOG)
    yield switch("compressor.auto_release", False, "Auto release", "A slow release joins in after sustained reduction.")
    yield number("compressor.lookahead_ms", "ms", 0, 5, 0, 0.1, "Look-ahead",
                 "How far the detector hears ahead; never changes the latency.")
    yield number("compressor.rms_window_ms", "ms", 1, 100, 10, 1, "RMS window", "Time constant of the RMS detector.", LOG)
    yield number("compressor.sidechain_high_pass_hz", "Hz", 20, 500, 80, 1, "Side-chain high-pass",
                 "Keeps bass out of the detector.", LOG)
    yield choice("compressor.sidechain_slope_db_per_oct", ("off", "12", "24"), "off", "Side-chain slope",
                 "Steepness of the side-chain high-pass.", "dB/oct")
    yield number("compressor.link_percent", "%", 0, 100, 100, 1, "Stereo link", "100 reduces both channels alike.")
    yield number("compressor.range_db", "dB", 0, 60, 60, 0.5, "Range", "The most the compressor may reduce.")
    yield number("compressor.makeup_db", "dB", -12, 24, 0, 0.1, "Make-up", "Gain after the compressor.")
    yield switch("compressor.auto_makeup", False, "Auto make-up", "Adds half of what the curve takes from 0 dBFS.")
    yield number("compressor.mix_percent", "%", 0, 100, 100, 1, "Mix", "100 is compressed only; below, the dry programme is mixed in.")


def clipper() -> Iterator[Parameter]:
    """The clipper."""
    yield switch("clipper.on", False, "Clipper on", "Off is a plain delay.")
    yield number("clipper.drive_db", "dB", 0, 12, 0, 0.1, "Clipper drive", "Gain into the clipper.")
    yield number("clipper.threshold_db", "dB", -12, 0, -1, 0.1, "Clipper threshold", "Where it is flat, dBFS.")
    yield number("clipper.softness_percent", "%", 0, 100, 50, 1, "Softness", "0 is hard; more begins to bend earlier.")


def generator() -> Iterator[Parameter]:
    """Line-up signals."""
    yield switch("generator.on", False, "Generator on", "Replaces the programme by a line-up signal.")
    yield choice("generator.signal", ("tone", "pink"), "tone", "Signal", "Tone, or pink noise, the same on both sides.")
    yield number("generator.frequency_hz", "Hz", 20, 20000, 1000, 1, "Tone frequency", "Of the tone.", LOG)
    yield number("generator.level_dbfs", "dBFS", -60, 0, -18, 0.1, "Generator level", "A sine's peak; noise of the same power.")


def limiter() -> Iterator[Parameter]:
    """The true-peak limiter."""
    yield choice("limiter.mode", ("transparent", "balanced", "loud"), "transparent", "Limiter mode",
                 "Clean bass, or denser and louder.")
    yield number("limiter.drive_db", "dB", 0, 24, 0, 0.1, "Drive", "Gain into the limiter.")
    yield number("limiter.ceiling_dbtp", "dBTP", -12, 0, -1, 0.1, "Ceiling", "No true peak leaves above this.")
    yield number("limiter.hold_ms", "ms", 0, 50, 10, 0.5, "Hold",
                 "How long a reduction stays before it returns; long enough spares the bass.")
    yield number("limiter.release_ms", "ms", 10, 1000, 60, 1, "Limiter release", "Return after an isolated peak.", LOG)
    yield number("limiter.release_slow_ms", "ms", 100, 5000, 800, 10, "Slow release", "Return after sustained reduction.", LOG)


def output() -> Iterator[Parameter]:
    """The last stage."""
    yield number("output.trim_db", "dB", -24, 0, 0, 0.1, "Output trim", "Gain after the limiter: downwards only.")
    yield switch("output.mute", False, "Mute", "Silence, faded.")
    yield choice("output.word_bits", ("float", "16", "20", "24"), "float", "Word length", "Quantises with dither; float leaves all.")
    yield choice("output.noise_shaping", ("flat", "weighted"), "flat", "Noise shaping",
                 "Weighted moves the noise to where it is heard least.")


# fmt: on


def table() -> Iterator[Parameter]:
    """Every parameter: the macros, then the chain in the order of the C struct `chain_params`."""
    for stage in (macro, bypass, input, agc, eq, stereo, multiband, compressor, clipper, generator, limiter, output):
        yield from stage()
