"""Smooth randomness in two dimensions, the clay of every simulated landscape.

A texture is a small periodic square of numbers with mean 0 and deviation 1, sampled anywhere at
any scale. So a landscape is the same at every pixel size and in every part of it that is drawn.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.float32]
"""Rows by columns."""
Axis = NDArray[np.float64]
"""Positions of rows (southwards) or columns (eastwards), metres from the tile's corner."""

NODES = 512
"""Points of a texture along each side."""


@dataclass(frozen=True, slots=True)
class Texture:
    """A square of numbers that repeats itself in both directions."""

    nodes: Pixels
    period_m: float
    """Side of the square on the ground."""

    def at(self, y: Axis, x: Axis) -> Pixels:
        """Values on the grid of some rows and columns, linear between the nodes."""
        count = self.nodes.shape[0]
        rows, below, down = _neighbours(y, self.period_m / count, count)
        columns, beside, right = _neighbours(x, self.period_m / count, count)
        lines = self.nodes[rows] * (1 - down)[:, None]
        lines += self.nodes[below] * down[:, None]
        values = np.take(lines, columns, axis=1)
        values *= 1 - right
        difference = np.take(lines, beside, axis=1)
        difference *= right
        values += difference
        return values

    def scaled(self, period_m: float) -> "Texture":
        """The same numbers over another distance."""
        return Texture(self.nodes, period_m)


def _neighbours(
    position: Axis, step: float, count: int
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float32]]:
    steps = position / step
    before = np.floor(steps)
    first = before.astype(np.intp) % count
    return first, (first + 1) % count, (steps - before).astype(np.float32)


def spectral(
    seed: int, period_m: float, *, slope: float, longest_m: float, stretch: float = 1.0
) -> Texture:
    """Noise whose power falls with the frequency, like terrain and clouds.

    Args:
        seed: The same seed makes the same texture.
        period_m: Side of the square, metres.
        slope: Exponent of the fall of the amplitude: 1 is rough, 3 is smooth.
        longest_m: Waves longer than this are damped.
        stretch: Above 1: streaks from west to east.
    """
    grain = np.random.default_rng(seed).standard_normal((NODES, NODES), dtype=np.float32)
    rows = np.fft.fftfreq(NODES, 1 / NODES)[:, None]
    columns = np.fft.rfftfreq(NODES, 1 / NODES)[None, :] * stretch
    waves = np.hypot(rows, columns)
    least = period_m / longest_m
    amplitude = np.where(waves > 0, (waves**2 + least**2) ** (-slope / 2), 0)
    values = np.fft.irfft2(np.fft.rfft2(grain) * amplitude, s=(NODES, NODES))
    values /= values.std()
    return Texture(values.astype(np.float32), period_m)
