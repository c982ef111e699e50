#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# System calls in a guest for ten seconds, on a kernel that has nothing to guide them:
# what is in the corpus, then changes of it, the same each time.
SEED=${SEED:-1} exec "$(dirname "$0")/../../fuzz/vm/run" 10
