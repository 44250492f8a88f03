"""Refuse texts that no translator will ever see: `tr(f"…")` and other calls whose text is not a literal.

lupdate reads the source without running it, so `tr(f"{n} rows")`, `tr(name)` and `tr("a" + "b")` look translated
and never match at run time. The first argument of tr(), and context and text of translate() and of the no-op
markers, must be string literals. A line may be exempted with `# tr: checked` and the reason.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

# Name of the function or method -> positions of the arguments that must be literals.
CALLS = {"tr": (0,), "translate": (0, 1), "QT_TRANSLATE_NOOP": (0, 1), "QT_TR_NOOP": (0,)}
# `translate` is also a method of str, QPainter and the like; only these receivers are Qt's translator.
TRANSLATORS = {"QCoreApplication", "QApplication", "QGuiApplication"}
EXEMPT = "# tr: checked"


def findings(path: Path) -> Iterator[str]:
    """`file:line: what` for each text in `path` that lupdate cannot read."""
    source = path.read_text(encoding="utf-8")
    lines = source.splitlines()
    for node in ast.walk(ast.parse(source, str(path))):
        if not isinstance(node, ast.Call):
            continue
        name = translation_call(node)
        if name is None or EXEMPT in lines[node.lineno - 1]:
            continue
        for position in CALLS[name]:
            if position >= len(node.args):
                yield f"{path}:{node.lineno}: {name}() without a text"
            elif not is_literal(node.args[position]):
                yield f"{path}:{node.lineno}: {name}() needs a string literal, put values in with .format() afterwards"


def translation_call(node: ast.Call) -> str | None:
    """The translation function that this call names, or None."""
    target = node.func
    if isinstance(target, ast.Name) and target.id in CALLS and target.id != "translate":
        return target.id
    if isinstance(target, ast.Attribute) and target.attr in CALLS:
        if target.attr == "translate":
            receiver = target.value
            name = receiver.id if isinstance(receiver, ast.Name) else getattr(receiver, "attr", None)
            return "translate" if name in TRANSLATORS else None
        return target.attr
    return None


def is_literal(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(node.value)


def main(folders: list[str]) -> int:
    found = [
        finding
        for folder in folders or ["core", "gui"]
        for path in sorted(Path(folder).rglob("*.py"))
        for finding in findings(path)
    ]
    for finding in found:
        print(finding)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
