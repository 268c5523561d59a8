"""How much of a noise is heard: A-weighting (IEC 61672-1) and the threshold of hearing (Terhardt 1979), over frequency."""

from __future__ import annotations

import numpy as np


def a_weight(hz: np.ndarray) -> np.ndarray:
    square = hz**2
    low = (square + 20.6**2) ** 2 * (square + 107.7**2) * (square + 737.9**2)
    return 12194**4 * square**4 / (low * (square + 12194**2) ** 2) * 10**0.2


def threshold_db(hz: np.ndarray) -> np.ndarray:
    khz = np.maximum(hz, 20) / 1000
    return 3.64 * khz**-0.8 - 6.5 * np.exp(-0.6 * (khz - 3.3) ** 2) + 1e-3 * khz**4


def audibility(hz: np.ndarray) -> np.ndarray:
    return np.where(hz < 20, 0, 10 ** (-np.clip(threshold_db(hz), -10, 80) / 10))
