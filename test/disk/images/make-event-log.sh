#!/bin/sh
# Makes the event logs in event-log/ and, with evtxexport, the answers beside them.
#
# The logs come from our own writer (local/disk/event-log and test/disk/event-log/support/evtx-writer.ts): nothing outside Windows writes
# .evtx files. The answers come from evtxexport, which we did not write.
# Needs: apt-get install libevtx-utils; run from anywhere. Running it again gives the same files.
set -eu
cd "$(dirname "$0")/../../.."
command -v evtxexport >/dev/null || { echo 'evtxexport is missing: apt-get install libevtx-utils' >&2; exit 1; }
npx tsx test/disk/event-log/make-images.ts test/disk/images/event-log
