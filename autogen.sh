#!/bin/sh
# Makes configure from configure.ac in a git tree.
set -eu
cd "$(dirname "$0")"
mkdir -p m4
exec autoreconf -fi
