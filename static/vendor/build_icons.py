"""Write static/img/icons.svg, the sprite of every icon in static/vendor/lucide/.

Run it after adding or removing an icon: `python static/vendor/build_icons.py`.
With `--check` it writes nothing and exits 1 when the sprite is out of date.
"""

import argparse
import re
import sys
from pathlib import Path

NOTE = (
    "<!-- Lucide icons, see static/vendor/lucide/LICENSE. Made by static/vendor/build_icons.py. -->"
)

VENDOR = Path(__file__).resolve().parent
ICONS = VENDOR / "lucide"
SPRITE = VENDOR.parent / "img" / "icons.svg"


def symbol(path: Path) -> str:
    """Return the drawing of one icon as a symbol; stroke and fill come from the `.icon` class."""
    text = path.read_text(encoding="utf-8")
    drawing = re.search(r"<svg\b[^>]*>(.*)</svg>", text, re.DOTALL)
    if drawing is None:
        raise ValueError(f"{path.name} is not an SVG file")
    shapes = "".join(line.strip() for line in drawing[1].splitlines())
    return f'<symbol id="{path.stem}" viewBox="0 0 24 24">{shapes}</symbol>'


def sprite(folder: Path) -> str:
    """Return the sprite of all icons in `folder`, ordered by name."""
    return "\n".join(
        [
            NOTE,
            '<svg xmlns="http://www.w3.org/2000/svg">',
            *(symbol(path) for path in sorted(folder.glob("*.svg"))),
            "</svg>",
            "",
        ]
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="only tell whether it is up to date")
    wanted = sprite(ICONS)
    if parser.parse_args().check:
        current = SPRITE.read_text(encoding="utf-8") if SPRITE.exists() else ""
        if current != wanted:
            print(f"{SPRITE} is out of date: run {Path(__file__).name}", file=sys.stderr)
            return 1
        return 0
    SPRITE.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
