"""What people are told of: in the bell, by mail at once, or in a digest. Any app above calls `services.notify`."""
