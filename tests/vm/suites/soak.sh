#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 'make soak' for a minute.
exec "$(dirname "$0")/../../soak/run" 1
