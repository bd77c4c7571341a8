"""Fault runs: processes are killed under load, and what was acknowledged must still be there. `make faults`."""
