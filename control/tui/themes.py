"""Calm colours that every eye tells apart: blue for levels, yellow near a limit, vermilion over it.

M. Okabe, K. Ito, "Color Universal Design" (2008): these stay apart where red and green do not. No colour speaks alone."""

from __future__ import annotations

from textual.theme import BUILTIN_THEMES, Theme

NIGHT = Theme(
    name="masterd",
    primary="#56b4e9",
    secondary="#e69f00",
    accent="#f0e442",
    success="#2fb891",
    warning="#f0e442",
    error="#ff7043",
    foreground="#c4ccd4",
    background="#0f1317",
    surface="#151a1f",
    panel="#1d242b",
    dark=True,
)
DAY = Theme(
    name="masterd-light",
    primary="#0072b2",
    secondary="#b35c00",
    accent="#7a5c00",
    success="#00795a",
    warning="#8a6d00",
    error="#c03a00",
    foreground="#20262c",
    background="#f6f7f8",
    surface="#eceff1",
    panel="#dfe4e8",
    dark=False,
)
OWN = (NIGHT, DAY)


def names() -> list[str]:
    """All that can be chosen."""
    return [*(theme.name for theme in OWN), *sorted(BUILTIN_THEMES)]
