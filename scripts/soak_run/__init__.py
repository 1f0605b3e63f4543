"""The implementation of `./scripts/soak`: link faults at random, or each one many times, against a real coordinator."""
