"""The protocol of AlphaESS inverters: registers in, snapshots out; knows nothing of Home Assistant."""
