"""The app's two themes, and the colours that texts are drawn with."""

from dataclasses import dataclass
from typing import Literal

from rich.style import Style
from textual.color import Color
from textual.theme import Theme

KAAMOS, HANKI = "kaamos", "hanki"
NO_COLOR_THEME = "ansi-dark"

Tone = Literal[
    "foreground", "muted", "accent", "success", "warning", "error", "quiet", "track", "rule"
]


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours as ``#rrggbb``, '' where there are none; the flags change signs."""

    foreground: str = ""
    muted: str = ""
    accent: str = ""
    success: str = ""
    warning: str = ""
    error: str = ""
    quiet: str = ""
    track: str = ""
    rule: str = ""
    ascii: bool = False
    colourless: bool = False

    def style(self, tone: Tone = "foreground", *, bold: bool = False) -> Style:
        return Style(color=getattr(self, tone) or None, bold=bold or None)

    @property
    def cursor(self) -> str:
        """The sign before the selected row."""
        return ">" if self.colourless or self.ascii else "▌"


_TONES: dict[str, dict[str, str]] = {
    KAAMOS: {
        "foreground": "#dde4ec", "muted": "#97a5b5", "accent": "#5cc5d6", "success": "#86c98a",
        "warning": "#e5b567", "error": "#f28b82", "quiet": "#3f8a98", "track": "#3d4957",
        "rule": "#38434f",
    },
    HANKI: {
        "foreground": "#20252c", "muted": "#57606b", "accent": "#08687a", "success": "#2a6e36",
        "warning": "#855300", "error": "#ab3027", "quiet": "#4f8f9c", "track": "#c4c0b5",
        "rule": "#cbc7bb",
    },
}  # fmt: skip
_GROUNDS = {
    # background, surface, panel, text on accent, cursor row, cursor row without focus
    KAAMOS: ("#11151b", "#191f28", "#222a35", "#0b1216", "#1d3843", "#232b36"),
    HANKI: ("#fbfaf7", "#f1efe9", "#e6e3db", "#ffffff", "#d2e7ea", "#e6e3db"),
}


def own_themes() -> list[Theme]:
    """``kaamos``, dark, and ``hanki``, light."""
    return [_theme(KAAMOS, dark=True), _theme(HANKI, dark=False)]


def palette_of(theme: Theme, *, ascii_only: bool, colourless: bool) -> Palette:
    """The colours of a theme; of one with the terminal's own colours none."""
    if colourless or theme.ansi:
        return Palette(ascii=ascii_only, colourless=colourless)
    tones = _TONES.get(theme.name) or _derived(theme)
    return Palette(**tones, ascii=ascii_only)  # type: ignore[arg-type]


def _theme(name: str, *, dark: bool) -> Theme:
    tones = _TONES[name]
    background, surface, panel, on_accent, cursor, blurred = _GROUNDS[name]
    return Theme(
        name=name,
        dark=dark,
        primary=tones["accent"],
        secondary=tones["accent"],
        accent=tones["accent"],
        success=tones["success"],
        warning=tones["warning"],
        error=tones["error"],
        foreground=tones["foreground"],
        background=background,
        surface=surface,
        panel=panel,
        variables={
            "muted": tones["muted"],
            "quiet": tones["quiet"],
            "track": tones["track"],
            "rule": tones["rule"],
            "on-accent": on_accent,
            "cursor-row": cursor,
            "cursor-row-blurred": blurred,
            "border": tones["accent"],
            "scrollbar": tones["track"],
            "scrollbar-background": background,
            "scrollbar-corner-color": background,
        },
    )


def fallback_variables(theme: Theme) -> dict[str, str]:
    """The variables of app.tcss for themes that don't name them."""
    if theme.ansi:
        names = ("muted", "quiet", "track", "rule", "on-accent")
        values = dict.fromkeys(names, "ansi_default")
        return values | dict.fromkeys(("cursor-row", "cursor-row-blurred"), "ansi_default")
    tones = _derived(theme)
    background = _ground(theme)
    accent = Color.parse(tones["accent"])
    return {
        "muted": tones["muted"],
        "quiet": tones["quiet"],
        "track": tones["track"],
        "rule": tones["rule"],
        "on-accent": background.hex6,
        "cursor-row": background.blend(accent, 0.22).hex6,
        "cursor-row-blurred": background.blend(accent, 0.1).hex6,
    }


def _ground(theme: Theme) -> Color:
    return Color.parse(theme.to_color_system().generate()["background"])


def _derived(theme: Theme) -> dict[str, str]:
    """The tones of one of Textual's own themes."""
    colours = theme.to_color_system().generate()
    background = _ground(theme)
    foreground = Color.parse(colours["foreground"])
    accent = Color.parse(colours["primary"])
    faint = background.blend(foreground, 0.25).hex6
    return {
        "foreground": foreground.hex6,
        "muted": background.blend(foreground, 0.68).hex6,
        "accent": accent.hex6,
        "success": Color.parse(colours["success"]).hex6,
        "warning": Color.parse(colours["warning"]).hex6,
        "error": Color.parse(colours["error"]).hex6,
        "quiet": background.blend(accent, 0.6).hex6,
        "track": faint,
        "rule": faint,
    }
