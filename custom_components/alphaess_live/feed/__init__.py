"""The connection state and the messages of one inverter, without Home Assistant or aiohttp."""
