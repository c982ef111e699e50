#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Each target for ten seconds, after all that once was found.
exec "$(dirname "$0")/../fuzz/run" 10
