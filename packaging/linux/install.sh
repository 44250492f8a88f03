#!/bin/sh
# Put the built folder (dist/orgmirror) into ~/.local with a menu entry and an icon; --uninstall takes them out again.
# Mirrors, settings and keyring entries are not touched by either.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
data=${XDG_DATA_HOME:-$HOME/.local/share}
bin=$HOME/.local/bin
# Not "orgmirror" or "OrgMirror": that is where the program keeps its data.
program=$data/orgmirror-program

remove() {
    rm -rf "$program"
    rm -f "$bin/orgmirror" "$data/applications/orgmirror.desktop" "$data/metainfo/org.orgmirror.OrgMirror.metainfo.xml" \
        "$data/icons/hicolor/scalable/apps/orgmirror.svg"
}

refresh() {
    if command -v update-desktop-database >/dev/null; then
        update-desktop-database -q "$data/applications" || true
    fi
}

if [ "${1:-}" = --uninstall ]; then
    remove
    refresh
    echo "OrgMirror is removed. Your mirrors and settings are still in $data/OrgMirror."
    exit 0
fi

if [ ! -x "$root/dist/orgmirror/orgmirror" ]; then
    echo "There is no dist/orgmirror yet: run \`make package\` first." >&2
    exit 1
fi

remove
mkdir -p "$program" "$bin" "$data/applications" "$data/metainfo" "$data/icons/hicolor/scalable/apps"
cp -R "$root/dist/orgmirror/." "$program/"
ln -s "$program/orgmirror" "$bin/orgmirror"
# The autostart delay of the shared template has no place in a menu entry.
sed -e "s|\${exec}|\"$program/orgmirror\"|" -e '/^X-GNOME-Autostart-Delay=/d' \
    "$root/resources/desktop/orgmirror.desktop" >"$data/applications/orgmirror.desktop"
cp "$here/metainfo.xml" "$data/metainfo/org.orgmirror.OrgMirror.metainfo.xml"
cp "$root/resources/icons/orgmirror.svg" "$data/icons/hicolor/scalable/apps/orgmirror.svg"
refresh
echo "OrgMirror is installed: look in the menu, or type orgmirror."
case ":$PATH:" in
*":$bin:"*) ;;
*) echo "($bin is not on your PATH yet; a new login usually adds it.)" ;;
esac
