"""The connection state and the messages that tell about it, without Home Assistant or aiohttp."""
