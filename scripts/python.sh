#!/bin/sh
# Runs a script with the first Python of 3.11 or newer: $PYTHON, python3, python3.14 … python3.11.
for python in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
    if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        exec "$python" "$@"
    fi
done
echo "Kefu needs Python 3.11 or newer, and there is none here ($(python3 --version 2>&1))." >&2
echo "Debian 12 and newer: apt-get install python3 python3-venv. macOS: brew install python, or python.org." >&2
echo "If it has another name: make … PYTHON=/path/to/python3" >&2
exit 1
