#!/usr/bin/env python3
"""two-daemons.py: two daemons on one spool share the work, and either is killed at random."""
import os
import sys

import kit

ROUNDS = os.environ.get("KILL_ROUNDS", "10" if kit.BRIEF else "30")
storm = os.path.join(os.path.dirname(os.path.realpath(__file__)), "kill-storm.py")
os.execv(sys.executable, [sys.executable, "-B", storm, ROUNDS, "2"])
