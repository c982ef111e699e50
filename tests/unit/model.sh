#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The quick part of the model of the ring; make model is all of it.
exec "$(dirname "$0")/../../tools/model/run" --quick
