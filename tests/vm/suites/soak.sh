#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Two short rounds of 'make soak', in the mode that does most.
exec "$(dirname "$0")/../../soak/run" 0 "${KERNEL:-default}" in-turn
