"""How words travel to an inverter and back: over the network, a bridge or a line, with the manners it asks for."""
